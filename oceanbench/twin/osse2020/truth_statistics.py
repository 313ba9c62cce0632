"""Statistics of the twin's truth in the box: what it must share with the real ocean."""

import json
from pathlib import Path
from typing import Any, Final

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from oceanbench.twin.height_statistics import autocorrelation, box_spectrum, kinetic_energy, rossby_number
from oceanbench.twin.osse2020 import design
from oceanbench.twin.osse2020.truth_files import read_truth
from oceanbench.twin.plane import EAST, NORTH, SOUTH, WEST
from oceanbench.twin.plane_spectrum import BANDS_KM, band_slopes

Array = NDArray[np.float64]

LAGS_DAYS: Final = (1, 2, 3, 5, 7, 10, 15, 20)


def read_box(folder: Path) -> tuple[Array, Array, Array, Array]:
    """Truth (time, lat, lon) of the observed days in the box, the mean of 2011, latitudes and longitudes."""
    box = {"lat": slice(SOUTH, NORTH), "lon": slice(WEST, EAST)}
    first, last = (str(day) for day in design.OBSERVED)
    heights = read_truth(folder).sel(box | {"time": slice(first, last)})
    with xr.open_dataset(folder / design.MEAN_FILE, engine="netcdf4") as dataset:
        mean = dataset["mdt"].sel(box).load()
    lat, lon = heights["lat"].to_numpy(), heights["lon"].to_numpy()
    return heights.to_numpy().astype(np.float64), mean.to_numpy().astype(np.float64), lat, lon


def statistics(folder: Path) -> dict[str, Any]:
    """Statistics of the truth in a twin's data folder, 1 October to 2 December 2012, in the box.

    Standard deviations in metres: of the heights, of their anomalies to the mean of these 63 days and to the
    mean of 2011. Kinetic energies in cm² s⁻², per unit mass, of the geostrophic flow of the heights and of
    both anomalies. Root-mean-square of relative vorticity over f. Autocorrelation of the anomalies to the
    mean of the 63 days. Slopes of the spectra along the meridians and along the parallels (Hann window, mean
    of all rows and days, time mean included), and of the azimuthal spectrum over the whole plane of the run.
    """
    heights, mean, lat, lon = read_box(folder)
    anomaly, anomaly_2011 = heights - heights.mean(axis=0), heights - mean
    steps = [lag * len(design.TRUTH_HOURS) for lag in LAGS_DAYS]
    run = json.loads((folder / design.RUN_FILE).read_text())
    return {
        "std_m": _rounded(heights.std()),
        "anomaly_std_m": _rounded(anomaly.std()),
        "anomaly_to_2011_std_m": _rounded(anomaly_2011.std()),
        "kinetic_energy_cm2_s2": _rounded(kinetic_energy(heights, lat, lon), 1),
        "eddy_kinetic_energy_cm2_s2": _rounded(kinetic_energy(anomaly, lat, lon), 1),
        "eddy_kinetic_energy_to_2011_cm2_s2": _rounded(kinetic_energy(anomaly_2011, lat, lon), 1),
        "rossby_number": _rounded(rossby_number(heights, lat, lon)),
        "autocorrelation": {
            f"{lag} d": _rounded(c) for lag, c in zip(LAGS_DAYS, autocorrelation(anomaly, steps), strict=True)
        },
        "slope_along_meridians": band_slopes(*box_spectrum(heights, lat, lon, axis=1), BANDS_KM),
        "slope_along_parallels": band_slopes(*box_spectrum(heights, lat, lon, axis=2), BANDS_KM),
        "slope_on_model_plane": run["spectrum"]["slopes"],
    }


def write_statistics(folder: Path) -> None:
    """Write `statistics` into the folder."""
    (folder / design.STATISTICS_FILE).write_text(json.dumps(statistics(folder), indent=1) + "\n")


def _rounded(value: float, digits: int = 4) -> float:
    return round(float(value), digits)
