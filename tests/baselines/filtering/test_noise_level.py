"""The white noise of a pass is told by the pass itself."""

import numpy as np
import pytest
from numpy.typing import NDArray

from oceanbench.catalog import shipped_challenges
from oceanbench.physics.karin_noise import karin_noise_std
from oceanbench.twin.karin2022 import design
from oceanbench.twin.karin2022.pass_files import noise_of
from oceanbench.twin.karin2022.pass_files import noise_std as true_std
from oceanbench.twin.karin2022.truth_files import read_truths
from oceanbench_baselines.filtering._noise_level import noise_std
from oceanbench_baselines.filtering._pass_filter import Heights

ACROSS_KM = np.arange(-70.0, 71.0, 2.0)
BEAM = (np.abs(ACROSS_KM) >= 10) & (np.abs(ACROSS_KM) <= 60)


def sea(lines: int, std: NDArray[np.float64] | float, *, seed: int = 0) -> Heights:
    """An eddy of 40 cm on a slope, with white noise; nothing measured outside the two beams."""
    along, across = np.meshgrid(2.0 * np.arange(lines), ACROSS_KM, indexing="ij")
    truth = 1e-3 * along + 0.4 * np.exp(-((along - lines) ** 2 + across**2) / 2 / 40**2)
    noisy = truth + std * np.random.default_rng(seed).standard_normal(truth.shape)
    noisy[:, ~BEAM] = np.nan
    return Heights(noisy, np.full(noisy.shape, 40.0), ACROSS_KM, 2.0)


def rms_error(found: NDArray[np.float64], std: NDArray[np.float64]) -> float:
    return float(np.sqrt(np.mean((found / std - 1)[:, BEAM] ** 2)))


def table(wave_height: NDArray[np.float64] | float) -> NDArray[np.float64]:
    std = np.full((np.size(wave_height), 71), np.nan)
    std[:, BEAM] = karin_noise_std(ACROSS_KM[BEAM], wave_height=np.reshape(wave_height, (-1, 1)))
    return std


@pytest.mark.parametrize("wave_height", [0.5, 2.0, 5.0])
def test_an_even_wave_height_is_found_within_three_percent(wave_height: float) -> None:
    std = table(wave_height)
    assert rms_error(noise_std(sea(400, std)), std) < 0.03


def test_a_wave_height_that_grows_along_the_track_is_followed() -> None:
    std = table(np.linspace(1.0, 6.0, 800))
    assert rms_error(noise_std(sea(800, std)), std) < 0.05


def test_an_instrument_better_than_its_table_is_seen() -> None:
    std = 0.6 * table(2.0)
    found = noise_std(sea(800, std))
    assert np.mean(found[:, BEAM] / std[:, BEAM]) == pytest.approx(1, abs=0.03)


def test_a_cliff_hardly_moves_the_level() -> None:
    heights = sea(400, table(2.0))
    level = noise_std(heights)
    heights.ssh[200:, 40:] += 2.0
    assert noise_std(heights) == pytest.approx(level, rel=0.03)


def test_missing_pixels_leave_a_level_everywhere() -> None:
    heights = sea(300, table(2.0))
    heights.ssh[100:180] = np.nan
    heights.ssh[:, :30] = np.nan
    level = noise_std(heights)
    assert level.shape == (300, 71)
    assert rms_error(level, table(2.0)) < 0.05


@pytest.mark.parametrize("lines", [1, 4, 5])
def test_a_pass_too_short_to_tell_has_the_noise_of_two_metres_of_waves(lines: int) -> None:
    heights = sea(lines, table(2.0))
    heights.ssh[:, 6:] = np.nan
    assert rms_error(noise_std(heights), table(2.0)) < 0.2


def test_the_level_of_the_twin_is_found_within_four_percent() -> None:
    truth = next(
        one
        for one in read_truths(shipped_challenges() / "2022a-twin" / "data", design.TRAINING)
        if len(one.heights) > 700
    )
    known = true_std(truth.swath)
    noisy = np.array(truth.heights + noise_of(truth.swath))
    noisy[~np.isfinite(known)] = np.nan
    heights = Heights(noisy, truth.swath.position[1], ACROSS_KM, 2.0)
    ratio = (noise_std(heights) / known)[heights.measured]
    assert np.mean(ratio) == pytest.approx(1, abs=0.03)
    assert np.sqrt(np.mean((ratio - 1) ** 2)) < 0.04
