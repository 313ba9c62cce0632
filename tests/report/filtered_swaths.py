"""Small evaluations of filtered swaths built by hand, with spectra and errors of a closed form."""

from itertools import product

import numpy as np
import xarray as xr

from oceanbench.catalog import load_challenge
from oceanbench.metrics.bootstrap import Interval
from oceanbench.score import DenoisingDetails, Evaluation, SwathCoverage, SwathDetails

QUANTITIES = ("ssh", "speed", "vorticity")
REGIMES = ("global", "coastal", "offshore_low", "offshore_high")
LINES, PIXELS = 60, 21
ACROSS_KM = 7.0 * np.arange(PIXELS) - 70.0
MEASURED = (np.abs(ACROSS_KM) >= 10.0) & (np.abs(ACROSS_KM) <= 60.0)
NOISE_M, ERROR_M = 0.012, 0.002
_DIMS = ("num_lines", "num_pixels")
_ERROR_KM, _HALF_KM = 25.0, 50.0  # where PSD(error) of the filtered swath is PSD(true), and half of it
_COORDS = {
    "lon": (_DIMS, -50.0 + np.add.outer(0.004 * np.arange(LINES), 0.02 * np.arange(PIXELS))),
    "lat": (_DIMS, 30.0 + np.add.outer(0.018 * np.arange(LINES), 0.0 * np.arange(PIXELS))),
    "cross_track_km": ("num_pixels", ACROSS_KM),
}


def _checkered(size: float) -> np.ndarray:
    """A field of that size, plus and minus in turn, on the measured pixels."""
    signs = np.where(np.add.outer(np.arange(LINES), np.arange(PIXELS)) % 2, 1.0, -1.0)
    return np.where(MEASURED, size * signs, np.nan)


def truth() -> np.ndarray:
    """A slope of 1 cm per line and 2 cm per pixel under a wave of 10 cm."""
    lines, pixels = np.indices((LINES, PIXELS))
    return np.asarray(0.01 * lines + 0.02 * pixels + 0.1 * np.sin(lines / 5.0))


def swath_details() -> SwathDetails:
    """Errors of 12 mm before and 2 mm after the filter; ratios of 1 at 25 km and 0.5 at 50 km."""
    fields = {}
    for quantity, factor in zip(QUANTITIES, (1.0, 50.0, 500.0), strict=True):
        fields |= {
            f"{quantity}_true": truth() * factor,
            f"{quantity}_noisy": (truth() + _checkered(NOISE_M)) * factor,
            f"{quantity}_filtered": (truth() + _checkered(ERROR_M)) * factor,
        }
    shown = xr.Dataset({name: (_DIMS, field) for name, field in fields.items()}, _COORDS)
    rmse = np.where(MEASURED, 1.0, np.nan) * np.ones((3, 1))
    regimes = {"quantity": list(QUANTITIES), "regime": list(REGIMES)}
    return SwathDetails(
        shown=shown.assign_attrs(pass_number=164, first_line=100, posting_km=2.0),
        spectra=_spectra(101),
        robust_spectra=_spectra(51),
        columns=xr.Dataset(
            {
                "filtered": (("quantity", "num_pixels"), ERROR_M * rmse * (1.0 + np.abs(ACROSS_KM) / 60.0)),
                "noisy": (("quantity", "num_pixels"), NOISE_M * rmse),
            },
            {"quantity": list(QUANTITIES), "cross_track_km": ("num_pixels", ACROSS_KM)},
        ),
        regimes=xr.Dataset(
            {name: (("quantity", "regime"), np.ones((3, 4))) for name in ("filtered", "noisy", "count")},
            regimes,
        ),
        maps=_maps(),
    )


def _spectra(size: int) -> xr.Dataset:
    wavenumber = np.linspace(0.0, 0.25, size)
    true = 1.0 / (1.0 + (wavenumber / 0.01) ** 4)
    series = {
        "true": true,
        "noisy": true * (1.0 + wavenumber * 100.0),
        "filtered": true / (1.0 + (wavenumber / 0.02) ** 8),
        "error": true * wavenumber * _ERROR_KM,
        "noise": true * wavenumber * 100.0,
    }
    dims = ("quantity", "wavenumber")
    return xr.Dataset(
        {name: (dims, np.tile(values, (3, 1))) for name, values in series.items()}
        | {"segments": ("quantity", np.array([39, 30, 20]))},
        {"quantity": list(QUANTITIES), "wavenumber": wavenumber},
    )


def _maps() -> xr.Dataset:
    lat, lon = np.arange(-90.0, 90.0), np.arange(-180.0, 180.0)
    noisy = np.full((3, lat.size, lon.size), np.nan)
    noisy[:, 120:124, 130:136] = NOISE_M
    dims = ("quantity", "lat", "lon")
    return xr.Dataset(
        {"filtered": (dims, noisy / 4.0), "noisy": (dims, noisy)},
        {"quantity": list(QUANTITIES), "lat": lat, "lon": lon},
    )


def swath_evaluation(name: str = "2022a") -> Evaluation:
    """Scores of filtered swaths against their truth."""
    official = {f"rmse.{one}.{regime}": 0.00213456 for one, regime in product(QUANTITIES, REGIMES)}
    robust = {
        f"rmse.{one}.{regime}": Interval(0.0021, 0.0020, 0.0022)
        for one, regime in product((*QUANTITIES, "velocity"), REGIMES)
    }
    official |= {"lambda_snr1.ssh": 21.5432, "lambda_snr1.speed": 24.1, "lambda_snr1.vorticity": 1000.0}
    robust |= {
        "lambda_snr1.ssh": Interval(_ERROR_KM, 23.0, 27.0),
        "lambda_snr1.speed": Interval(24.0, 0.0, 28.0),
        "lambda_snr1.vorticity": Interval(np.nan, np.nan, np.nan),
        "lambda_snr2.ssh": Interval(_HALF_KM, 45.0, 55.0),
        "lambda_snr2.speed": Interval(52.0, 45.0, 60.0),
        "lambda_snr2.vorticity": Interval(np.nan, np.nan, np.nan),
        "noise_reduction": Interval(15.6, 15.0, 16.2),
    }
    return Evaluation(
        challenge=load_challenge(name),
        track=load_challenge(name).tracks[0].id,
        official=official,
        robust=robust,
        official_units=dict.fromkeys(official, "m"),
        robust_units=dict.fromkeys(robust, "m"),
        own_reference=False,
        coverage=SwathCoverage(passes=6, points=203687, covered=203687),
        notes=(),
        scope="6 passes; official spectra of segments of 1000 km, robust ones of 512 km",
        passport={"challenge": name},
        details=swath_details(),
        unfiltered=dict.fromkeys(official, 0.0117812) | {"lambda_snr1.vorticity": 1000.0},
    )


def denoising_details() -> DenoisingDetails:
    """A quarter of the noisy pixels and one hundredth of the denoised ones are discontinuities."""
    noisy, denoised = truth() + _checkered(NOISE_M), truth() + _checkered(0.0)
    count = np.arange(LINES * PIXELS).reshape(LINES, PIXELS)
    shown = xr.Dataset(
        {
            "noisy": (_DIMS, noisy),
            "denoised": (_DIMS, denoised),
            "residual": (_DIMS, noisy - denoised),
            "discontinuity_noisy": (_DIMS, count % 4 == 0),
            "discontinuity_denoised": (_DIMS, count % 100 == 0),
        },
        _COORDS,
    )
    quantities = ["ssha", "gradient", "laplacian"]
    wavenumber, bins = np.linspace(0.0, 0.25, 40), np.geomspace(1e-6, 1e-2, 30)
    powers = {"noisy": 1.0, "denoised": 0.1, "residual": 0.9}
    return DenoisingDetails(
        shown=shown.assign_attrs(cycle_number=507, pass_number=20, first_line=0, posting_km=2.0),
        spectra=xr.Dataset(
            {name: (("quantity", "wavenumber"), np.full((3, 40), power)) for name, power in powers.items()}
            | {"segments": (("quantity", "field"), np.full((3, 3), 17))},
            {"quantity": quantities, "wavenumber": wavenumber, "field": list(powers)},
        ),
        histograms=xr.Dataset(
            {name: (("quantity", "bin"), np.tile(power / bins, (3, 1))) for name, power in powers.items()},
            {"quantity": quantities, "centre": (("quantity", "bin"), np.tile(bins, (3, 1)))},
        ),
        similarity=xr.Dataset(
            {name: (("quantity", "pair"), np.full((3, 3), power)) for name, power in powers.items()},
            {"quantity": ["ssha", "speed", "vorticity"], "pair": [507, 508, 509]},
        ),
    )


def denoising_evaluation() -> Evaluation:
    """Scores of filtered swaths that have no truth."""
    quantities = ("ssha", "speed", "vorticity")
    official = {"roberts_discontinuity_fraction": 0.0029123}
    official |= {f"ssim.{one}": 0.8506 for one in quantities}
    official |= {f"ssim_residual.{one}": 0.33 for one in quantities}
    robust = {name: Interval(value, 0.9 * value, 1.1 * value) for name, value in official.items()}
    robust["discontinuity_fraction"] = robust.pop("roberts_discontinuity_fraction")
    robust |= {
        "residual_std": Interval(0.0201, 0.0198, 0.0204),
        "removed_signal": Interval(0.0061, 0.0055, 0.0068),
    }
    challenge = load_challenge("2024b")
    return Evaluation(
        challenge=challenge,
        track=challenge.tracks[0].id,
        official=official,
        robust=robust,
        official_units=dict.fromkeys(official, "1"),
        robust_units=dict.fromkeys(robust, "1"),
        own_reference=False,
        coverage=SwathCoverage(passes=11, points=1000, covered=1000),
        notes=(),
        scope="Gulf Stream, cycles 507 to 517",
        passport={"challenge": "2024b"},
        details=denoising_details(),
        unfiltered={"roberts_discontinuity_fraction": 0.2443} | {f"ssim.{one}": 0.8518 for one in quantities},
    )
