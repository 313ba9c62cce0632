"""What the official code of 2022a answers on the golden case, number by number."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import xarray as xr
from scipy import ndimage

from oceanbench.metrics.swath import (
    QUANTITIES,
    ErrorMaps,
    PassFields,
    SwathStatistics,
    swath_derivatives,
    wavelength_snr1_official,
)

SUFFIX = dict(zip(QUANTITIES, ("", "_ug", "_ksi"), strict=True))
REGIMES = {
    "global": "global",
    "coastal": "coastal",
    "offshore_low": "offshore_lowvar",
    "offshore_high": "offshore_highvar",
}


@pytest.fixture(scope="module")
def answers(expected: dict[str, Any]) -> dict[str, Any]:
    content: dict[str, Any] = expected["cases"]["swath"]["expected"]
    return content


def samples_agree(values: Any, block: dict[str, Any], tolerance: float = 1e-9) -> None:
    got = [values[tuple(index)] for index, _ in block["samples"]]
    np.testing.assert_allclose(got, [value for _, value in block["samples"]], rtol=tolerance)
    assert np.isnan(values).sum() == block["n_nan"]
    assert np.nanmean(values) == pytest.approx(block["mean"], rel=tolerance)


def test_the_median_of_these_tests_is_that_of_scipy_and_of_the_official_code(
    golden_passes: list[PassFields],
    answers: dict[str, Any],
    official_median: Callable[[np.ndarray], np.ndarray],
) -> None:
    noisy = golden_passes[1].noisy[200:225, 41:56].copy()
    noisy[7:9, 3:6] = np.nan
    peer = np.where(np.isnan(noisy), np.nan, ndimage.generic_filter(noisy, np.nanmedian, size=10))
    np.testing.assert_allclose(official_median(noisy), peer, rtol=1e-12)
    for fields, block in zip(golden_passes, answers["filters"]["MEDIAN"], strict=True):
        samples_agree(fields.filtered, block)


def test_derivatives_are_those_of_the_official_code(
    golden_passes: list[PassFields], answers: dict[str, Any]
) -> None:
    derived = swath_derivatives(golden_passes[0].truth, golden_passes[0].lat, 2000.0)
    blocks = answers["derived_pass0"]
    for name, values in zip(("u", "ksi", "u_x", "u_y"), derived, strict=True):
        samples_agree(values, blocks[name])


@pytest.mark.parametrize(("which", "prefix"), [("official", "residual_noise"), ("unfiltered", "karin_noise")])
def test_errors_by_regime_are_those_of_the_official_code(
    which: str,
    prefix: str,
    golden_passes: list[PassFields],
    answers: dict[str, Any],
    score: Callable[..., SwathStatistics],
) -> None:
    scores = getattr(score(golden_passes), which)()
    for quantity, suffix in SUFFIX.items():
        for regime, name in REGIMES.items():
            wanted = answers["MEDIAN"]["rmse"][f"rmse_{prefix}_{name}{suffix}"]
            assert scores[f"rmse.{quantity}.{regime}"] == pytest.approx(wanted, rel=1e-9), (quantity, regime)


def test_errors_of_the_columns_are_the_official_ones_in_ssh(
    golden_passes: list[PassFields], answers: dict[str, Any], score: Callable[..., SwathStatistics]
) -> None:
    columns = score(golden_passes).columns.sel(quantity="ssh")
    for field, name in (("filtered", "residual_noise"), ("noisy", "karin_noise")):
        wanted = np.array(answers["MEDIAN"]["rmse_across_track"][f"rmse_ac_{name}_global"], dtype=np.float64)
        np.testing.assert_allclose(columns[field], wanted, rtol=1e-9)


@pytest.mark.parametrize("length_km", [1000, 1500])
def test_spectra_and_wavelengths_are_those_of_the_official_code(
    length_km: int,
    golden_passes: list[PassFields],
    answers: dict[str, Any],
    score: Callable[..., SwathStatistics],
) -> None:
    scored, wanted = score(golden_passes, segment_km=length_km), answers["MEDIAN"][f"spectral_{length_km}"]
    filtered, noisy = scored.official(), scored.unfiltered()
    samples_agree(scored.spectra["wavenumber"].values, wanted["psd"]["freq"])
    for quantity, suffix in SUFFIX.items():
        name = f"lambda_snr1.{quantity}"
        assert filtered[name] == pytest.approx(wanted[f"wavelength_snr1_filter{suffix}"], rel=1e-9)
        assert noisy[name] == pytest.approx(wanted[f"wavelength_snr1_nofilter{suffix}"], rel=1e-9)
        spectra = scored.spectra.sel(quantity=quantity)
        true = f"psd_{suffix.lstrip('_') or 'ssh'}_true"
        for series, key in (
            ("true", true),
            ("error", f"psd_err{suffix}"),
            ("noise", f"psd_err_karin{suffix}"),
        ):
            samples_agree(spectra[series].values, wanted["psd"][key])


def test_maps_are_those_of_the_official_code_in_whatever_order_the_passes_come(
    golden_passes: list[PassFields], answers: dict[str, Any]
) -> None:
    maps = ErrorMaps()
    for position in (2, 0, 1):
        maps.add(golden_passes[position])
    filtered: xr.DataArray = maps.dataset["filtered"]
    for quantity, name in (("ssh", "ssh_rmse"), ("speed", "ug_rmse"), ("vorticity", "ksi_rmse")):
        block = answers["MEDIAN"]["gridded"][name]
        values = filtered.sel(quantity=quantity).values
        samples_agree(values, block["stats"])
        assert np.isfinite(values).sum() == block["n_cells"]


def test_the_official_wavelength_is_read_as_the_official_code_reads_it(expected: dict[str, Any]) -> None:
    unit = expected["unit_snr1"]
    for name, case in unit["cases"].items():
        ratio = np.array(case["ratio"], dtype=np.float64)
        wanted = float(case["wavelength"])
        got = wavelength_snr1_official(ratio, unit["freq"])
        assert got == pytest.approx(wanted, rel=1e-12, nan_ok=True), name
