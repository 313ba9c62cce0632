"""Statistics of the twin's truth in the box."""

import json
from pathlib import Path
from typing import Any, Final

import numpy as np
import xarray as xr

from oceanbench.twin.height_statistics import autocorrelation, box_spectrum, kinetic_energy, rossby_number
from oceanbench.twin.plane_spectrum import band_slopes
from oceanbench.twin.toy2022 import design
from oceanbench.twin.toy2022.field_files import read_fields

LAGS_DAYS: Final = (1, 2, 3, 5, 7, 10, 15, 20)


def read_truth(folder: Path) -> xr.DataArray:
    """The truth of the evaluated days (time, lat, lon) in metres; see `field_files.read_fields`."""
    days = design.days(design.EVALUATED)
    return read_fields([folder / design.field_file(design.EVALUATION, day) for day in days])


def statistics(folder: Path) -> dict[str, Any]:
    """Statistics of the 43 fields of the truth in a twin's data folder.

    Standard deviations in metres: of the heights, of their anomalies to the mean of these days and to the
    mean of the training days. Kinetic energies in cm² s⁻², per unit mass, of the geostrophic flow of the
    heights and of their anomalies to the mean of the days. Root-mean-square of relative vorticity over f.
    Autocorrelation of the same anomalies. Slopes of the spectra along the meridians and the parallels (Hann
    window, mean of all rows and days, time mean included) and of the azimuthal spectrum over the whole plane.
    """
    truth = read_truth(folder)
    heights, lat, lon = truth.to_numpy(), truth["lat"].to_numpy(), truth["lon"].to_numpy()
    training = read_fields([folder / design.TRAINING_FILE]).to_numpy()
    anomaly = heights - heights.mean(axis=0)
    lags = zip(LAGS_DAYS, autocorrelation(anomaly, LAGS_DAYS), strict=True)
    run = json.loads((folder / design.RUN_FILE).read_text())
    return {
        "std_m": _rounded(heights.std()),
        "rms_m": _rounded(np.sqrt(np.mean(heights**2))),
        "anomaly_std_m": _rounded(anomaly.std()),
        "anomaly_to_training_std_m": _rounded((heights - training.mean(axis=0)).std()),
        "training_anomaly_std_m": _rounded((training - training.mean(axis=0)).std()),
        "kinetic_energy_cm2_s2": _rounded(kinetic_energy(heights, lat, lon), 1),
        "eddy_kinetic_energy_cm2_s2": _rounded(kinetic_energy(anomaly, lat, lon), 1),
        "rossby_number": _rounded(rossby_number(heights, lat, lon)),
        "autocorrelation": {f"{lag} d": _rounded(c) for lag, c in lags},
        "slope_along_meridians": band_slopes(*box_spectrum(heights, lat, lon, axis=1)),
        "slope_along_parallels": band_slopes(*box_spectrum(heights, lat, lon, axis=2)),
        "slope_on_model_plane": run["spectrum"]["slopes"],
    }


def write_statistics(folder: Path) -> None:
    """Write `statistics` into the folder."""
    (folder / design.STATISTICS_FILE).write_text(json.dumps(statistics(folder), indent=1) + "\n")


def _rounded(value: float, digits: int = 4) -> float:
    return round(float(value), digits)
