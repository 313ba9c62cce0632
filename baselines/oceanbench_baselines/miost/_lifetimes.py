"""Lifetime of each band of wave packets, fitted to how training fields forget.

Fields some days apart have, in each ring of wavenumbers, a mean product that falls with the lag. Packets of a
band have the window w(t) = cos²(pi t / 2 T) in time, and so the correlation::

    r(lag / T),  r(v) = the overlap of two such windows v half-widths apart: 1 at 0, 1/2 at 0.64, 0 at 2

With the variances V of `fit_band_variances` and the power P that each band gives to each ring, the
half-widths T are those with which the sum over bands of V P r(lag / T) comes nearest to the products,
relative to the power.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from oceanbench_baselines.miost._band_variances import overlap, relative_fit
from oceanbench_baselines.miost._ring_spectra import RingSpectra

__all__ = ["REFERENCE_KM", "Lifetimes", "fit_lifetimes", "power_law"]

type Floats = NDArray[np.floating[Any]]

REFERENCE_KM = 300.0
"""The wavelength whose lifetime is the ``lifetime_days`` of `Miost`."""

_SHORTEST_LAG = 0.25  # half-widths shorter than this part of the spacing of the fields cannot be told apart
_LONGEST_LAG = 10.0  # times the longest lag: a band that did not change


@dataclass(frozen=True)
class Lifetimes:
    """Half-widths in time of the packets by wavelength, as parameters of `Miost`.

    The law is ``lifetime_days`` (wavelength / 300 km)^``lifetime_exponent``, between the other two.

    Attributes
    ----------
    lifetime_days, lifetime_exponent : float
    shortest_lifetime, longest_lifetime : float
        Days.
    by_band : tuple of float
        What was fitted to each band before it was made a law, days; NaN for a band without variance.
    """

    lifetime_days: float
    lifetime_exponent: float
    shortest_lifetime: float
    longest_lifetime: float
    by_band: tuple[float, ...]


def fit_lifetimes(
    fields: xr.DataArray,
    wavelengths_km: Floats,
    *,
    longest_lag_days: float = 10.0,
    npsp: float = 3.5,
    facns: float = 2.0,
    mean: xr.DataArray | None = None,
) -> Lifetimes:
    """Lifetimes of the bands that give the correlations in time of training fields.

    Parameters
    ----------
    fields : xr.DataArray, dims (time, lat, lon), metres
        Without gaps, at equal steps of time, which are shorter than the shortest lifetime.
    wavelengths_km : array, (bands,)
    longest_lag_days : float
        Lags up to this one count. Real fields forget fast at first and slowly then, windows of packets the
        other way round: lags within which a map has observations matter.
    npsp, facns, mean
        See `fit_band_variances`.

    Raises
    ------
    ValueError
        The times are not equally spaced, there are too few of them for a lag, or what `fit_band_variances`
        refuses.
    """
    step = _spacing_days(fields)
    lags = np.arange(1, int(longest_lag_days / step + 1e-9) + 1)
    count = fields.sizes["time"]
    if lags.size == 0 or count <= 2 * lags[-1]:
        raise ValueError(
            f"longest_lag_days is {longest_lag_days:g}; {count} fields {step:g} days apart tell of lags from "
            f"{step:g} to less than {step * count / 2:g} days"
        )
    spectra = RingSpectra.of(fields, wavelengths_km, npsp=npsp, facns=facns, mean=mean)
    by_band = _half_widths(spectra, lags, step)
    return power_law(wavelengths_km, by_band)


def _spacing_days(fields: xr.DataArray) -> float:
    days = (fields["time"].values - fields["time"].values[0]) / np.timedelta64(1, "D")
    steps = np.diff(days)
    if steps.size == 0 or steps[0] <= 0 or not np.allclose(steps, steps[0], rtol=1e-3):
        raise ValueError(
            f"the times of the {days.size} training fields are not equally spaced and ascending; "
            "choose a stretch of them that is"
        )
    return float(steps[0])


def _half_widths(spectra: RingSpectra, lags: NDArray[np.int64], step: float) -> Floats:
    """Half-widths of the bands in days; NaN where a band has no variance."""
    from scipy.optimize import least_squares

    power, *products = spectra.covariances([0, *(int(lag) for lag in lags)])
    variances = np.array(relative_fit(power, list(spectra.bands)))
    there = variances > 0
    share = spectra.bands[there] * variances[there, None] / power
    seen = np.array(products) / power
    bounds = np.log([_SHORTEST_LAG * step, _LONGEST_LAG * lags[-1] * step])

    def missed(logs: Floats) -> Floats:
        correlation = overlap(lags[:, None] * step / np.exp(logs))
        return np.asarray((correlation @ share - seen).ravel())

    begin = np.full(share.shape[0], np.log(lags[-1] * step))
    found = least_squares(missed, begin, bounds=tuple(bounds))
    half_widths = np.full(variances.size, np.nan)
    half_widths[there] = np.exp(found.x)
    return half_widths


def power_law(wavelengths_km: Floats, half_widths: Floats) -> Lifetimes:
    """Power of the wavelength, between bounds, that is nearest to half-widths of bands (days) in logarithms.

    The bounds are the least and the greatest half-width. NaN is left out.

    Raises
    ------
    ValueError
        No half-width is a number.
    """
    from scipy.optimize import least_squares

    known = np.isfinite(half_widths)
    if not known.any():
        raise ValueError(f"none of the {half_widths.size} bands has a variance: the fields do not change")
    place, seen = np.log(wavelengths_km[known] / REFERENCE_KM), np.log(half_widths[known])
    low, high = float(seen.min()), float(seen.max())

    def missed(law: Floats) -> Floats:
        return np.asarray(np.clip(law[0] + law[1] * place, low, high) - seen)

    begin = np.polyfit(place, seen, 1)[::-1] if place.size > 1 else np.array([seen[0], 0.0])
    level, exponent = least_squares(missed, begin).x
    bounds = (float(np.exp(low)), float(np.exp(high)))
    return Lifetimes(
        float(np.exp(level)), float(exponent), *bounds, tuple(float(each) for each in half_widths)
    )
