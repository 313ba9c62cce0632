"""The official variational scheme, digit by digit and by its own algebra."""

import json
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from numpy.typing import ArrayLike, NDArray
from scipy.ndimage import gaussian_filter

from oceanbench_baselines.filtering import Gomez
from oceanbench_baselines.filtering._descent import Descent

type MakeSwath = Callable[[ArrayLike], xr.Dataset]
type Floats = NDArray[np.float64]


@pytest.mark.parametrize("number", [1, 2])
def test_the_official_answer_of_the_golden_passes_is_reproduced(
    number: int, golden: Path, make_swath: MakeSwath
) -> None:
    expected = json.loads((golden / "expected.json").read_text())["cases"]["swath"]["expected"]["filters"]
    block = expected["GOMEZ"][number]["masked"]
    with xr.open_dataset(golden / "cases" / f"swath_pass{number}.nc") as case:
        found = Gomez()(make_swath(case["ssh_karin"].values))["ssh"].values
    assert np.isnan(found).sum() == block["n_nan"]
    assert np.nanmean(found) == pytest.approx(block["mean"], rel=1e-10)
    assert np.nanstd(found) == pytest.approx(block["std"], rel=1e-10)
    for place, value in block["samples"]:
        assert found[tuple(place)] == pytest.approx(value, abs=1e-10)


def laplacian(pixels: int) -> Floats:
    """Matrix of second differences with level edges: minus the gradient's transpose times the gradient."""
    gradient = np.diff(np.eye(pixels), axis=0)
    return -gradient.T @ gradient


def plain_descent(heights: Floats, weights: tuple[float, float, float], steps: int) -> Floats:
    """The scheme as it is written down, with matrices."""
    largest = max(*weights, 1.0)
    scale, (one, two, three) = 1.0 / largest, (weight / largest for weight in weights)
    along, across = (laplacian(size) for size in heights.shape)
    seen, y = np.isfinite(heights).astype(float), np.nan_to_num(heights)
    h = before = gaussian_filter(y, 10) / np.maximum(gaussian_filter(seen, 10), 1e-8)
    momentum = 1.0
    for _ in range(steps):
        first = along @ h + h @ across
        second = along @ first + first @ across
        third = along @ second + second @ across
        push = scale * seen * (y - h) + one * first - two * second + three * third
        now = h + push / (scale + 8 * one + 64 * two + 512 * three)
        grown = (1 + np.sqrt(1 + 4 * momentum**2)) / 2
        h, before, momentum = now + (momentum - 1) / grown * (now - before), now, grown
    return before


@pytest.mark.parametrize(
    "weights", [(0.0, 0.0, 0.0), (0.5, 0.0, 0.0), (0.0, 10.0, 0.0), (0.0, 0.0, 3.0), (2.0, 0.3, 4.0)]
)
@pytest.mark.parametrize("lines", [1, 3, 256, 300])
def test_blocks_and_buffers_give_the_plain_descent(
    weights: tuple[float, float, float], lines: int, make_swath: MakeSwath
) -> None:
    draw = np.random.default_rng(lines)
    heights = np.where(draw.random((lines, 9)) < 0.3, np.nan, draw.standard_normal((lines, 9)))
    found = Gomez(*weights, tolerance=0.0, iterations=25)(make_swath(heights))["ssh"].values
    expected = np.where(np.isfinite(heights), plain_descent(heights, weights, 25), np.nan)
    assert found == pytest.approx(expected, abs=1e-12, nan_ok=True)


def test_long_descents_reach_the_least_of_the_cost(make_swath: MakeSwath) -> None:
    draw = np.random.default_rng(1)
    heights = np.where(draw.random((12, 9)) < 0.3, np.nan, draw.standard_normal((12, 9)))
    seen = np.isfinite(heights)
    both = np.kron(laplacian(12), np.eye(9)) + np.kron(np.eye(12), laplacian(9))
    least = np.linalg.solve(
        np.diag(seen.ravel().astype(float)) + 2.0 * both @ both, np.nan_to_num(heights.ravel())
    )
    found = Gomez(lambda_2=2.0, tolerance=0.0, iterations=4000)(make_swath(heights))["ssh"].values
    assert found[seen] == pytest.approx(least.reshape(12, 9)[seen], abs=1e-8)


def test_the_descent_stops_at_the_first_step_that_moves_no_pixel_by_the_tolerance() -> None:
    draw = np.random.default_rng(2)
    start = draw.standard_normal((20, 9))
    arguments = {
        "keep": np.full(start.shape, 0.8),
        "pull": np.zeros(start.shape),
        "smooth": (0.0, 0.002, 0.0),
    }
    path = [start] + [Descent(start, **arguments).run(steps, 0.0) for steps in range(1, 60)]
    moved = [np.abs(now - before).max() for before, now in pairwise(path)]
    first = 1 + next(step for step, largest in enumerate(moved) if largest < 1e-3)
    assert 5 < first < 59
    assert np.array_equal(Descent(start, **arguments).run(1000, 1e-3), path[first])


@pytest.mark.parametrize(
    ("settings", "wrong"),
    [
        ({"lambda_2": -1.0}, r"lambda_2 of Gomez is -1\.0"),
        ({"iterations": 0}, "iterations of Gomez is 0"),
        ({"tolerance": -1e-6}, "tolerance of Gomez is -1e-06"),
    ],
)
def test_parameters_that_define_no_descent_are_refused(settings: dict[str, float], wrong: str) -> None:
    with pytest.raises(ValueError, match=wrong):
        Gomez(**settings)  # type: ignore[arg-type]
