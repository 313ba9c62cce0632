"""How long to wait for a server, and how often to ask again."""

from dataclasses import dataclass

__all__ = ["Patience"]


@dataclass(frozen=True)
class Patience:
    """Limits of waiting, in seconds.

    Parameters
    ----------
    connect : float
        For a connection to be made.
    stall : float
        For the next byte; a transfer that stands still longer is broken off and continued.
    pauses : tuple of float
        Before the second, third, … attempt at one candidate; their number is that of the repetitions. A
        transfer that grew by ``progress_bytes`` since has all of them before it again.
    longest_pause : float
        At most this long is waited even where a server asks for more (``Retry-After``).
    progress_bytes : int
        What counts as progress.
    """

    connect: float = 20.0
    stall: float = 60.0
    pauses: tuple[float, ...] = (1.0, 4.0, 15.0)
    longest_pause: float = 120.0
    progress_bytes: int = 1 << 20
