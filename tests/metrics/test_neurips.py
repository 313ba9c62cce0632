"""Scores of OceanBench (NeurIPS 2023): the numbers of xrft, scipy and MetPy, and what they leave out."""

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import scipy.signal
import xarray as xr

from oceanbench.metrics.along_track import TrackStatistics, track_statistics
from oceanbench.metrics.distances import grid_steps_m, swapped_steps_m
from oceanbench.metrics.isotropic import ring_power
from oceanbench.metrics.neurips import neurips_statistics
from oceanbench.metrics.resolution import extrapolated_crossing
from oceanbench.metrics.spectra import taper

FloatArray = npt.NDArray[np.float64]

# made by make_neurips_reference.py, which imports nothing of oceanbench
REFERENCE = json.loads((Path(__file__).parent / "neurips_reference.json").read_text())
GRIDS = {
    "square": (12, 40, 40, 5.0, 4.0),
    "wide": (15, 24, 37, 3.0, 3.0),
    "tall": (10, 36, 30, 7.0, 2.5),
    "poor": (14, 30, 32, 0.6, 0.7),
}
TRACKS = {"steady": (8.0, 0.0), "rising again": (4.0, 0.3), "below one half": (0.5, 0.0)}
STEP_KM = 6.77 * 0.9434


def maps(days: int, n_lat: int, n_lon: int, k0: float, q0: float) -> tuple[xr.DataArray, xr.DataArray]:
    """Map and truth: waves of both directions, damped in the map."""
    t = np.arange(days)[:, None, None]
    y, x = 0.05 * np.arange(n_lat)[:, None], 0.05 * np.arange(n_lon)
    truth = np.full((days, n_lat, n_lon), 0.4)
    estimate = truth.copy()
    for kx in range(1, 13):
        for ky in range(0, 9, 2):
            for q in range(1, 7):
                height = 0.3 / (1 + (kx / 2) ** 2 + (ky / 2) ** 2) / (1 + (q / 2) ** 2)
                sign = 1 if (kx + ky + q) % 3 else -1
                phase = 2.3 * kx + 1.1 * ky + 1.7 * q + 0.9 * kx * q + 0.4 * kx * ky
                turn = 0.47 * kx * x + 0.31 * ky * y + sign * 0.071 * q * t
                wave = height * np.cos(2 * np.pi * turn + phase)
                truth += wave
                estimate += wave / (1 + (np.hypot(kx, ky) / k0) ** 4 + (q / q0) ** 4)
    coords = {
        "time": np.datetime64("2012-10-22", "ns") + np.arange(days) * np.timedelta64(1, "D"),
        "lat": 33.0 + 0.05 * np.arange(n_lat),
        "lon": -65.0 + 0.05 * np.arange(n_lon),
    }
    dims = ("time", "lat", "lon")
    return xr.DataArray(estimate, coords, dims), xr.DataArray(truth, coords, dims)


def track(damping: float, remainder: float) -> TrackStatistics:
    """Seven passes of a wavy sea, short waves damped in the map."""
    reference, estimate, seconds = [], [], []
    for number, length in enumerate((300, 170, 420, 90, 260, 500, 200)):
        x = STEP_KM * np.arange(length)
        truth, smooth = np.full(length, 0.4), np.full(length, 0.4)
        for k in range(1, 61):
            phase = 1.3 * k**2 + 0.8 * k * number
            wave = 0.3 / (1 + (k / 4) ** 2) * np.cos(2 * np.pi * k * x / 1000 + phase)
            truth += wave
            smooth += wave * (1 / (1 + (k / damping) ** 4) + remainder * (k > 40))
        reference.append(truth)
        estimate.append(smooth)
        seconds.append(86400.0 * number + 0.9434 * np.arange(length))
    since = (np.concatenate(seconds) * 1e9).astype("timedelta64[ns]")
    return track_statistics(
        np.concatenate(estimate),
        np.concatenate(reference),
        np.datetime64("2017-01-01", "ns") + since,
        np.zeros(since.size),
        np.zeros(since.size),
        spacing_km=STEP_KM,
        segment_km=850.0,
        max_gap=np.timedelta64(4, "s"),
        min_daily_samples=1,
    )


# --- the digits of the packages


@pytest.mark.parametrize("name", GRIDS)
def test_scores_of_a_grid_are_those_of_xrft_scipy_and_metpy(name: str) -> None:
    statistics, expected = neurips_statistics(*maps(*GRIDS[name])), REFERENCE["grids"][name]
    official = statistics.official()
    assert official["nrmse"] == pytest.approx(expected["nrmse"], rel=1e-9)
    for scale in ("lambda_x_isotrop", "lambda_x_spacetime", "lambda_t_spacetime"):
        wanted = math.inf if math.isnan(expected[scale]) else expected[scale]
        # the official code has its days, and so its frequencies, in single precision
        assert official[scale] == pytest.approx(wanted, rel=1e-6)
    assert len(statistics.maps.contours) == expected["polylines"]


@pytest.mark.parametrize("name", GRIDS)
def test_rings_are_those_of_xrft(name: str) -> None:
    (estimate, truth), expected = maps(*GRIDS[name]), REFERENCE["grids"][name]
    rings = ring_power(estimate.values, truth.values, *expected["steps_m"].values())
    assert rings.wavenumber == pytest.approx(np.array(expected["freq_r_per_km"]), rel=1e-12)
    assert rings.score == pytest.approx(np.array(expected["isotropic_score"]), rel=1e-8, abs=1e-10)


@pytest.mark.parametrize("name", TRACKS)
def test_scores_of_a_track_are_those_of_scipy(name: str) -> None:
    statistics, expected = track(*TRACKS[name]), REFERENCE["tracks"][name]
    official = statistics.neurips()
    assert official["nrmse"] == pytest.approx(expected["nrmse"], rel=1e-9)
    assert official["lambda_x_alongtrack"] == pytest.approx(expected["lambda_x_alongtrack"], rel=1e-6)
    assert statistics.segmentation.samples == expected["samples_of_a_segment"] == 133
    assert statistics.official_spectra.attrs["segments"] == expected["segments"]


@pytest.mark.parametrize("size", [4, 7, 40, 41, 200])
def test_tukey_window_is_that_of_scipy(size: int) -> None:
    assert taper(size, "tukey") == pytest.approx(scipy.signal.windows.tukey(size, sym=False), abs=1e-14)


def test_published_steps_are_exchanged_and_true_ones_are_not() -> None:
    lon, lat = np.arange(-65.0, -55.0, 0.05), np.arange(33.0, 43.0, 0.05)
    assert swapped_steps_m(lon, lat) == pytest.approx((5559.743714234094, 4377.07054459217), rel=1e-9)
    assert grid_steps_m(lon, lat) == pytest.approx((4377.07, 5559.75), abs=0.01)


def test_wavelength_along_longitude_is_told_111_km_to_the_degree_at_any_latitude() -> None:
    estimate, truth = maps(*GRIDS["square"])
    south = neurips_statistics(estimate, truth)
    moved = {"lat": truth["lat"] + 30.0}
    north = neurips_statistics(estimate.assign_coords(moved), truth.assign_coords(moved))
    assert north.official()["lambda_x_spacetime"] == pytest.approx(south.official()["lambda_x_spacetime"])
    assert south.km_per_degree == pytest.approx(111.19487, rel=1e-6)


# --- closed forms


def test_ring_of_a_single_wave_holds_its_power_whatever_its_direction() -> None:
    y, x = np.meshgrid(np.arange(64.0), np.arange(64.0), indexing="ij")
    found = []
    for angle in (0.0, 0.5, 1.0, 2.0):
        phase = 2 * np.pi * (np.cos(angle) * x + np.sin(angle) * y) / 8.0
        rings = ring_power(np.zeros((1, 64, 64)), np.cos(phase)[None], 1e3, 1e3)
        strongest = rings.power[0, 1].argmax()
        found.append(rings.power[0, 1, strongest])
        assert rings.wavenumber[strongest] == pytest.approx(1 / 8.0, abs=0.012)
    assert max(found) / min(found) < 1.6


def test_perfect_map_is_resolved_to_the_last_ring_and_a_level_one_nowhere() -> None:
    _, truth = maps(*GRIDS["square"])
    steps = grid_steps_m(truth["lon"].values, truth["lat"].values)
    perfect = ring_power(truth.values, truth.values, *steps)
    assert perfect.robust().value == pytest.approx(1 / perfect.wavenumber[-1])
    assert math.isnan(perfect.official())
    level = ring_power(np.full(truth.shape, 0.4), truth.values, *steps)
    assert math.isnan(level.robust().value)


def test_robust_isotropic_scale_is_the_first_fall_and_has_an_interval() -> None:
    estimate, truth = maps(*GRIDS["square"])
    rings = ring_power(estimate.values, truth.values, 5000.0, 5000.0)
    falls = int((rings.score < 0.5).argmax())
    robust = rings.robust()
    assert 1 / rings.wavenumber[falls] < robust.value < 1 / rings.wavenumber[falls - 1]
    assert not robust.low > robust.value
    assert not robust.high < robust.value


@pytest.mark.parametrize(
    ("score", "expected"),
    [
        ([0.9, 0.7, 0.3], 150.0),  # between the second and the third
        ([0.7, 0.3, 0.9], 250.0),  # sorted: 0.3 has 200, 0.7 has 300
        ([0.4, 0.3, 0.1], 400.0),  # beyond the largest
        ([0.9, 0.8, 0.7], -100.0),  # beyond the smallest: without meaning, as the code has it
    ],
)
def test_reading_is_sorted_and_extrapolated(score: list[float], expected: float) -> None:
    assert extrapolated_crossing(score, [300.0, 200.0, 100.0]) == pytest.approx(expected)


@pytest.mark.parametrize("score", [[0.9, 0.9, 0.1], [0.9, math.nan, 0.1], [0.9]])
def test_reading_of_equal_or_missing_scores_does_not_exist(score: list[float]) -> None:
    assert math.isnan(extrapolated_crossing(score, [300.0, 200.0, 100.0][: len(score)]))


def test_missing_values_are_refused_since_the_official_code_fills_them_first() -> None:
    estimate, truth = maps(*GRIDS["poor"])
    holed: Any = estimate.copy(deep=True)
    holed[0, 1, 2] = np.nan
    with pytest.raises(ValueError, match="the estimate is missing at 1 of 13440 points"):
        neurips_statistics(holed, truth)
