"""How a track is cut, and spectral densities of known signals."""

import numpy as np
import pytest
from scipy import signal

from oceanbench.metrics.segments import Segmentation, piece_spectra

SECOND = np.timedelta64(1_000_000_000, "ns")
CUT = Segmentation(10.0, 100.0, 4 * SECOND)


def track(*lengths: int) -> np.ndarray:
    """Times of pieces of given lengths, 1 s apart inside a piece and 100 s between pieces."""
    steps = np.concatenate([[100, *[1] * (length - 1)] for length in lengths])
    return np.datetime64("2017-01-01", "ns") + np.cumsum(steps) * SECOND


def test_robust_segments_stay_inside_their_piece_and_use_the_last_one() -> None:
    starts = CUT.starts(track(10, 9, 14), "robust")
    assert [piece.tolist() for piece in starts] == [[0], [19, 21, 23]]


def test_quirk_q11_official_segments_start_before_the_gap_and_lose_the_last_piece() -> None:
    official = CUT.starts(track(10, 13, 14), "official")
    robust = CUT.starts(track(10, 13, 14), "robust")
    assert [piece.tolist() for piece in official] == [[9, 11]]
    assert [piece.tolist() for piece in robust] == [[0], [10, 12], [23, 25, 27]]


def test_track_without_a_gap_gives_segments_to_the_robust_reading_only() -> None:
    assert CUT.starts(track(30), "official") == []
    assert CUT.starts(track(30), "robust")[0].tolist() == list(range(0, 21, 2))


def test_mean_density_is_welch_on_the_concatenated_segments() -> None:
    rng = np.random.default_rng(0)
    reference, estimate = rng.standard_normal((2, 500)).cumsum(axis=1)
    starts = CUT.starts(track(200, 120, 180), "robust")
    spectra = piece_spectra(estimate, reference, np.zeros(500), np.zeros(500), starts, CUT)
    joined = [(at + np.arange(10)) for piece in starts for at in piece]
    for index, series in enumerate((reference, estimate, estimate - reference)):
        concatenated = np.concatenate([series[samples] for samples in joined])
        _, density = signal.welch(concatenated, fs=0.1, window="hann", nperseg=10, noverlap=0)
        assert spectra.mean()[index] == pytest.approx(density, rel=1e-12)
    assert spectra.segments.sum() == len(joined)


@pytest.mark.parametrize("segment_km", [100.0, 110.0])
def test_density_of_white_noise_integrates_to_its_variance(segment_km: float) -> None:
    noise = np.random.default_rng(1).standard_normal(200_000)
    cut = Segmentation(10.0, segment_km, 4 * SECOND, 1.0)
    spectra = piece_spectra(noise, noise, noise, noise, cut.starts(track(200_000), "robust"), cut)
    density = spectra.mean()[0]
    # the removed mean leaves the bins beside 0 short of power
    assert density[3] == pytest.approx(2 * 10.0, rel=0.03)


def test_segments_across_the_date_line_lie_on_it() -> None:
    lon = (np.linspace(179.0, 181.0, 10) + 180) % 360 - 180
    spectra = piece_spectra(lon, lon, lon, lon * 0 + 40, [np.array([0])], CUT)
    assert abs(abs(spectra.lon[0]) - 180) < 1e-9
    assert spectra.lat.tolist() == [40.0]


def test_no_segment_has_no_density() -> None:
    spectra = piece_spectra(np.ones(5), np.ones(5), np.ones(5), np.ones(5), [], CUT)
    assert np.isnan(spectra.mean()).all()


def test_impossible_cuts_are_refused() -> None:
    with pytest.raises(ValueError, match=r"spacing 10\.0 km and segments of 5\.0 km"):
        Segmentation(10.0, 5.0, SECOND)
    with pytest.raises(ValueError, match=r"stride_fraction is 0\.0"):
        Segmentation(10.0, 50.0, SECOND, 0.0)
