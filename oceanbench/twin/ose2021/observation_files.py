"""The observations that maps may use: made from the truth along the tracks, the orbits and the seeds.

They are not shipped, and a digest of their rounded values proves that they are those of the twin. The judge
is shipped as it is.
"""

from pathlib import Path

from oceanbench.progress import Progress, silent
from oceanbench.twin.derived_files import announce, announced_digest, values_digest, write_checked
from oceanbench.twin.ose2021 import design
from oceanbench.twin.ose2021.fleet import MAPPED, Altimeter
from oceanbench.twin.ose2021.flights import fly
from oceanbench.twin.ose2021.l3_files import DIGEST_UNITS, read_mean, write_l3
from oceanbench.twin.track_heights import read_track_heights

__all__ = ["announced_digest", "derive", "observations_digest", "write_digest", "write_observations"]


def derive(root: Path, out: Path, *, progress: Progress | None = None) -> None:
    """Write the observations at their paths below ``out``; see :func:`write_observations`."""
    write_observations(root, out / design.OBSERVATIONS_FOLDER, progress=progress)


def write_observations(data_folder: Path, out_folder: Path, *, progress: Progress | None = None) -> None:
    """Write the level-3 files of the six mapped missions; the same data folder gives the same values.

    Parameters
    ----------
    data_folder : Path
        Data folder of the twin.
    out_folder : Path
        Where the files go, made if missing; files of the same names are replaced.
    progress : callable, optional
        Called with a sentence and how much is done, 0..1.

    Raises
    ------
    FileNotFoundError
        If heights, mean or digest are missing.
    DigestError
        If the values differ from the published ones; nothing is left in ``out_folder`` then.
    """
    tell = progress or silent
    write_checked(
        data_folder,
        out_folder,
        make=lambda made: _write_fleet(data_folder, made, tell),
        digest=observations_digest,
    )


def write_digest(folder: Path) -> str:
    """Make the observations of ``folder``, write their digest into it and return it."""
    return announce(folder, make=lambda made: _write_fleet(folder, made, silent), digest=observations_digest)


def observations_digest(folder: Path) -> str:
    """SHA-256 of the rounded values in a folder of observations, whatever the bytes of the files."""
    return values_digest({a.name: folder / a.file_name for a in MAPPED}, DIGEST_UNITS)


def write_altimeter(folder: Path, altimeter: Altimeter, out: Path) -> None:
    """Write the file of one altimeter from the heights and the mean of a data folder."""
    heights = read_track_heights(folder / design.HEIGHTS_FILE)[altimeter.name]
    write_l3(out / altimeter.file_name, altimeter, fly(altimeter), heights, read_mean(folder))


def _write_fleet(folder: Path, out: Path, progress: Progress) -> None:
    for done, altimeter in enumerate(MAPPED):
        progress("observing the twin", done / len(MAPPED))
        write_altimeter(folder, altimeter, out)
    progress("observing the twin", 1.0)
