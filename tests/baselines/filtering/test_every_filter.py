"""What holds for every filter that is a mean or a median of what is measured."""

from collections.abc import Callable

import numpy as np
import pytest
import xarray as xr
from numpy.typing import ArrayLike, NDArray

from oceanbench_baselines.filtering import (
    Boxcar,
    Gaussian,
    Gomez,
    Lanczos,
    Loess,
    Median,
    PassFilter,
    Unfiltered,
)

type MakeSwath = Callable[[ArrayLike], xr.Dataset]

GOMEZ = Gomez(iterations=60)
LINEAR = [Gaussian(), Boxcar(), Lanczos(cutoff_km=12), Loess(half_span_km=12), GOMEZ]
CENTRED = [*LINEAR, Median(size=5, edges="missing")]
ALL = [Unfiltered(), Median(), *CENTRED]
WINDOWS = [Gaussian(), Boxcar(), Lanczos(cutoff_km=8), Loess(half_span_km=12), Median(5, "missing")]


def name(method: PassFilter) -> str:
    return type(method).__name__


def noise(lines: int = 40, pixels: int = 31, seed: int = 0) -> NDArray[np.float64]:
    return np.random.default_rng(seed).standard_normal((lines, pixels))


def patchy(heights: NDArray[np.float64], seed: int = 0) -> NDArray[np.float64]:
    """Heights with a gap along the track, a coast, and half of the other pixels missing at random."""
    holed = np.where(np.random.default_rng(seed).random(heights.shape) < 0.5, np.nan, heights)
    holed[:, 12:18] = np.nan
    holed[: heights.shape[0] // 3, 20:] = np.nan
    holed[2, 28] = heights[2, 28]  # one pixel alone, far from any other
    return holed


@pytest.mark.parametrize("method", ALL, ids=name)
def test_a_constant_is_kept_whatever_is_missing(method: PassFilter, make_swath: MakeSwath) -> None:
    given = make_swath(patchy(np.full((40, 31), 0.7)))
    found = method(given)["ssh"].values
    assert np.array_equal(np.isnan(found), np.isnan(given["ssh"].values))
    assert np.nanmax(np.abs(found - 0.7)) < 1e-12


@pytest.mark.parametrize("method", ALL, ids=name)
def test_the_given_pass_is_left_as_it_was(method: PassFilter, make_swath: MakeSwath) -> None:
    given = make_swath(patchy(noise()))
    before = given.copy(deep=True)
    method(given)
    xr.testing.assert_identical(given, before)


@pytest.mark.parametrize("method", ALL, ids=name)
def test_a_pass_without_any_height_stays_so(method: PassFilter, make_swath: MakeSwath) -> None:
    assert np.isnan(method(make_swath(np.full((8, 31), np.nan)))["ssh"].values).all()


@pytest.mark.parametrize("method", [*ALL, Lanczos(), Loess(), Gaussian(sigma_km=15)], ids=name)
def test_a_pass_of_three_lines_is_filtered(method: PassFilter, make_swath: MakeSwath) -> None:
    heights = 0.5 + 0.01 * patchy(noise(3))
    found = method(make_swath(heights))["ssh"].values
    assert np.array_equal(np.isnan(found), np.isnan(heights))
    assert np.nanmax(np.abs(found - 0.5)) < 0.05


@pytest.mark.parametrize("method", CENTRED, ids=name)
@pytest.mark.parametrize("turn", [np.s_[::-1], np.s_[:, ::-1]], ids=["along", "across"])
def test_a_pass_turned_round_is_filtered_the_same(
    method: PassFilter, turn: tuple[slice, ...], make_swath: MakeSwath
) -> None:
    heights = patchy(noise())
    found = method(make_swath(heights))["ssh"].values
    turned = method(make_swath(heights[turn]))["ssh"].values
    assert turned == pytest.approx(found[turn], abs=1e-11, nan_ok=True)


@pytest.mark.parametrize("method", LINEAR, ids=name)
def test_sums_of_passes_give_sums_of_filtered_passes(method: PassFilter, make_swath: MakeSwath) -> None:
    one, other = patchy(noise(seed=1)), patchy(noise(seed=2))
    found = [method(make_swath(heights))["ssh"].values for heights in (one, other, 2.0 * one - 0.5 * other)]
    assert found[2] == pytest.approx(2.0 * found[0] - 0.5 * found[1], abs=1e-10, nan_ok=True)


@pytest.mark.parametrize("method", WINDOWS, ids=name)
def test_a_plane_is_kept_away_from_the_edges(method: PassFilter, make_swath: MakeSwath) -> None:
    lines, pixels = np.mgrid[:50, :50]
    plane = 0.2 + 0.01 * lines - 0.02 * pixels
    found = method(make_swath(plane))["ssh"].values
    assert found[13:-13, 13:-13] == pytest.approx(plane[13:-13, 13:-13], abs=1e-9)


def test_heights_of_single_precision_are_filtered_in_double(make_swath: MakeSwath) -> None:
    heights = patchy(noise()).astype(np.float32)
    for method in ALL:
        found = method(make_swath(heights))["ssh"].values
        assert np.array_equal(found, method(make_swath(heights.astype(np.float64)))["ssh"].values, True)
