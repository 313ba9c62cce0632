"""Kernels and local surfaces have the gains that their formulas promise."""

from collections.abc import Callable

import numpy as np
import pytest
import xarray as xr
from numpy.typing import ArrayLike, NDArray
from scipy.special import j1

from oceanbench_baselines.filtering import Boxcar, Gaussian, Lanczos, Loess, PassFilter

type MakeSwath = Callable[[ArrayLike], xr.Dataset]

KERNELS = [Gaussian(sigma_km=3.0), Boxcar(size=5), Lanczos(cutoff_km=10.0)]


def impulse_response(method: PassFilter, make_swath: MakeSwath, size: int = 61) -> NDArray[np.float64]:
    impulse = np.zeros((size, size))
    impulse[size // 2, size // 2] = 1.0
    return np.asarray(method(make_swath(impulse))["ssh"].values)


def offsets(size: int = 61) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    lines, pixels = np.mgrid[:size, :size] - float(size // 2)
    return lines, pixels


def test_an_impulse_gives_the_gaussian(make_swath: MakeSwath) -> None:
    lines, pixels = offsets()
    expected = np.exp(-0.5 * (lines**2 + pixels**2) / 1.5**2)
    expected[np.maximum(abs(lines), abs(pixels)) > 6] = 0.0
    found = impulse_response(Gaussian(sigma_km=3.0), make_swath)
    assert found == pytest.approx(expected / expected.sum(), abs=1e-15)


def test_an_impulse_gives_the_boxcar(make_swath: MakeSwath) -> None:
    lines, pixels = offsets()
    expected = (np.maximum(abs(lines), abs(pixels)) <= 2) / 25
    assert impulse_response(Boxcar(size=5), make_swath) == pytest.approx(expected, abs=1e-15)


def test_an_impulse_gives_the_lanczos_kernel(make_swath: MakeSwath) -> None:
    lines, pixels = offsets()
    distance = np.hypot(lines, pixels)
    with np.errstate(invalid="ignore"):
        expected = j1(2 * np.pi * distance / 5) / (5 * distance)
    expected[30, 30] = np.pi / 25
    expected *= np.sinc(lines / 15) * np.sinc(pixels / 15) * (distance <= 15)
    found = impulse_response(Lanczos(cutoff_km=10.0), make_swath)
    assert found == pytest.approx(expected / expected.sum(), abs=1e-13)


def test_an_impulse_gives_the_first_row_of_the_weighted_least_squares(make_swath: MakeSwath) -> None:
    lines, pixels = (axis.ravel() / 6 for axis in offsets())
    weights = (1 - np.minimum(np.hypot(lines, pixels), 1) ** 3) ** 3
    surface = np.stack([np.ones_like(lines), lines, pixels, lines**2, lines * pixels, pixels**2], axis=1)
    expected = (np.linalg.pinv(surface * np.sqrt(weights)[:, None])[0] * np.sqrt(weights)).reshape(61, 61)
    assert impulse_response(Loess(half_span_km=12.0), make_swath) == pytest.approx(expected, abs=1e-8)


@pytest.mark.parametrize("length_km", [8.0, 16.0, 40.0])
def test_a_wave_keeps_the_gain_of_the_gaussian(length_km: float, make_swath: MakeSwath) -> None:
    wave = np.cos(2 * np.pi * 2.0 * np.arange(160) / length_km)[:, None] * np.ones(60)
    found = Gaussian(sigma_km=4.0)(make_swath(wave))["ssh"].values
    gain = np.exp(-2 * np.pi**2 * 16 / length_km**2)
    assert found[20:-20] == pytest.approx(gain * wave[20:-20], abs=2e-4)


@pytest.mark.parametrize(
    ("length_km", "low", "high"), [(60.0, 0.99, 1.01), (20.0, 0.45, 0.55), (12.0, -0.01, 0.01)]
)
def test_a_wave_passes_the_lanczos_filter_when_longer_than_the_cutoff(
    length_km: float, low: float, high: float, make_swath: MakeSwath
) -> None:
    wave = np.cos(2 * np.pi * 2.0 * np.arange(180) / length_km)[:, None] * np.ones(120)
    found = Lanczos(cutoff_km=20.0)(make_swath(wave))["ssh"].values[40:-40, 40:-40]
    gain = np.vdot(found, wave[40:-40, 40:-40]) / np.vdot(wave[40:-40, 40:-40], wave[40:-40, 40:-40])
    assert low < gain < high


@pytest.mark.parametrize(
    ("method", "factor"), [(Gaussian(sigma_km=4.0), 1 / (4 * np.sqrt(np.pi))), (Boxcar(size=5), 1 / 5)]
)
def test_white_noise_is_reduced_by_the_known_factor(
    method: PassFilter, factor: float, make_swath: MakeSwath
) -> None:
    noise = np.random.default_rng(5).standard_normal((700, 500))
    found = method(make_swath(noise))["ssh"].values[10:-10, 10:-10]
    assert found.std() == pytest.approx(factor, rel=0.02)


@pytest.mark.parametrize("method", [*KERNELS, Loess(half_span_km=12.0)])
def test_noise_passes_as_the_squares_of_the_weights_say(method: PassFilter, make_swath: MakeSwath) -> None:
    factor = np.sqrt((impulse_response(method, make_swath) ** 2).sum())
    noise = np.random.default_rng(7).standard_normal((400, 300))
    found = method(make_swath(noise))["ssh"].values[15:-15, 15:-15]
    assert found.std() == pytest.approx(factor, rel=0.03)


def two_halves(gap: int) -> NDArray[np.float64]:
    """Height 0 on the left and 1 on the right of a gap under the satellite."""
    heights = np.zeros((60, 71))
    heights[:, 35:] = 1.0
    heights[:, 35 - gap // 2 : 36 + gap // 2] = np.nan
    return heights


def test_halves_of_a_swath_do_not_see_each_other_through_a_wide_gap(make_swath: MakeSwath) -> None:
    heights = two_halves(9)
    for method in (Gaussian(sigma_km=4.0), Boxcar(size=9), Loess(half_span_km=20.0)):
        found = method(make_swath(heights))["ssh"].values
        assert found == pytest.approx(heights, abs=1e-8, nan_ok=True)


def test_halves_of_a_swath_see_each_other_when_the_kernel_is_wider_than_the_gap(
    make_swath: MakeSwath,
) -> None:
    found = Gaussian(sigma_km=6.0)(make_swath(two_halves(9)))["ssh"].values
    assert found[30, 30] > 1e-5
    assert found[30, 30] == pytest.approx(1.0 - found[30, 40])


def test_the_local_surface_keeps_paraboloids_up_to_the_edge_whatever_is_missing(
    make_swath: MakeSwath,
) -> None:
    lines, pixels = np.mgrid[:50, :40] / 10.0
    surface = 0.3 + 0.1 * lines - 0.2 * pixels + 0.05 * lines**2 - 0.03 * lines * pixels + 0.02 * pixels**2
    holed = np.where(np.random.default_rng(2).random(surface.shape) < 0.4, np.nan, surface)
    found = Loess(half_span_km=16.0)(make_swath(holed))["ssh"].values
    assert found == pytest.approx(holed, abs=1e-6, nan_ok=True)


def test_no_pixel_gets_more_noise_than_it_had(make_swath: MakeSwath) -> None:
    """The factor at each pixel is the length of its row of weights, found impulse by impulse."""
    measured = np.random.default_rng(4).random((7, 9)) < 0.4
    squares = np.zeros(measured.shape)
    for place in np.argwhere(measured):
        impulse = np.where(measured, 0.0, np.nan)
        impulse[tuple(place)] = 1.0
        squares += np.nan_to_num(Loess(half_span_km=9.0)(make_swath(impulse))["ssh"].values) ** 2
    assert squares.max() < 1 + 1e-6


def test_lobes_that_cancel_leave_the_mean_of_the_main_lobe(make_swath: MakeSwath) -> None:
    lines, pixels = offsets(41)
    ring = abs(np.hypot(lines, pixels) - 8) < 1.0  # where the kernel of 20 km is most negative
    heights = np.where(ring, 1.0, np.nan)
    heights[20, 20] = 0.0
    assert Lanczos(cutoff_km=20.0)(make_swath(heights))["ssh"].values[20, 20] == pytest.approx(0.0, abs=1e-12)


@pytest.mark.parametrize(
    ("make", "wrong"),
    [
        (lambda: Gaussian(sigma_km=0.0), r"sigma_km of Gaussian is 0\.0"),
        (lambda: Boxcar(size=4), "size of Boxcar is 4; it takes an odd"),
        (lambda: Lanczos(cutoff_km=-1.0), r"cutoff_km of Lanczos is -1\.0"),
        (lambda: Loess(half_span_km=0.0), r"half_span_km of Loess is 0\.0"),
    ],
)
def test_widths_that_cannot_be_are_refused(make: Callable[[], PassFilter], wrong: str) -> None:
    with pytest.raises(ValueError, match=wrong):
        make()
