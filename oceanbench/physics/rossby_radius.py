"""First baroclinic Rossby radius and gravity-wave speed of the ocean: the atlas of Chelton et al. (1998).

The atlas is a text file of four columns: latitude, longitude (0..360), speed (m/s), radius (km), at the
middles of boxes of 1 degree, without land. It is not shipped; it is looked for in the data folder
(``OCEANBENCH_DATA``, or the user's cache) as ``rossrad.dat``, the name under which its authors give it, or
``rossrad_chelton1998.dat``, there or in its folder ``aux``.

References
----------
Chelton, D. B., R. A. deSzoeke, M. G. Schlax, K. El Naggar and N. Siwertz (1998), Geographical variability of
the first baroclinic Rossby radius of deformation, J. Phys. Oceanogr. 28, 433-460,
doi:10.1175/1520-0485(1998)028<0433:GVOTFB>2.0.CO;2.
"""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from oceanbench.data_files import data_home

__all__ = ["RossbyAtlas", "find_rossby_atlas", "read_rossby_atlas"]

type Floats = NDArray[np.float64]

_NAMES: Final = ("rossrad.dat", "rossrad_chelton1998.dat")
_DOI: Final = "10.1175/1520-0485(1998)028<0433:GVOTFB>2.0.CO;2"


@dataclass(frozen=True)
class RossbyAtlas:
    """Values at the middles of boxes of 1 degree; NaN on land and where the atlas has none.

    Attributes
    ----------
    lat : array, shape (180,), degrees north, -89.5..89.5
    lon : array, shape (360,), degrees east, -179.5..179.5
    speed : array, shape (180, 360)
        Phase speed of first-mode baroclinic gravity waves, m/s.
    radius : array, shape (180, 360)
        First baroclinic Rossby radius of deformation, km.
    """

    lat: Floats
    lon: Floats
    speed: Floats
    radius: Floats

    def radius_at(self, lon: ArrayLike, lat: ArrayLike) -> Floats:
        """Rossby radius at places, km; see `at` for what is between boxes and on land."""
        return self.at(self.radius, lon, lat)

    def speed_at(self, lon: ArrayLike, lat: ArrayLike) -> Floats:
        """Phase speed at places, m/s; see `at` for what is between boxes and on land."""
        return self.at(self.speed, lon, lat)

    def at(self, field: Floats, lon: ArrayLike, lat: ArrayLike) -> Floats:
        """Field at places: bilinear between the boxes around that are ocean, else that of the nearest box.

        Parameters
        ----------
        field : array, shape (180, 360)
        lon, lat : array, degrees
            Any turn; broadcast against each other.

        Raises
        ------
        ValueError
            If a place is not finite.
        """
        east, north = np.broadcast_arrays(np.asarray(lon, np.float64), np.asarray(lat, np.float64))
        if not (np.isfinite(east).all() and np.isfinite(north).all()):
            raise ValueError("a place without a finite longitude or latitude has no Rossby radius")
        values = _bilinear(field, east.ravel(), north.ravel())
        for index in np.flatnonzero(np.isnan(values)):
            values[index] = self._nearest(field, east.ravel()[index], north.ravel()[index])
        return values.reshape(east.shape)

    def _nearest(self, field: Floats, lon: float, lat: float) -> float:
        """Value of the ocean box whose middle is nearest on the sphere."""
        rows, columns = np.nonzero(np.isfinite(field))
        lats, lons = np.deg2rad(self.lat[rows]), np.deg2rad(self.lon[columns] - lon)
        here = np.deg2rad(lat)
        closeness = np.sin(here) * np.sin(lats) + np.cos(here) * np.cos(lats) * np.cos(lons)
        best = int(np.argmax(closeness))
        return float(field[rows[best], columns[best]])


def _bilinear(field: Floats, lon: Floats, lat: Floats) -> Floats:
    """Mean of the four boxes around, those that are NaN left out; NaN where all four are."""
    column, row = np.mod(lon + 179.5, 360.0), np.clip(lat + 89.5, 0.0, 179.0)
    west, south = np.floor(column).astype(np.int64), np.minimum(np.floor(row).astype(np.int64), 178)
    part_x, part_y = column - west, row - south
    total, weight = np.zeros(lon.size), np.zeros(lon.size)
    for dy, in_y in ((0, 1.0 - part_y), (1, part_y)):
        for dx, in_x in ((0, 1.0 - part_x), (1, part_x)):
            values = field[south + dy, (west + dx) % 360]
            share = np.where(np.isfinite(values), in_x * in_y, 0.0)
            total += share * np.nan_to_num(values)
            weight += share
    known = weight > 1e-9
    return np.where(known, total / np.where(known, weight, 1.0), np.nan)


def find_rossby_atlas(given: str | Path | None = None) -> Path:
    """Give the path of the atlas.

    Parameters
    ----------
    given : str or pathlib.Path, optional
        The file, or a folder that holds it under one of its names; else it is looked for in the data folder.

    Raises
    ------
    FileNotFoundError
        If it is not there; says how to get it.
    """
    folders = [Path(given)] if given is not None else [data_home(), data_home() / "aux"]
    if given is not None and Path(given).is_file():
        return Path(given)
    for path in (folder / name for folder in folders for name in _NAMES):
        if path.is_file():
            return path
    raise FileNotFoundError(
        f"no atlas of the Rossby radius ({' or '.join(_NAMES)}) at {', '.join(map(str, folders))}; "
        f"get rossrad.dat, which comes with doi:{_DOI}, from its authors and put it there, or give its path"
    )


def read_rossby_atlas(given: str | Path | None = None) -> RossbyAtlas:
    """Read the atlas; `find_rossby_atlas` says from where.

    Raises
    ------
    FileNotFoundError
        If it is not there.
    ValueError
        If the file is not what the atlas is.
    """
    return _read(find_rossby_atlas(given))


@lru_cache(maxsize=2)
def _read(path: Path) -> RossbyAtlas:
    lat, lon, speed, radius = _table(path).T
    row, column = (
        np.rint(lat + 89.5).astype(np.int64),
        np.rint(np.mod(lon + 179.5, 360.0)).astype(np.int64) % 360,
    )
    fields = np.full((2, 180, 360), np.nan)
    fields[:, row, column] = speed, radius
    fields.flags.writeable = False  # one reading serves all callers
    return RossbyAtlas(np.arange(-89.5, 90.0), np.arange(-179.5, 180.0), *fields)


def _table(path: Path) -> Floats:
    try:
        table = np.loadtxt(path, dtype=np.float64, ndmin=2)
    except ValueError as error:
        raise ValueError(f"{path} is not the atlas of the Rossby radius: {error}") from error
    if table.shape[1] != 4 or not table.size:
        raise ValueError(
            f"{path} has {table.shape[1]} columns; the atlas has four: lat, lon, speed (m/s), radius (km)"
        )
    off = np.abs(np.mod(table[:, :2], 1.0) - 0.5).max()
    if off > 1e-6 or np.abs(table[:, 0]).max() > 90.0 or (table[:, 2:] <= 0).any():
        raise ValueError(
            f"{path} is not the atlas of the Rossby radius: that has middles of boxes of 1 degree, latitude "
            "first, and speeds and radii above 0"
        )
    return table
