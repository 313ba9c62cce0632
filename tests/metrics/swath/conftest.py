"""Passes to score: a small random ocean, the golden case of the official code, and the six real passes."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
from numpy.lib.stride_tricks import sliding_window_view

from oceanbench.longitudes import wrap_longitudes
from oceanbench.metrics.swath import HALO_LINES, PassFields, SwathStatistics, pass_statistics
from oceanbench.swaths import open_passes

Floats = np.ndarray[Any, np.dtype[np.float64]]
Score = Callable[..., SwathStatistics]


def median_10(heights: Floats) -> Floats:
    """Official MEDIAN: window -5..+4 pixels, edges reflected, missing heights left out."""
    padded = np.pad(heights, ((5, 4), (5, 4)), mode="symmetric")
    result = np.full(heights.shape, np.nan)
    for first in range(0, len(heights), 100):  # in pieces, to spare memory
        lines = sliding_window_view(padded[first : first + 109], (10, 10))
        windows = np.sort(lines.reshape(len(lines), heights.shape[1], 100), axis=-1)  # missing ones go last
        count = np.isfinite(windows).sum(axis=-1, keepdims=True)
        middle = [np.take_along_axis(windows, np.maximum(count + k, 0) // 2, axis=-1) for k in (-1, 0)]
        result[first : first + 100] = (0.5 * (middle[0] + middle[1]))[: len(heights) - first, :, 0]
    return np.where(np.isnan(heights), np.nan, result)


def lines_of(fields: PassFields, lines: slice) -> PassFields:
    return PassFields(*(values[lines] for values in fields))


def end_to_end(passes: Sequence[PassFields]) -> PassFields | None:
    return PassFields(*(np.concatenate(parts) for parts in zip(*passes, strict=True))) if passes else None


@pytest.fixture(scope="session")
def score() -> Score:
    """Score passes as a caller does: each with the lines around it, in the order of the list."""

    def scored(passes: Sequence[PassFields], **settings: float) -> SwathStatistics:
        parts = []
        for place, fields in enumerate(passes):
            ahead, behind = end_to_end(passes[:place]), end_to_end(passes[place + 1 :])
            before = ahead and lines_of(ahead, slice(-HALO_LINES, None))
            after = behind and lines_of(behind, slice(0, HALO_LINES))
            parts.append(pass_statistics(fields, before=before, after=after, **settings))
        return SwathStatistics.combine(parts)

    return scored


@pytest.fixture(scope="session")
def small_pass() -> Callable[..., PassFields]:
    """Build a pass of 18 columns with a nadir gap, land, noise, a filtered height, and all regimes."""

    def build(lines: int = 60, seed: int = 1) -> PassFields:
        rng = np.random.default_rng(seed)
        a, c = np.arange(lines)[:, None], np.arange(18)
        truth = 0.2 * np.sin(a / 4.0 + seed) * np.cos(c / 3.0) + 0.01 * rng.standard_normal((lines, 18))
        noisy = truth + 0.02 * rng.standard_normal(truth.shape)
        noisy[:, 8:10] = np.nan
        noisy[5:9, 13:] = np.nan
        filtered = 0.5 * (truth + noisy)
        lon, lat = -60.0 + 0.02 * c + 0.01 * a, 35.0 + 0.018 * a - 0.003 * c
        return PassFields(truth, noisy, filtered, lon, lat, (a + c > 20), (a + 2 * c < 60))

    return build


@pytest.fixture(scope="session")
def golden_passes(golden: Path) -> list[PassFields]:
    """The case ``swath`` with the official MEDIAN as the filter."""
    return [_golden_pass(golden / "cases" / f"swath_pass{number}.nc") for number in range(3)]


def _golden_pass(path: Path) -> PassFields:
    with xr.open_dataset(path) as data:
        noisy = data["ssh_karin"].values
        return PassFields(
            data["ssh_true"].values,
            noisy,
            median_10(noisy),
            wrap_longitudes(data["longitude"].values),
            data["latitude"].values,
            data["mask_coastline_200km"].values == 1,
            data["mask_ssh_var_over200cm2"].values == 1,
        )


@pytest.fixture(scope="session")
def real_passes(shared: Path) -> list[PassFields]:
    """The six real passes, unfiltered."""
    opened = open_passes(shared / "data" / "odc2022a_karin" / "dc_inputs").values()
    names = ("ssh_true", "ssh_karin", "ssh_karin", "lon", "lat", "offshore", "low_variability")
    return [PassFields(*(one[name].values for name in names)) for one in opened]


@pytest.fixture(scope="session")
def official_median() -> Callable[[Floats], Floats]:
    """The official MEDIAN filter, size 10."""
    return median_10
