"""Inputs of the metric tests: the golden cases, and a small random ocean with a map of it."""

import importlib.util
import json
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr

START = np.datetime64("2012-10-22", "ns")
DAY = np.timedelta64(86_400_000_000_000, "ns")

Fields = tuple[xr.DataArray, xr.DataArray]


@pytest.fixture(scope="session")
def expected(golden: Path) -> dict[str, Any]:
    """Answers of the official code."""
    content: dict[str, Any] = json.loads((golden / "expected.json").read_text())
    return content


@pytest.fixture(scope="session")
def golden_case(golden: Path, expected: dict[str, Any]) -> Callable[[str], dict[str, Any]]:
    """Build the inputs of a golden case by its name."""
    spec = importlib.util.spec_from_file_location("make_cases", golden / "make_cases.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)

    def build(name: str) -> dict[str, Any]:
        case = (expected["cases"] | expected["maps_small"])[name]
        with warnings.catch_warnings():  # the generator calls irfftn without axes
            warnings.simplefilter("ignore", DeprecationWarning)
            built: dict[str, Any] = module.build(case["spec"])
        return built

    return build


def as_map(values: np.ndarray, lon: np.ndarray, lat: np.ndarray) -> xr.DataArray:
    """Daily maps from 2012-10-22."""
    coords = {"time": START + np.arange(len(values)) * DAY, "lat": lat, "lon": lon}
    return xr.DataArray(values, coords, ("time", "lat", "lon"), name="ssh")


@pytest.fixture(scope="session")
def make_map() -> Callable[..., xr.DataArray]:
    """Wrap an array (time, lat, lon) as daily maps on given axes."""
    return as_map


@pytest.fixture(scope="session")
def ocean() -> Callable[..., Fields]:
    """Build (estimate, reference): a random red field with mean 0.3 m, and a smoothed, noisy copy."""

    def build(n_time: int = 24, n_lat: int = 20, n_lon: int = 40, seed: int = 3) -> Fields:
        rng = np.random.default_rng(seed)
        step = 0.25
        shape = (2 * n_time, 2 * n_lat, 2 * n_lon)
        f = np.fft.fftfreq(shape[0])[:, None, None]
        k = np.hypot(np.fft.fftfreq(shape[1], step)[:, None], np.fft.fftfreq(shape[2], step))
        spectrum = np.fft.fftn(rng.standard_normal(shape))
        spectrum *= (0.15**2 + k**2) ** -1.25 / (1 + (20 * f) ** 2) ** 0.75
        smooth = spectrum / ((1 + (2 * k) ** 4) * (1 + (6 * f) ** 2))
        truth, copy = (np.fft.ifftn(s).real[:n_time, :n_lat, :n_lon] for s in (spectrum, smooth))
        gain = 0.25 / truth.std()
        noise = 0.01 * rng.standard_normal(truth.shape)
        lon, lat = -65 + step * np.arange(n_lon), 33 + step * np.arange(n_lat)
        return as_map(gain * copy + 0.3 + noise, lon, lat), as_map(gain * truth + 0.3, lon, lat)

    return build


@pytest.fixture(scope="session")
def wave_sums() -> Fields:
    """(estimate, reference) of appendix B.1 of the protocols: 225 westward waves, damped in the estimate."""
    time, lat, lon = np.arange(41.0), 33 + 0.5 * np.arange(21), -65 + 0.1 * np.arange(100)
    t, j, x = time[:, None, None], np.arange(21)[:, None], lon + 65
    truth, estimate = np.full((41, 21, 100), 0.3), np.full((41, 21, 100), 0.3)
    for k in range(1, 16):
        for q in range(1, 16):
            amplitude = 0.5 / ((1 + (k / 2) ** 2) * (1 + (q / 2) ** 2))
            phase = 2.3 * k + 1.7 * q + 0.9 * k * q + 0.05 * j * k
            wave = amplitude * np.cos(2 * np.pi * (k * x / 10 + q * t / 41) + phase)
            truth += wave
            estimate += wave / (1 + (k / 6) ** 4 + (q / 5) ** 4)
    return as_map(estimate, lon, lat), as_map(truth, lon, lat)
