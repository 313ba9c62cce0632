"""Where the passes of a swath lie: one file, one Zarr folder, a folder of them, a list."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

type PathLike = str | os.PathLike[str]

_SUFFIXES = (".nc", ".nc4", ".cdf")
_ZARR = ".zarr"
_ZARR_MARKS = ("zarr.json", ".zgroup")


@dataclass(frozen=True)
class PassFiles:
    """Files that hold passes.

    Attributes
    ----------
    files : tuple of Path
        NetCDF files and Zarr folders, in order of name, or as they were listed.
    left_aside : tuple of str
        Names of what else lies in the folder.
    """

    files: tuple[Path, ...]
    left_aside: tuple[str, ...] = ()


def pass_files(source: PathLike | Sequence[PathLike]) -> PassFiles:
    """Find the files that hold passes; none is opened.

    Parameters
    ----------
    source : path or sequence of paths
        A folder with NetCDF files or Zarr folders (folders below it are not searched), one NetCDF file, one
        Zarr folder, or a list of files.

    Raises
    ------
    FileNotFoundError
        Where there is nothing at the path, or no file of a pass in it.
    """
    if not isinstance(source, str | os.PathLike):
        return _listed(source)
    path = Path(source)
    if not path.exists():
        raise FileNotFoundError(
            f"there is no file or folder {os.fspath(source)!r}; give a folder, a file, or a list of files"
        )
    if not path.is_dir() or is_zarr(path):
        return PassFiles((path,))
    return _in_folder(path)


def is_zarr(path: Path) -> bool:
    """Tell whether a path is the folder of a Zarr store."""
    return path.is_dir() and any((path / name).exists() for name in _ZARR_MARKS)


def _listed(paths: Sequence[PathLike]) -> PassFiles:
    if not paths:
        raise FileNotFoundError("no NetCDF file of a pass in an empty list; give the files of the passes")
    return PassFiles(tuple(Path(path) for path in paths))


def _in_folder(folder: Path) -> PassFiles:
    inside = sorted(folder.iterdir())
    files = tuple(path for path in inside if _holds_passes(path))
    left_aside = tuple(path.name for path in inside if not _holds_passes(path))
    if not files:
        held = ", ".join(left_aside[:5]) + (" and more" if len(left_aside) > 5 else "")
        raise FileNotFoundError(
            f"no NetCDF file of a pass in {str(folder)!r}, which holds {held or 'nothing'}; "
            "give the folder in which the files of the passes lie"
        )
    return PassFiles(files, left_aside)


def _holds_passes(path: Path) -> bool:
    if path.name.startswith("."):
        return False
    return path.suffix in (_SUFFIXES if not path.is_dir() else (_ZARR,)) or is_zarr(path)
