"""Uncorrelated height error of KaRIn, by cross-track distance and wave height."""

from functools import cache
from importlib import resources
from io import StringIO

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

NEAREST_KM, FARTHEST_KM = 10.0, 60.0


@cache
def _table() -> tuple[Array, Array, Array]:
    """Distances (km), wave heights (m) and standard deviations (wave height, distance) for 1 km²."""
    text = resources.files("oceanbench.physics").joinpath("karin_noise.csv").read_text(encoding="utf-8")
    rows = np.loadtxt(StringIO(text), delimiter=",")
    return rows[0, 1:], rows[1:, 0], rows[1:, 1:]


def karin_noise_std(
    across_km: Array, *, wave_height: float | Array = 2.0, pixel_area_km2: float = 4.0
) -> Array:
    """Standard deviation in metres of KaRIn's white height error at cross-track distances.

    The table's nearest distance, linear in wave height, divided by the square root of the pixel's area.

    Parameters
    ----------
    across_km : array
        Distance from nadir, either sign, 10 to 60 km in size.
    wave_height : float or array
        Significant wave height, 0 to 8 m; its shape and that of the distances broadcast, for instance
        (lines, across) and (across,).
    pixel_area_km2 : float
        4 for the 2 km product.

    Returns
    -------
    array of the broadcast shape

    Raises
    ------
    ValueError
        If a distance, a wave height or the area is outside its range: nothing is extrapolated.

    References
    ----------
    Esteban-Fernandez et al. 2014, SWOT project: mission performance and error budget, JPL D-79084.
    """
    distance, heights, std = _table()
    size = np.abs(np.asarray(across_km, dtype=np.float64))
    waves = np.asarray(wave_height, dtype=np.float64)
    if size.size and (size.min() < NEAREST_KM or size.max() > FARTHEST_KM):
        raise ValueError(f"distances run {size.min()}..{size.max()} km; KaRIn measures from 10 to 60 km")
    outside = ~((waves >= heights[0]) & (waves <= heights[-1]))
    if outside.any() or pixel_area_km2 <= 0:
        wrong = waves[outside].flat[0] if outside.any() else waves.flat[0]
        raise ValueError(
            f"wave height {wrong} m, area {pixel_area_km2} km2; give 0 to 8 m and a positive area"
        )
    column = np.rint((size - distance[0]) / (distance[1] - distance[0])).astype(int)
    above = np.minimum(np.searchsorted(heights, waves, side="right"), heights.size - 1)
    weight = (waves - heights[above - 1]) / (heights[above] - heights[above - 1])
    value = (1 - weight) * std[above - 1, column] + weight * std[above, column]
    return np.asarray(value / np.sqrt(pixel_area_km2))
