"""Scores of maps against a gridded truth as OceanBench (NeurIPS 2023) computes them."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import xarray as xr

from oceanbench.metrics.distances import swapped_steps_m
from oceanbench.metrics.gridded import MapStatistics, map_statistics
from oceanbench.metrics.isotropic import RingPower, ring_power
from oceanbench.metrics.resolution import first_contour_minima

__all__ = ["NeuripsStatistics", "neurips_statistics"]


@dataclass(frozen=True, eq=False)
class NeuripsStatistics:
    """All that the scores of a map need.

    Attributes
    ----------
    maps : MapStatistics
        With a Tukey window; its longitudes are degrees.
    rings : RingPower
        With the steps of the official code.
    km_per_degree : float
        Kilometres that the official code takes a degree of longitude for.
    """

    maps: MapStatistics
    rings: RingPower
    km_per_degree: float

    def official(self) -> dict[str, float]:
        """Scores of the official code, unrounded.

        Returns
        -------
        dict
            ``nrmse``: 1 - RMS(error) / RMS(reference) over all points, 1 for a perfect map;
            ``lambda_x_isotrop`` in km: reading of the isotropic score, sorted and extrapolated;
            ``lambda_x_spacetime`` in km and ``lambda_t_spacetime`` in days: smallest abscissa and ordinate of
            the first piece of the 0.5 level of the westward score, infinite where there is none.
        """
        lambda_x, lambda_t = first_contour_minima(self.maps.contours)
        return {
            "nrmse": self.maps.sums.score(),
            "lambda_x_isotrop": self.rings.official(),
            "lambda_x_spacetime": _or_infinite(lambda_x * self.km_per_degree),
            "lambda_t_spacetime": _or_infinite(lambda_t),
        }


def neurips_statistics(estimate: xr.DataArray, reference: xr.DataArray) -> NeuripsStatistics:
    """Statistics of the error of ``estimate``, from which the official scores follow.

    Time and longitude are tapered by a Tukey window of which half is flat, without any other difference to
    the spectra of challenge 2020a; kilometres are those of
    `oceanbench.metrics.distances.swapped_steps_m`.

    Parameters
    ----------
    estimate, reference : xr.DataArray, dims (time, lat, lon), metres, finite
        On the same grid, evenly spaced in time and longitude.

    Raises
    ------
    ValueError
        When grids differ, a step varies, or a value is missing: the official code fills all fields first.

    References
    ----------
    Johnson et al. (2023), OceanBench: The Sea Surface Height Edition, doi:10.48550/arXiv.2309.15599.
    """
    for name, field in (("estimate", estimate), ("reference", reference)):
        missing = int(field.isnull().sum())
        if missing:
            raise ValueError(f"the {name} is missing at {missing} of {field.size} points; fill them first")
    maps = map_statistics(estimate, reference, window="tukey")
    lon, lat = (reference[name].values.astype(np.float64) for name in ("lon", "lat"))
    lon_step, lat_step = swapped_steps_m(lon, lat)
    heights, truth = (_values(field) for field in (estimate, reference))
    rings = ring_power(heights, truth, lon_step, lat_step)
    return NeuripsStatistics(maps, rings, lon_step / 1e3 / float(lon[1] - lon[0]))


def _values(field: xr.DataArray) -> npt.NDArray[np.float64]:
    return np.asarray(field.transpose("time", "lat", "lon").values, dtype=np.float64)


def _or_infinite(value: float) -> float:
    return math.inf if math.isnan(value) else value
