"""The median is the official one, and the better one when asked for."""

import json
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import ArrayLike, NDArray
from scipy.ndimage import generic_filter

from oceanbench_baselines.filtering import Median

type MakeSwath = Callable[[ArrayLike], xr.Dataset]


def by_the_definition(heights: NDArray[np.floating], size: int) -> NDArray[np.floating]:
    with warnings.catch_warnings():
        warnings.simplefilter(
            "ignore", RuntimeWarning
        )  # windows without a height, all of them missing pixels
        found = generic_filter(heights, np.nanmedian, size=size)
    return np.where(np.isfinite(heights), found, np.nan).astype(heights.dtype)


@settings(max_examples=30)
@given(
    lines=st.integers(1, 20),
    pixels=st.integers(2, 15),
    size=st.integers(1, 11),
    share=st.floats(0, 1),
    levels=st.sampled_from([3, 1000]),
    precision=st.sampled_from([np.float32, np.float64]),
    seed=st.integers(0, 1000),
)
def test_it_is_the_nanmedian_of_a_sliding_window(
    lines: int,
    pixels: int,
    size: int,
    share: float,
    levels: int,
    precision: type[np.floating],
    seed: int,
    make_swath: MakeSwath,
) -> None:
    draw = np.random.default_rng(seed)
    heights = draw.integers(-levels, levels, (lines, pixels)) / 7
    heights = np.where(draw.random(heights.shape) < share, np.nan, heights).astype(precision)
    found = Median(size)(make_swath(heights))["ssh"].values
    expected = by_the_definition(heights.astype(np.float64), size)
    assert found == pytest.approx(expected, rel=1e-14, abs=1e-300, nan_ok=True)
    assert found.astype(precision) == pytest.approx(by_the_definition(heights, size), rel=1e-7, nan_ok=True)


@pytest.mark.parametrize("number", [0, 1, 2])
def test_the_official_median_of_the_golden_passes_is_reproduced(
    number: int, golden: Path, make_swath: MakeSwath
) -> None:
    expected = json.loads((golden / "expected.json").read_text())["cases"]["swath"]["expected"]["filters"]
    block = expected["MEDIAN"][number]
    with xr.open_dataset(golden / "cases" / f"swath_pass{number}.nc") as case:
        found = Median()(make_swath(case["ssh_karin"].values))["ssh"].values
    assert np.isnan(found).sum() == block["n_nan"]
    assert np.nanmean(found) == pytest.approx(block["mean"], rel=1e-12)
    assert np.nanstd(found) == pytest.approx(block["std"], rel=1e-12)
    for place, value in block["samples"]:
        assert found[tuple(place)] == pytest.approx(value, abs=1e-12)


def test_an_even_window_moves_a_slope_by_half_a_pixel(make_swath: MakeSwath) -> None:
    lines, pixels = np.mgrid[:40, :40]
    for slope in (lines, pixels):
        found = Median(size=10)(make_swath(0.01 * slope))["ssh"].values
        assert found[8:-8, 8:-8] == pytest.approx(0.01 * (slope[8:-8, 8:-8] - 0.5))


def test_an_odd_window_without_mirrors_keeps_a_slope_along_the_edge(make_swath: MakeSwath) -> None:
    lines = np.mgrid[:40, :40][0]
    found = Median(size=5, edges="missing")(make_swath(0.01 * lines))["ssh"].values
    assert found[2:-2] == pytest.approx(0.01 * lines[2:-2])


def test_windows_that_end_with_the_pass_hold_what_is_left(make_swath: MakeSwath) -> None:
    heights = np.array([[1.0, 2.0, 10.0], [4.0, 8.0, 20.0]])
    found = Median(size=3, edges="missing")(make_swath(heights))["ssh"].values
    assert found == pytest.approx(np.array([[3.0, 6.0, 9.0], [3.0, 6.0, 9.0]]))


def test_white_noise_is_reduced_by_the_known_factor(make_swath: MakeSwath) -> None:
    noise = np.random.default_rng(3).standard_normal((700, 300))
    found = Median(size=9, edges="missing")(make_swath(noise))["ssh"].values
    assert 9 * found[8:-8, 8:-8].std() == pytest.approx(np.sqrt(np.pi / 2), rel=0.02)


@pytest.mark.parametrize(("wanted", "wrong"), [({"size": 0}, "0"), ({"edges": "wrap"}, "'wrap'")])
def test_windows_that_cannot_be_are_refused(wanted: dict[str, object], wrong: str) -> None:
    with pytest.raises(ValueError, match=f"Median is {wrong}"):
        Median(**wanted)  # type: ignore[arg-type]
