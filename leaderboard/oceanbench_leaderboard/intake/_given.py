"""What everybody may know of the passes that were given to filter: their numbers, sizes and times."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from oceanbench.challenge import Challenge, Track
from oceanbench.data_files import MissingDataError, observation_files
from oceanbench_leaderboard.intake._job import GivenPass, Key

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["GivenPasses", "given_passes"]


@dataclass(frozen=True)
class GivenPasses:
    """The passes of a track, and the times of all their lines, nanoseconds, as little-endian integers."""

    passes: tuple[GivenPass, ...]
    times: bytes

    @property
    def most_values(self) -> int:
        """Values that the largest variable of a submitted file may have: some passes too many are named."""
        return 4 * sum(one.lines for one in self.passes) * max(one.pixels for one in self.passes)


def given_passes(challenge: Challenge, track: str) -> GivenPasses:
    """Look up the passes of a track, in the data of this machine.

    Raises
    ------
    MissingDataError
        If they are not all here.
    """
    wanted = challenge.track(track)
    opened = _by_cycle(challenge, wanted) if challenge.kind == "filter-ose" else _by_number(challenge, wanted)
    times = b"".join(swath["time"].values.astype("<M8[ns]").tobytes() for swath in opened.values())
    passes = tuple(_given(key, swath) for key, swath in opened.items())
    for swath in opened.values():
        swath.close()
    return GivenPasses(passes, times)


def _given(key: Key, swath: "xr.Dataset") -> GivenPass:
    cycle, number = (None, key) if isinstance(key, int) else key
    return GivenPass(cycle, number, swath.sizes["num_lines"], swath.sizes["num_pixels"])


def _by_number(challenge: Challenge, track: Track) -> Mapping[int, "xr.Dataset"]:
    from oceanbench.swaths import open_passes

    file = challenge.file(track.observations[0])
    paths = observation_files(challenge, file)
    passes = open_passes(paths, layout=file.layout, variables=())
    if track.passes and len(passes) != track.passes:
        raise MissingDataError(f"{len(passes)} of the {track.passes} passes of {challenge.id} are here")
    return passes


def _by_cycle(challenge: Challenge, track: Track) -> Mapping[tuple[int, int], "xr.Dataset"]:
    from oceanbench.swaths import open_swath, split_passes

    file = challenge.file(track.observations[0])
    paths: Sequence[Path] = observation_files(challenge, file)
    if len(paths) != 1:
        raise MissingDataError(f"{len(paths)} files hold the passes of {challenge.id}; expected one")
    numbers = ("cycle_number", "pass_number")
    return split_passes(open_swath(paths[0], layout=file.layout, variables=numbers))
