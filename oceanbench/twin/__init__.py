"""Synthetic oceans that stand for a challenge where its data cannot be had: one package for each twin.

A package gives `SEED` and `build`, which runs the ocean and writes the twin's data folder, and, where part of
the files is made from the shipped ones, `derive` and `announced_digest`. Packages are imported when asked
for: the commands that list things stay quick, and only `build` needs jax.
"""

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Final, Protocol, cast

from oceanbench.progress import Progress
from oceanbench.registry import near_matches

__all__ = ["TWINS", "DigestError", "announced_digest", "build", "derive"]

TWINS: Final[Mapping[str, str]] = {
    "2020a-twin": "oceanbench.twin.osse2020",
    "2021a-twin": "oceanbench.twin.ose2021",
    "2022a-twin": "oceanbench.twin.karin2022",
    "2022b-twin": "oceanbench.twin.toy2022",
}
"""The package of each twin, by the name of its challenge."""


class DigestError(ValueError):
    """What was made here is not what the twin was published with."""


class _Build(Protocol):
    def __call__(self, out: Path, *, seed: int, progress: Progress | None = None) -> None: ...


def _package(name: str) -> ModuleType:
    if name not in TWINS:
        raise LookupError(
            f"{name} is not built by the program; {near_matches(name, TWINS)}"
            f"what can be built: {', '.join(TWINS)}"
        )
    return import_module(TWINS[name])


def build(name: str, out: Path, *, seed: int | None = None, progress: Progress | None = None) -> None:
    """Run the ocean of a twin again and write its data folder; takes minutes and needs jax.

    Parameters
    ----------
    name : str
        Name of the challenge, one of `TWINS`.
    out : Path
        Folder to fill; made if missing.
    seed : int, optional
        Seed of the run; that of the published twin if not given.
    progress : callable, optional
        Called with the name of the stage and how much of it is done, 0..1.

    Raises
    ------
    LookupError
        If no twin has that name.
    """
    package = _package(name)
    run = cast(_Build, package.build)
    run(out, seed=package.SEED if seed is None else seed, progress=progress)


def derive(name: str, root: Path, out: Path, *, progress: Progress | None = None) -> None:
    """Make the files of a twin that follow from its shipped ones; the same root gives the same values.

    Parameters
    ----------
    name : str
        Name of the challenge.
    root : Path
        The twin's data folder.
    out : Path
        Folder to fill with files at the paths of their definition; made if missing.
    progress : callable, optional
        Called with a sentence and how much is done, 0..1.

    Raises
    ------
    DigestError
        If the values differ from the published ones; nothing is left in ``out`` then.
    """
    _package(name).derive(root, out, progress=progress)


def announced_digest(name: str, root: Path) -> str:
    """Give the digest that a twin's data folder announces for what is derived from it.

    Raises
    ------
    FileNotFoundError
        If the folder has no such announcement, and so is not the data folder of that twin.
    """
    return str(_package(name).announced_digest(root))
