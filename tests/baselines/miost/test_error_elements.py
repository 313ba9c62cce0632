"""Errors as unknowns: their shapes, their standard deviation, the transpose of their operator."""

import numpy as np
import pytest
from numpy.typing import NDArray

from oceanbench_baselines.miost._error_elements import (
    ErrorElements,
    along_track_chain,
    nadir_error,
    swath_error,
)

ALONG = np.tile(np.arange(0.0, 3000.0, 30.0), 2)
PASSES = np.repeat([4, 9], ALONG.size // 2)
EVERYWHERE = np.ones(ALONG.size, bool)


def variance(elements: ErrorElements) -> NDArray[np.float64]:
    """Prior variance at each observation: the diagonal of the operator times its transpose."""
    return np.asarray((elements.matrix * elements.matrix).sum(axis=1))


def swath(across: float, **stds: float) -> ErrorElements:
    every = {"timing": 0.0, "slope": 0.0, "bend": 0.0} | stds
    return swath_error(PASSES, ALONG, np.full(ALONG.size, across), EVERYWHERE, stds=every, length_km=400.0)


def test_an_error_has_the_standard_deviation_that_was_asked_for() -> None:
    found = variance(nadir_error(PASSES, ALONG, EVERYWHERE, std=0.03, length_km=400.0))
    np.testing.assert_allclose(found, 0.03**2, rtol=0.02)


@pytest.mark.parametrize(("across", "std"), [(-60.0, 0.02), (60.0, 0.02), (-30.0, 0.01), (15.0, 0.005)])
def test_roll_and_phase_grow_with_the_distance_from_nadir(across: float, std: float) -> None:
    np.testing.assert_allclose(variance(swath(across, slope=0.02)), std**2, rtol=0.02)


@pytest.mark.parametrize(("across", "std"), [(60.0, 0.02), (-30.0, 0.005)])
def test_baseline_dilation_grows_with_the_square_of_the_distance(across: float, std: float) -> None:
    np.testing.assert_allclose(variance(swath(across, bend=0.02)), std**2, rtol=0.02)


@pytest.mark.parametrize("across", [-50.0, 50.0])
def test_timing_is_the_same_all_over_a_side(across: float) -> None:
    np.testing.assert_allclose(variance(swath(across, timing=0.01)), 0.01**2, rtol=0.02)


def test_the_two_sides_are_independent_but_for_baseline_dilation() -> None:
    across = np.where(np.arange(ALONG.size) % 2, 40.0, -40.0)
    covariances = {}
    for name in ("timing", "slope", "bend"):
        stds = {"timing": 0.0, "slope": 0.0, "bend": 0.0} | {name: 0.02}
        matrix = swath_error(PASSES, ALONG, across, EVERYWHERE, stds=stds, length_km=400.0).matrix
        covariances[name] = float((matrix @ matrix.T).toarray()[40, 41])
    assert covariances["timing"] == covariances["slope"] == 0.0
    assert covariances["bend"] > 0.0


def test_errors_of_two_passes_are_independent_and_those_of_one_fade_over_the_length() -> None:
    chain = along_track_chain(PASSES, ALONG, EVERYWHERE, 400.0).toarray()
    covariance = chain @ chain.T
    assert not covariance[:100, 100:].any()
    # the product of two Gaussians exp(-2 s²/L²) d apart sums to exp(-d²/L²)
    distance = np.abs(ALONG[:100] - ALONG[50])
    np.testing.assert_allclose(covariance[50, :100], np.exp(-((distance / 400.0) ** 2)), atol=0.02)


def test_the_adjoint_is_the_transpose() -> None:
    random = np.random.default_rng(0)
    elements = swath(45.0, timing=0.01, slope=0.02, bend=0.01)
    x, y = random.standard_normal(elements.size), random.standard_normal(ALONG.size)
    assert elements.forward(x) @ y == pytest.approx(x @ elements.adjoint(y), rel=1e-12)


def test_observations_without_the_error_have_no_element() -> None:
    half = ALONG < 1000.0
    found = variance(nadir_error(PASSES, ALONG, half, std=0.03, length_km=400.0))
    assert not found[~half].any()
    assert nadir_error(PASSES, ALONG, half, std=0.0, length_km=400.0).size == 0
