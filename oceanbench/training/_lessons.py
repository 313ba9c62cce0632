"""What a challenge gives to learn from: passes with their truth."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from oceanbench.challenge import Challenge, DataFile
from oceanbench.data_files import observation_files
from oceanbench.observations import LAYOUTS
from oceanbench.progress import Progress, silent
from oceanbench.swaths import height_in, open_swath

__all__ = ["Lessons", "lessons_of"]


@dataclass(frozen=True, eq=False)
class Lessons:
    """Passes to learn from.

    Attributes
    ----------
    paths : tuple of Path
        Files of the passes.
    heights : tuple of array (lines, pixels), metres
        True heights of each, NaN where there is none.
    """

    paths: tuple[Path, ...]
    heights: tuple[NDArray[np.float64], ...]


def lessons_of(challenge: Challenge, data: Path | None = None, progress: Progress = silent) -> Lessons:
    """Read the true heights of the training passes of a challenge; none of those that are scored.

    Parameters
    ----------
    challenge : Challenge
    data : Path, optional
        Folder with its files.
    progress : callable
        Called with the name of the stage and how much of it is done, 0..1.

    Raises
    ------
    ValueError
        If the challenge has no passes to learn from.
    MissingDataError
        If they are not on this machine.
    """
    file = _training_file(challenge)
    paths = observation_files(challenge, file, data, progress)
    heights = []
    for number, path in enumerate(paths):
        progress("reading passes", number / len(paths))
        heights.append(_heights(path, file))
    progress("reading passes", 1.0)
    return Lessons(tuple(paths), tuple(heights))


def _training_file(challenge: Challenge) -> DataFile:
    for file in challenge.files_of("training"):
        if file.layout in LAYOUTS and LAYOUTS[file.layout].swath and file.height:
            return file
    raise ValueError(
        f"{challenge.id} has no passes with a truth to learn from; name a challenge that has a swath among "
        "its files of the role training, such as 2022a-twin"
    )


def _heights(path: Path, file: DataFile) -> NDArray[np.float64]:
    with open_swath(path, layout=file.layout, variables=list(file.height)) as swath:
        return height_in(swath, file.height)
