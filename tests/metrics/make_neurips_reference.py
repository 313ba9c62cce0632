"""Write the numbers that test_neurips.py expects, straight from the packages the published scores rest on.

Made by Python 3.13 with the versions that the file names, in an environment of its own::

    pip install xrft metpy numpy_groupies scipy xarray matplotlib
    MPLBACKEND=agg python tests/metrics/make_neurips_reference.py > tests/metrics/neurips_reference.json

Nothing of oceanbench is imported: fields and samples are formulas, written here and again in the test.
"""

import json
import warnings
from importlib.metadata import version
from typing import Any

import numpy as np
import scipy.interpolate
import scipy.signal
import xarray as xr

# name: days, latitudes, longitudes, damping of waves of order k and q in the map
CASES = {
    "square": (12, 40, 40, 5.0, 4.0),
    "wide": (15, 24, 37, 3.0, 3.0),
    "tall": (10, 36, 30, 7.0, 2.5),
    "poor": (14, 30, 32, 0.6, 0.7),
}
# name: damping of waves of order k in the map, and what is left of those above order 40
TRACKS = {"steady": (8.0, 0.0), "rising again": (4.0, 0.3), "below one half": (0.5, 0.0)}
WAVES = {"kx": range(1, 13), "ky": range(0, 9, 2), "q": range(1, 7)}


def fields(days: int, n_lat: int, n_lon: int, k0: float, q0: float) -> tuple[Any, Any]:
    """Truth and map, dims (time, lat, lon): waves of both directions, damped in the map."""
    t = np.arange(days)[:, None, None]
    y, x = 0.05 * np.arange(n_lat)[:, None], 0.05 * np.arange(n_lon)
    truth = np.full((days, n_lat, n_lon), 0.4)
    estimate = truth.copy()
    for kx in WAVES["kx"]:
        for ky in WAVES["ky"]:
            for q in WAVES["q"]:
                height = 0.3 / (1 + (kx / 2) ** 2 + (ky / 2) ** 2) / (1 + (q / 2) ** 2)
                sign = 1 if (kx + ky + q) % 3 else -1
                phase = 2.3 * kx + 1.1 * ky + 1.7 * q + 0.9 * kx * q + 0.4 * kx * ky
                turn = 0.47 * kx * x + 0.31 * ky * y + sign * 0.071 * q * t
                wave = height * np.cos(2 * np.pi * turn + phase)
                truth += wave
                estimate += wave / (1 + (np.hypot(kx, ky) / k0) ** 4 + (q / q0) ** 4)
    return truth, estimate


def grid_scores(days: int, n_lat: int, n_lon: int, k0: float, q0: float) -> dict[str, Any]:
    # here, since these packages are not installed where the tests run
    import matplotlib.pyplot as plt
    import metpy.calc  # type: ignore[import-not-found]
    import xrft  # type: ignore[import-not-found]
    from metpy.units import units  # type: ignore[import-not-found]

    lon, lat = -65.0 + 0.05 * np.arange(n_lon), 33.0 + 0.05 * np.arange(n_lat)
    dx, dy = metpy.calc.lat_lon_grid_deltas(lon * units.degree, lat * units.degree)
    # as published: the mean of the zonal distances becomes the step of latitude, and the other way round
    lat_m = np.arange(n_lat) * dx[:, 0].mean().magnitude
    lon_m = np.arange(n_lon) * dy[0, :].mean().magnitude
    coords = {"time": np.arange(days).astype(np.float32), "lat": lat_m, "lon": lon_m}
    truth, estimate = (
        xr.DataArray(f, coords, ("time", "lat", "lon")) for f in fields(days, n_lat, n_lon, k0, q0)
    )
    error = truth - estimate
    nrmse = 1 - (error**2).mean() ** 0.5 / (truth**2).mean() ** 0.5
    options = {"detrend": "constant", "window": "tukey", "window_correction": True, "scaling": "density"}

    plane = [xrft.power_spectrum(f, dim=["time", "lon"], **options).mean("lat") for f in (error, truth)]
    score = 1 - plane[0] / plane[1]
    score = score.where((score.freq_lon > 0) & (score.freq_time > 0), drop=True).transpose(
        "freq_time", "freq_lon"
    )
    lines = plt.contour(1 / score.freq_lon.values, 1 / score.freq_time.values, score.values, [0.5]).allsegs[0]
    plt.close()
    lines = [line for line in lines if len(line)]
    first = lines[0].min(axis=0) if lines else (np.nan, np.nan)

    rings = [
        xrft.isotropic_power_spectrum(f, dim=["lon", "lat"], nfactor=2, truncate=True, **options).mean("time")
        for f in (error, truth)
    ]
    ratio = 1 - rings[0] / rings[1]
    ratio = ratio.where(ratio.freq_r > 0, drop=True)
    reading = scipy.interpolate.interp1d(
        ratio.values, 1 / ratio.freq_r.values, kind="slinear", fill_value="extrapolate"
    )
    return {
        "nrmse": float(nrmse),
        "lambda_x_isotrop": float(reading(0.5)) / 1e3,
        "lambda_x_spacetime": float(first[0]) / 1e3,
        "lambda_t_spacetime": float(first[1]),
        "polylines": len(lines),
        "freq_r_per_km": (ratio.freq_r.values * 1e3).tolist(),
        "isotropic_score": ratio.values.tolist(),
        "steps_m": {"lon": float(lon_m[1]), "lat": float(lat_m[1])},
    }


def samples(damping: float, remainder: float) -> tuple[Any, Any, Any]:
    """Reference and map along seven passes, with their times in seconds."""
    step = 6.77 * 0.9434
    lengths = (300, 170, 420, 90, 260, 500, 200)
    reference, estimate, seconds = [], [], []
    for number, length in enumerate(lengths):
        x = step * np.arange(length)
        truth, smooth = np.full(length, 0.4), np.full(length, 0.4)
        for k in range(1, 61):
            wave = 0.3 / (1 + (k / 4) ** 2) * np.cos(2 * np.pi * k * x / 1000 + 1.3 * k**2 + 0.8 * k * number)
            truth += wave
            smooth += wave * (1 / (1 + (k / damping) ** 4) + remainder * (k > 40))
        reference.append(truth)
        estimate.append(smooth)
        seconds.append(86400.0 * number + 0.9434 * np.arange(length))
    return np.concatenate(reference), np.concatenate(estimate), np.concatenate(seconds)


def track_scores(damping: float, remainder: float) -> dict[str, Any]:
    reference, estimate, seconds = samples(damping, remainder)
    step = 6.77 * 0.9434
    count = int(850 / step)
    breaks = np.flatnonzero(np.diff(seconds) > 4)
    starts = []
    for first, last in zip([0, *breaks[:-1]], breaks, strict=True):
        starts += list(range(first, last - count, int(0.25 * count)))
    pieces = [np.concatenate([series[s : s + count] for s in starts]) for series in (reference, estimate)]
    welch: Any = {"fs": 1 / step, "nperseg": count, "noverlap": 0, "scaling": "density"}
    wavenumber, signal = scipy.signal.welch(pieces[0], **welch)
    _, error = scipy.signal.welch(pieces[1] - pieces[0], **welch)
    reading = scipy.interpolate.interp1d(
        1 - error / signal, 1 / (wavenumber + 1e-15), kind="slinear", fill_value="extrapolate"
    )
    rms = [np.sqrt(np.mean(series**2)) for series in (estimate - reference, reference)]
    return {
        "nrmse": float(1 - rms[0] / rms[1]),
        "lambda_x_alongtrack": float(reading(0.5)),
        "segments": len(starts),
        "samples_of_a_segment": count,
    }


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    packages = (
        "numpy",
        "scipy",
        "xarray",
        "xrft",
        "metpy",
        "matplotlib",
        "contourpy",
        "pandas",
        "numpy_groupies",
    )
    content = {
        "versions": {name: version(name) for name in packages},
        "grids": {name: grid_scores(*case) for name, case in CASES.items()},
        "tracks": {name: track_scores(*case) for name, case in TRACKS.items()},
    }
    print(json.dumps(content, indent=1))
