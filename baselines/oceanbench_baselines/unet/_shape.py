"""How large the network is; needs no jax."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Shape:
    """Sizes of the network.

    Parameters
    ----------
    widths : tuple of int
        Channels of each level, finest first.
    blocks : tuple of int
        Residual blocks of each level, on the way down; one more on the way up, but for the coarsest.
    """

    widths: tuple[int, ...] = (32, 64, 96)
    blocks: tuple[int, ...] = (1, 1, 2)

    @property
    def multiple(self) -> int:
        """Lines and pixels must be whole multiples of this."""
        return int(2 ** len(self.widths))
