"""The spectra that describe the twin, on series of known spectrum and on the real passes."""

from pathlib import Path

import numpy as np
import pytest

from oceanbench.physics.random_signal import random_signal, standard_normal
from oceanbench.twin.karin2022 import pass_statistics as statistics
from oceanbench.twin.karin2022.design import LINE_KM


def test_white_noise_has_twice_the_spacing_times_its_variance_everywhere() -> None:
    noise = 0.013 * standard_normal([1], (256 * 30, 20))
    density = statistics.mean_spectrum([noise])
    np.testing.assert_allclose(density[3:-2], 2 * LINE_KM * 0.013**2, rtol=0.25)
    assert density[3:-2].mean() == pytest.approx(2 * LINE_KM * 0.013**2, rel=0.02)


@pytest.mark.parametrize("slope", [-3.0, -4.5])
def test_the_slope_of_a_power_law_is_found(slope: float) -> None:
    columns = [random_signal(lambda f: 1e-6 * f**slope, 4096, LINE_KM, [2, seed]) for seed in range(6)]
    found = statistics.slopes(statistics.mean_spectrum([np.stack(columns, axis=1)]))
    assert found["10-100 km"] == pytest.approx(slope, abs=0.12)
    assert found["5-10 km"] == pytest.approx(slope, abs=0.3)


def test_segments_step_over_gaps_and_overlap_by_a_quarter() -> None:
    column = np.zeros(1000)
    column[100] = np.nan
    starts = [window.start for window in statistics.segments(column)]
    assert starts == [101, 293, 485, 677]


def test_noise_crosses_a_power_law_where_algebra_says() -> None:
    k = statistics.wavenumbers()
    density = np.full_like(k, np.inf)
    density[1:] = 4e-9 * k[1:] ** -4.0
    variance = 0.013**2
    expected = (4e-9 / (2 * LINE_KM * variance)) ** (-1 / 4)
    assert statistics.crossing_km(density, variance) == pytest.approx(expected, rel=1e-3)


def test_noise_that_never_crosses_is_refused() -> None:
    with pytest.raises(ValueError, match=r"1e-30"):
        statistics.crossing_km(np.ones(129), 1e-30)


def test_passes_too_short_for_a_segment_are_refused() -> None:
    with pytest.raises(ValueError, match="256 heights"):
        statistics.mean_spectrum([np.zeros((200, 3))])


@pytest.mark.slow
def test_six_real_passes_have_a_slope_near_minus_four(shared: Path) -> None:
    paths = sorted((shared / "data" / "odc2022a_karin" / "dc_inputs").glob("*.nc"))
    density = statistics.file_spectrum(paths)
    assert statistics.slopes(density)["10-100 km"] == pytest.approx(-4.0, abs=0.02)
    noise = [statistics.read_heights(path, "ssh_karin") - statistics.read_heights(path) for path in paths]
    variance = float(np.nanmean(np.concatenate(noise) ** 2))
    assert statistics.crossing_km(density, variance) == pytest.approx(44.5, abs=4)  # published for the cycle
