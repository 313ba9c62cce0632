"""Statistics of the twin's truth in the box: what it must share with the real ocean."""

import json
from pathlib import Path
from typing import Any, Final

import numpy as np
import xarray as xr
from numpy.typing import NDArray
from scipy.signal.windows import hann

from oceanbench.twin.osse2020 import design
from oceanbench.twin.osse2020.truth_files import read_truth
from oceanbench.twin.plane_spectrum import BANDS_KM, band_slopes

Array = NDArray[np.float64]

GRAVITY: Final = 9.81
EARTH_ROTATION: Final = 7.292115e-5  # rad/s
EARTH_RADIUS: Final = 6.371e6  # m
LAGS_DAYS: Final = (1, 2, 3, 5, 7, 10, 15, 20)


def read_box(folder: Path) -> tuple[Array, Array, Array, Array]:
    """Truth (time, lat, lon) of the observed days in the box, the mean of 2011, latitudes and longitudes."""
    box = {"lat": slice(design.SOUTH, design.NORTH), "lon": slice(design.WEST, design.EAST)}
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
            f"{lag} d": _rounded(c) for lag, c in zip(LAGS_DAYS, autocorrelation(anomaly), strict=True)
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


def grid_steps(lat: Array, lon: Array) -> tuple[float, Array]:
    """Steps in metres of a regular grid: northward, and eastward as (lat, 1)."""
    unit = np.radians(1.0) * EARTH_RADIUS
    north = float(lat[1] - lat[0]) * unit
    return north, float(lon[1] - lon[0]) * unit * np.cos(np.radians(lat))[:, None]


def geostrophic_velocity(heights: Array, lat: Array, lon: Array) -> tuple[Array, Array]:
    """Eastward and northward geostrophic velocity (m/s), (..., lat, lon), of heights in metres.

    u = -g/f dh/dy and v = g/f dh/dx, f = 2 Omega sin(lat), centred differences.
    """
    north, east = grid_steps(lat, lon)
    factor = GRAVITY / (2 * EARTH_ROTATION * np.sin(np.radians(lat)))[:, None]
    return -factor * np.gradient(heights, north, axis=-2), factor * np.gradient(heights, axis=-1) / east


def kinetic_energy(heights: Array, lat: Array, lon: Array) -> float:
    """Mean kinetic energy per unit mass of the geostrophic flow, cm² s⁻²."""
    u, v = geostrophic_velocity(heights, lat, lon)
    return float((u**2 + v**2).mean() / 2 * 1e4)


def rossby_number(heights: Array, lat: Array, lon: Array) -> float:
    """Root-mean-square of (dv/dx - du/dy)/f of the geostrophic flow."""
    north, east = grid_steps(lat, lon)
    u, v = geostrophic_velocity(heights, lat, lon)
    vorticity = np.gradient(v, axis=-1) / east - np.gradient(u, north, axis=-2)
    f = 2 * EARTH_ROTATION * np.sin(np.radians(lat))[:, None]
    return float(np.sqrt(np.mean((vorticity / f) ** 2)))


def autocorrelation(anomaly: Array) -> list[float]:
    """Correlation of anomalies (time, lat, lon) with those of `LAGS_DAYS` later, over all points."""
    steps = [lag * len(design.TRUTH_HOURS) for lag in LAGS_DAYS]
    variance = np.mean(anomaly**2)
    return [float(np.mean(anomaly[step:] * anomaly[:-step]) / variance) for step in steps]


def box_spectrum(heights: Array, lat: Array, lon: Array, *, axis: int) -> tuple[Array, Array]:
    """Wavenumbers (cycles/km) and mean density (m²/(cycle/km)) along meridians (axis 1) or parallels (2).

    Each row loses its mean and gets a Hann window. Parallels use the length of the box's middle one.
    """
    north, east = grid_steps(lat, lon)
    spacing_km = (north if axis == 1 else float(east[lat.size // 2, 0])) / 1e3
    rows = np.moveaxis(heights, axis, -1)
    window = hann(rows.shape[-1], sym=False)
    spectra = np.abs(np.fft.rfft((rows - rows.mean(axis=-1, keepdims=True)) * window)) ** 2
    density = 2 * spacing_km / np.sum(window**2) * spectra.reshape(-1, spectra.shape[-1]).mean(axis=0)
    return np.fft.rfftfreq(rows.shape[-1], spacing_km)[1:], density[1:]
