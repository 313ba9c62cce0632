"""The heights of one pass, its regimes, and the lines of its neighbours that the official code mixes in."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

QUANTITIES = ("ssh", "speed", "vorticity")
REGIMES = ("global", "coastal", "offshore_low", "offshore_high")
# a second derivative reaches two lines; at an end of the whole set, where it is one-sided, it reaches three
HALO_LINES = 3


class PassFields(NamedTuple):
    """What one pass is scored from; all arrays have the shape (lines, pixels).

    Attributes
    ----------
    truth, noisy, filtered : array of float64, metres
        True, given and filtered heights; NaN where missing.
    lon, lat : array of float64, degrees
        Longitudes -180..180.
    offshore : array of bool
        Farther than 200 km from the coast.
    low_variability : array of bool
        Variance of the height below 200 cm².
    """

    truth: FloatArray
    noisy: FloatArray
    filtered: FloatArray
    lon: FloatArray
    lat: FloatArray
    offshore: BoolArray
    low_variability: BoolArray

    @property
    def heights(self) -> FloatArray:
        """Truth, noisy and filtered heights as one array, shape (3, lines, pixels), metres."""
        return np.stack([self.truth, self.noisy, self.filtered])

    def regimes(self) -> FloatArray:
        """One in the pixels of each exclusive regime, else zero: coastal, offshore low, offshore high.

        Every pixel is in one of them: the three together are ``global``.
        """
        low = self.offshore & self.low_variability
        return np.stack([~self.offshore, low, self.offshore & ~low]).astype(np.float64)


def lines_around(
    fields: PassFields, before: PassFields | None, after: PassFields | None
) -> tuple[FloatArray, FloatArray, slice]:
    """Heights (3, lines, pixels) and latitudes of a pass between its neighbours, and where its lines lie."""
    parts = [part for part in (before, fields, after) if part is not None]
    first = 0 if before is None else len(before.lat)
    heights = np.concatenate([part.heights for part in parts], axis=1)
    lat = np.concatenate([part.lat for part in parts])
    return heights, lat, slice(first, first + len(fields.lat))
