"""The observations along tracks of set-ups B and C: made from the truth under them and the orbits.

They have no errors, as in 2022b. They are not shipped, and a digest of their rounded values proves that they
are those of the twin; the full fields of set-up A are shipped.
"""

from pathlib import Path
from typing import Final

import netCDF4
import numpy as np
from numpy.typing import NDArray

from oceanbench.progress import Progress, silent
from oceanbench.twin.derived_files import announce, announced_digest, values_digest, write_checked
from oceanbench.twin.toy2022 import design
from oceanbench.twin.toy2022.flights import FOUR_NADIRS, REPEATED, Samples, flights
from oceanbench.twin.track_heights import COUNT, read_track_heights

__all__ = ["announced_digest", "derive", "observations_digest", "track_path", "write_digest"]

DEGREE_COUNT: Final = 1e-6
_DIGEST_UNITS: Final = {"lon": 1e-3, "lat": 1e-3, "time": 100.0, "ssh": COUNT}


def track_path(name: str) -> str:
    """Path of the file of one altimeter below the data folder."""
    if name == REPEATED:
        return f"{design.JASON_LIKE}/{design.JASON_LIKE}.nc"
    return f"{design.NADIR_LIKE}/{design.NADIR_LIKE}_{name}.nc"


def derive(root: Path, out: Path, *, progress: Progress | None = None) -> None:
    """Write the observations of set-ups B and C at their paths below ``out``.

    Parameters
    ----------
    root : Path
        Data folder of the twin.
    out : Path
        Folder to fill, made if missing.
    progress : callable, optional
        Called with a sentence and how much is done, 0..1.

    Raises
    ------
    FileNotFoundError
        If heights or digest are missing.
    DigestError
        If the values differ from the published ones; nothing is left in ``out`` then.
    """
    tell = progress or silent
    write_checked(root, out, make=lambda made: _write_tracks(root, made, tell), digest=observations_digest)


def write_digest(folder: Path) -> str:
    """Make the observations of ``folder``, write their digest into it and return it."""
    return announce(folder, make=lambda made: _write_tracks(folder, made, silent), digest=observations_digest)


def observations_digest(folder: Path) -> str:
    """SHA-256 of the rounded values in a folder of observations, whatever the bytes of the files."""
    names = (*FOUR_NADIRS.values(), REPEATED)
    return values_digest({name: folder / track_path(name) for name in names}, _DIGEST_UNITS)


def _write_tracks(folder: Path, out: Path, progress: Progress) -> None:
    heights = read_track_heights(folder / design.HEIGHTS_FILE)
    flown = flights()
    for done, (name, samples) in enumerate(flown.items()):
        progress("observing the twin", done / len(flown))
        _write(out / track_path(name), name, samples, heights[name])
    progress("observing the twin", 1.0)


def _write(path: Path, name: str, samples: Samples, heights: NDArray[np.int64]) -> None:
    if heights.size != samples.seconds.size:
        raise ValueError(
            f"{name}: {heights.size} heights for {samples.seconds.size} samples; restore the twin's data"
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    columns = {
        "time": np.rint(samples.seconds * 1e3).astype(np.int64),
        "lon": np.rint(samples.lon / DEGREE_COUNT) % 360e6 * DEGREE_COUNT,
        "lat": np.rint(samples.lat / DEGREE_COUNT) * DEGREE_COUNT,
        "ssh": heights * COUNT,
    }
    attributes = {
        "time": {"units": f"milliseconds since {str(design.EPOCH)[:10]} 00:00:00", "standard_name": "time"},
        "lon": {"units": "degrees_east", "standard_name": "longitude"},
        "lat": {"units": "degrees_north", "standard_name": "latitude"},
        "ssh": {"units": "m", "long_name": "sea surface height of the truth"},
    }
    with netCDF4.Dataset(path, "w") as dataset:
        dataset.title = f"{design.NAME}: synthetic observations, {name}"
        dataset.createDimension("time", samples.seconds.size)
        for column, values in columns.items():
            variable = dataset.createVariable(column, values.dtype.str[1:], ("time",))
            variable.setncatts(attributes[column])
            variable[:] = values
