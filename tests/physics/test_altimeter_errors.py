"""KaRIn's and nadir altimeters' errors against the published error budget."""

from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from oceanbench.physics import swath_errors
from oceanbench.physics.karin_noise import karin_noise_std
from oceanbench.physics.nadir_noise import nadir_noise
from oceanbench.physics.random_signal import standard_normal
from oceanbench.physics.wet_troposphere import radiometer_spectrum, residual_path_delay

COLUMNS = np.concatenate([np.arange(-60.0, -9.0, 2.0), np.arange(10.0, 61.0, 2.0)])


def test_karin_noise_is_the_published_one_at_waves_of_two_metres() -> None:
    std = karin_noise_std(np.array([60.0, 50, 40, 30, 20, 10]))
    np.testing.assert_allclose(std, [0.0230, 0.0124, 0.0094, 0.0089, 0.0102, 0.0148], atol=1e-4)
    assert np.sqrt(np.mean(karin_noise_std(COLUMNS) ** 2)) == pytest.approx(0.0123, abs=1e-4)


def test_karin_noise_table_is_that_of_the_simulator(shared: Path) -> None:
    with xr.open_dataset(shared / "data" / "swot_simulator" / "karin_noise_v2.nc") as dataset:
        inside = (dataset["cross_track"] >= 10) & (dataset["cross_track"] <= 60)
        distance = dataset["cross_track"].where(inside, drop=True).to_numpy()
        table = dataset["height_sdt"].where(inside, drop=True).to_numpy()
    for row, height in enumerate(np.arange(0, 8.1, 0.5)):
        ours = karin_noise_std(distance, wave_height=float(height), pixel_area_km2=1.0)
        np.testing.assert_allclose(ours, table[row], atol=1e-6)


def test_karin_noise_is_linear_between_wave_heights_and_blind_to_the_side() -> None:
    x = np.array([15.0, 42.0])
    low, middle, high = (karin_noise_std(x, wave_height=h) for h in (3.0, 3.25, 3.5))
    np.testing.assert_allclose(middle, (low + high) / 2)
    assert np.array_equal(karin_noise_std(-x), karin_noise_std(x))


def test_karin_noise_follows_waves_that_differ_from_pixel_to_pixel() -> None:
    x = np.array([-60.0, -20.0, 10.0])
    waves = np.array([[1.0, 2.2, 8.0], [0.0, 3.0, 5.75]])
    together = karin_noise_std(x, wave_height=waves)
    each = [[karin_noise_std(x[j], wave_height=waves[i, j]) for j in range(3)] for i in range(2)]
    assert np.array_equal(together, each)


@pytest.mark.parametrize("waves", [np.array([2.0, 8.5]), np.array([np.nan, 1.0])])
def test_one_wave_height_outside_the_table_is_refused(waves: np.ndarray) -> None:
    with pytest.raises(ValueError, match="nan" if np.isnan(waves).any() else r"8\.5"):
        karin_noise_std(np.array([30.0, 30.0]), wave_height=waves)


@pytest.mark.parametrize(("distance", "height"), [(5.0, 2.0), (61.0, 2.0), (30.0, 8.5)])
def test_karin_noise_is_never_extrapolated(distance: float, height: float) -> None:
    with pytest.raises(ValueError, match=str(height if height > 8 else distance)):
        karin_noise_std(np.array([distance]), wave_height=height)


@pytest.mark.parametrize(
    ("name", "ours"),
    [
        ("phasePSD", swath_errors.PHASE),
        ("dilationPSD", swath_errors.DILATION),
        ("timingPSD", swath_errors.TIMING),
        ("rollPSD", swath_errors.ROLL_CONTROL),
    ],
)
def test_spectra_of_the_budget_are_those_of_the_simulator(
    name: str, ours: swath_errors.BudgetSpectrum, shared: Path
) -> None:
    with xr.open_dataset(shared / "data" / "swot_simulator" / "error_spectrum.nc") as dataset:
        frequency = dataset["spatial_frequency"].to_numpy()
        density = dataset[name].to_numpy()
    used = frequency > 5e-5
    np.testing.assert_allclose(ours(frequency[used]), density[used], rtol=0.03)


def test_roll_has_the_spectrum_of_control_and_gyrometer(shared: Path) -> None:
    with xr.open_dataset(shared / "data" / "swot_simulator" / "error_spectrum.nc") as dataset:
        frequency = dataset["spatial_frequency"].to_numpy()
        density = (dataset["rollPSD"] + dataset["gyroPSD"]).to_numpy()
    used = (frequency > 5e-5) & (frequency < 0.25)
    np.testing.assert_allclose(swath_errors.roll(frequency[used]), density[used], rtol=0.05)


def test_correlated_errors_have_the_budget_at_the_edge_below_a_thousand_kilometres() -> None:
    errors = swath_errors.SwathErrors()
    drawn = [errors.heights(errors.angles(1000, [5, draw]), np.array([60.0])) for draw in range(300)]
    rms_cm = {name: 100 * np.sqrt(np.mean([d[name] ** 2 for d in drawn])) for name in drawn[0]}
    expected = {"roll": 1.03, "phase": 0.70, "dilation": 0.27, "timing": 0.18}
    assert rms_cm == pytest.approx(expected, rel=0.08)


def test_correlated_errors_have_their_shape_across_the_swath() -> None:
    errors = swath_errors.SwathErrors()
    x = np.array([-60.0, -30.0, 30.0, 60.0])
    signal = {"roll": np.ones((1, 1)), "dilation": np.ones((1, 1))}
    sides = {"phase": np.array([[1.0], [3.0]]), "timing": np.array([[1.0], [3.0]])}
    heights = errors.heights(signal | sides, x)
    np.testing.assert_allclose(heights["roll"][0], 5.526e-3 * x * 1e-0, rtol=1e-3)
    np.testing.assert_allclose(heights["phase"][0], 2.655e-3 * x * np.array([1, 1, 3, 3]), rtol=1e-3)
    np.testing.assert_allclose(heights["dilation"][0], -1.280e-7 * x**2, rtol=1e-3)
    np.testing.assert_allclose(heights["timing"][0], 1.499e-4 * np.array([1, 1, 3, 3]), rtol=1e-3)


def test_the_two_sides_of_phase_and_timing_are_independent() -> None:
    errors = swath_errors.SwathErrors()
    for name in ("phase", "timing"):
        pairs = np.stack([errors.angles(2000, [6, draw])[name] for draw in range(100)])
        left, right = pairs[:, 0].ravel(), pairs[:, 1].ravel()
        assert abs(np.corrcoef(left, right)[0, 1]) < 0.1


def test_nothing_is_left_above_the_wavelength_of_cross_calibration() -> None:
    cut = swath_errors.high_pass(swath_errors.PHASE, 1000.0)
    frequency = np.array([1 / 1001, 1 / 999])
    assert cut(frequency)[0] == 0
    assert cut(frequency)[1] == swath_errors.PHASE(frequency)[1]


def test_two_radiometer_beams_leave_the_published_path_delay() -> None:
    x = np.arange(0.0, 61.0, 10.0)
    drawn = np.stack([residual_path_delay(1000, x, [7, draw]) for draw in range(40)])
    rms_cm = 100 * np.sqrt(np.mean(drawn**2, axis=(0, 1)))
    np.testing.assert_allclose(rms_cm, [0.41, 0.40, 0.37, 0.42, 0.55, 0.72, 0.91], rtol=0.1)


def test_the_radiometer_has_its_published_noise() -> None:
    frequency = np.arange(1 / 20000, 0.25, 1 / 20000)
    assert np.sqrt(np.sum(radiometer_spectrum(frequency)) / 20000) == pytest.approx(0.38, abs=0.02)


@pytest.mark.parametrize("distance", [11.0, 102.0])
def test_path_delay_off_its_grid_is_refused(distance: float) -> None:
    with pytest.raises(ValueError, match="multiples of 2"):
        residual_path_delay(10, np.array([distance]), [1])


def test_nadir_noise_has_a_red_part_of_one_and_a_half_centimetres() -> None:
    drawn = np.stack([nadir_noise(500, 6.0, 0.0, [8, draw]) for draw in range(400)])
    assert 100 * np.sqrt(np.mean(drawn**2)) == pytest.approx(1.53, rel=0.05)


def test_white_nadir_noise_comes_on_top() -> None:
    red = nadir_noise(400, 6.0, 0.0, [9, 0])
    both = nadir_noise(400, 6.0, 0.02, [9, 0])
    np.testing.assert_allclose(both - red, 0.02 * standard_normal([9, 0, 1], (400,)), atol=1e-12)


def test_a_nadir_pass_longer_than_the_longest_wavelength_is_refused() -> None:
    with pytest.raises(ValueError, match="501 samples"):
        nadir_noise(501, 6.0, 0.02, [1])
