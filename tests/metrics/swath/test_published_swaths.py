"""Published numbers of 2022a: stored spectra of the official code, and six passes that anyone can score."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from oceanbench.metrics.swath import PassFields, SwathStatistics, wavelength_snr1_official

RELEASES = ("results_20220926_leaderboard", "results_20221108_head")
SUFFIXES = {"": "ssh", "_ug": "ug", "_ksi": "ksi"}

# README of the challenge, SSH: filter, global, coastal, offshore low, offshore high (m), wavelength (km)
LEADERBOARD = {
    "MEDIAN": (0.028, 0.045, 0.004, 0.008, 23.3),
    "GOMEZ": (0.025, 0.040, 0.002, 0.003, 21.5),
    "CNN": (0.002, 0.002, 0.002, 0.003, 10.5),
}


@pytest.mark.parametrize("release", RELEASES)
@pytest.mark.parametrize("name", LEADERBOARD)
def test_stored_spectra_give_the_stored_wavelengths_to_the_last_digit(
    release: str, name: str, shared: Path
) -> None:
    with xr.open_dataset(shared / "data" / "odc2022a_karin" / release / f"psd_{name}.nc") as stored:
        for suffix, quantity in SUFFIXES.items():
            for error, which in (("psd_err", "filter"), ("psd_err_karin", "nofilter")):
                ratio = stored[f"{error}{suffix}"] / stored[f"psd_{quantity}_true"]
                got = wavelength_snr1_official(ratio.values, stored["wavenumber"].values)
                assert got == pytest.approx(stored[f"wavelength_snr1_{which}{suffix}"].item(), rel=1e-14)


@pytest.mark.parametrize("name", LEADERBOARD)
def test_stored_results_give_the_digits_of_the_leaderboard(name: str, shared: Path) -> None:
    folder = shared / "data" / "odc2022a_karin" / RELEASES[0]
    with xr.open_dataset(folder / f"psd_{name}.nc") as stored:
        ratio = stored["psd_err"] / stored["psd_ssh_true"]
        wavelength = wavelength_snr1_official(ratio.values, stored["wavenumber"].values)
    with xr.open_dataset(folder / f"stat_by_regime_{name}.nc") as stored:
        regimes = ("global", "coastal", "offshore_lowvar", "offshore_highvar")
        rmse = [stored[f"rmse_residual_noise_{regime}"].item() for regime in regimes]
    assert (*(round(value, 3) for value in rmse), round(wavelength, 1)) == LEADERBOARD[name]


@pytest.mark.slow
def test_six_real_passes_give_the_known_wavelengths_of_no_filter_and_of_the_median(
    real_passes: list[PassFields],
    official_median: Callable[[np.ndarray], np.ndarray],
    score: Callable[..., SwathStatistics],
) -> None:
    filtered = [one._replace(filtered=official_median(one.noisy)) for one in real_passes]
    wanted = {"noisy": (48.9, 47.6), "median": (29.6, 26.5)}
    for name, passes in (("noisy", real_passes), ("median", filtered)):
        scored = score(passes)
        readings = scored.official()["lambda_snr1.ssh"], scored.robust()["lambda_snr1.ssh"].value
        assert tuple(round(reading, 1) for reading in readings) == wanted[name]
        assert scored.spectra["segments"].values[0] == 71
        assert scored.robust_spectra["segments"].values[0] == 512


@pytest.mark.slow
def test_no_filter_on_six_real_passes_has_the_known_errors(
    real_passes: list[PassFields], score: Callable[..., SwathStatistics]
) -> None:
    scores = score(real_passes).official()
    assert round(1000 * scores["rmse.ssh.global"], 1) == 11.8
    assert round(scores["rmse.speed.global"], 2) == 0.82
    assert round(scores["rmse.vorticity.global"], 1) == 10.4
