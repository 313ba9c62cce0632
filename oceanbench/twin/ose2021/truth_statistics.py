"""Statistics of the twin's truth in the box; written when it is built, as the truth is not kept."""

from typing import Any, Final

import numpy as np
import xarray as xr

from oceanbench.twin.height_statistics import autocorrelation, box_spectrum, kinetic_energy, rossby_number
from oceanbench.twin.plane_spectrum import band_slopes

LAGS_DAYS: Final = (1, 2, 3, 5, 7, 10, 15, 20)


def statistics_of_truth(heights: xr.DataArray, mean: xr.DataArray) -> dict[str, Any]:
    """Statistics of daily fields in the box.

    Standard deviations in metres: of the heights, of their anomalies to their own mean and to ``mean``.
    Kinetic energies in cm² s⁻², per unit mass, of the geostrophic flow of the heights and of the anomalies to
    their own mean. Root-mean-square of relative vorticity over f. Autocorrelation of the same anomalies.
    Slopes of the spectra along the meridians and the parallels (Hann window, mean of all rows and days, time
    mean included).

    Parameters
    ----------
    heights : DataArray (time, lat, lon)
        Metres, one field a day.
    mean : DataArray (lat, lon)
        Mean height of other years.
    """
    values = heights.to_numpy().astype(np.float64)
    lat, lon = heights["lat"].to_numpy(), heights["lon"].to_numpy()
    other = mean.sel(lat=heights["lat"], lon=heights["lon"]).to_numpy()
    anomaly, to_mdt = values - values.mean(axis=0), values - other
    lags = zip(LAGS_DAYS, autocorrelation(anomaly, LAGS_DAYS), strict=True)
    return {
        "std_m": _rounded(values.std()),
        "rms_m": _rounded(np.sqrt(np.mean(values**2))),
        "anomaly_std_m": _rounded(anomaly.std()),
        "anomaly_to_mdt_std_m": _rounded(to_mdt.std()),
        "kinetic_energy_cm2_s2": _rounded(kinetic_energy(values, lat, lon), 1),
        "eddy_kinetic_energy_cm2_s2": _rounded(kinetic_energy(anomaly, lat, lon), 1),
        "rossby_number": _rounded(rossby_number(values, lat, lon)),
        "autocorrelation": {f"{lag} d": _rounded(c) for lag, c in lags},
        "slope_along_meridians": band_slopes(*box_spectrum(values, lat, lon, axis=1)),
        "slope_along_parallels": band_slopes(*box_spectrum(values, lat, lon, axis=2)),
    }


def _rounded(value: float, digits: int = 4) -> float:
    return round(float(value), digits)
