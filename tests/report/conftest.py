"""Small evaluations built by hand, one against a gridded truth and one along a track."""

from dataclasses import replace

import numpy as np
import pytest
import xarray as xr

from oceanbench.catalog import load_challenge
from oceanbench.metrics.bootstrap import Interval
from oceanbench.metrics.resolution import contour_polylines
from oceanbench.score import Coverage, Evaluation, MapDetails, TrackDetails


@pytest.fixture
def map_details() -> MapDetails:
    """A wavy truth, and a map 5 cm above it everywhere."""
    lon, lat = np.arange(-65.0, -54.9, 0.5), np.arange(33.0, 43.1, 0.5)
    height = 0.3 + 0.2 * np.sin(lon)[None, :] * np.cos(lat)[:, None]
    truth = xr.DataArray(height, {"lat": lat, "lon": lon}, ("lat", "lon"))
    days = np.arange("2012-10-22", "2012-12-02", dtype="datetime64[D]").astype("datetime64[ns]")
    freq_lon, freq_time = np.arange(1, 10) / 10.0, np.arange(1, 20) / 41.0
    score = 1.0 - freq_lon[None, :] ** 2 - 8.0 * freq_time[:, None] ** 2
    plane = xr.DataArray(score, {"freq_time": freq_time, "freq_lon": freq_lon}, ("freq_time", "freq_lon"))
    return MapDetails(
        date=days[20],
        truth=truth,
        estimate=truth + 0.05,
        daily=xr.DataArray(0.9 - 0.001 * np.arange(days.size), {"time": days}, ("time",)),
        rmse=xr.DataArray(0.03 + 0.001 * np.arange(days.size), {"time": days}, ("time",)),
        plane=plane,
        contour=tuple(contour_polylines(score, freq_lon, freq_time)),
        robust_plane=plane,
        robust_boundary=np.array([[0.1, 0.24], [0.4, 0.2], [0.69, 1 / 41]]),
    )


@pytest.fixture
def map_evaluation(map_details: MapDetails) -> Evaluation:
    """Scores of a map against a gridded truth."""
    return Evaluation(
        challenge=load_challenge("2020a"),
        track="4 nadirs",
        official={"mu": 0.876543, "sigma": 0.0123456, "lambda_x": 1.416789, "lambda_t": 4.101234},
        robust={
            "mu": Interval(0.87123, 0.86111, 0.88222),
            "sigma": Interval(0.0125, 0.0101, 0.0149),
            "explained_variance": Interval(0.95, 0.94, 0.96),
            "lambda_x": Interval(1.55, 1.5, 1.6),
            "lambda_x_km": Interval(135.7, 130.0, 141.0),
            "lambda_t": Interval(4.2, 3.9, 4.5),
        },
        official_units={"mu": "1", "sigma": "1", "lambda_x": "degrees of longitude", "lambda_t": "days"},
        robust_units={
            "mu": "1",
            "sigma": "1",
            "explained_variance": "1",
            "lambda_x": "degrees of longitude",
            "lambda_x_km": "km",
            "lambda_t": "days",
        },
        own_reference=False,
        coverage=Coverage(points=18081, covered=18081, days_official=41, days_robust=42, holes="refuse"),
        notes=("Longitudes 295..305 were brought to -65..-55.",),
        scope="-65..-55 E, 33..43 N, 2012-10-22 to 2012-12-02",
        passport={"challenge": "2020a", "submission": {"name": "map.nc", "sha256": "0" * 64}},
        details=map_details,
    )


@pytest.fixture
def track_details() -> TrackDetails:
    """Two straight tracks; the spectral score falls through 0.5 at 100 km."""
    lat = np.tile(np.linspace(33.3, 42.7, 200), 2)
    lon = np.concatenate([np.linspace(-64.0, -60.0, 200), np.linspace(-56.0, -60.5, 200)])
    reference = 0.4 + 0.2 * np.sin(lat)
    wavenumber = np.linspace(0.0, 0.078, 79)
    power = 1.0 / (1.0 + (wavenumber / 0.005) ** 2)
    error = power * 0.5 * (wavenumber / 0.01) ** 2
    days = np.arange("2017-01-01", "2017-01-31", dtype="datetime64[D]").astype("datetime64[ns]")
    daily = 0.85 + 0.002 * np.arange(30.0)
    daily[[3, 4, 11]] = np.nan
    return TrackDetails(
        time=days[0] + np.arange(400) * np.timedelta64(1, "h"),
        lon=lon,
        lat=lat,
        reference=reference,
        estimate=reference + np.where(lon < -60.0, 0.03, -0.04),
        daily=xr.DataArray(daily, {"time": days}, ("time",)),
        rmse=xr.DataArray(0.03 + 0.001 * np.arange(days.size), {"time": days}, ("time",)),
        wavenumber=wavenumber,
        psd_reference=power,
        psd_estimate=power * 0.8,
        psd_error=error,
        segments=39,
    )


@pytest.fixture
def track_evaluation(track_details: TrackDetails) -> Evaluation:
    """Scores of a map along a withheld altimeter."""
    return Evaluation(
        challenge=load_challenge("2021a"),
        track="6 nadirs",
        official={"mu": 0.876543, "sigma": 0.0654321, "lambda_x": 152.93},
        robust={
            "mu": Interval(0.885, 0.881, 0.889),
            "mu_daily": Interval(0.876543, 0.87, 0.883),
            "sigma": Interval(0.065, 0.055, 0.075),
            "explained_variance": Interval(0.93, 0.92, 0.94),
            "lambda_x": Interval(100.4, 92.0, 111.0),
        },
        official_units={"mu": "1", "sigma": "1", "lambda_x": "km"},
        robust_units={"mu": "1", "mu_daily": "1", "sigma": "1", "explained_variance": "1", "lambda_x": "km"},
        own_reference=False,
        coverage=Coverage(points=40000, covered=39999, days_official=27, days_robust=30, holes="official"),
        notes=(),
        scope="-65..-55 E, 33..43 N, 2017-01-01 to 2017-01-30, judged by CryoSat-2",
        passport={"challenge": "2021a"},
        details=track_details,
    )


@pytest.fixture
def neurips_evaluation(map_evaluation: Evaluation) -> Evaluation:
    """Scores of a map by the metrics of OceanBench (NeurIPS 2023)."""
    wavenumber = np.arange(1, 20) / 400.0
    score = xr.DataArray(1.0 - (wavenumber / 0.01) ** 2 / 2.0, {"freq_r": wavenumber}, ("freq_r",))
    details = map_evaluation.details
    assert isinstance(details, MapDetails)
    return replace(
        map_evaluation,
        challenge=load_challenge("2020a-neurips"),
        track="osse_gf_nadir",
        official={
            "nrmse": 0.876543,
            "lambda_x_isotrop": 98.7654,
            "lambda_x_spacetime": 157.5432,
            "lambda_t_spacetime": 4.101234,
        },
        official_units={
            "nrmse": "1",
            "lambda_x_isotrop": "km",
            "lambda_x_spacetime": "km",
            "lambda_t_spacetime": "days",
        },
        robust={**map_evaluation.robust, "lambda_x_isotrop": Interval(100.0, 95.0, 105.0)},
        robust_units={**map_evaluation.robust_units, "lambda_x_isotrop": "km"},
        details=replace(details, isotropic=score, robust_isotropic=score - 0.02),
    )
