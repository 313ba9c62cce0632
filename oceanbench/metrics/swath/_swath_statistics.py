"""The scores of filtered swaths, from the sums of their passes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Self

import numpy as np
import numpy.typing as npt
import xarray as xr

from oceanbench.metrics.bootstrap import Interval, bootstrap_intervals
from oceanbench.metrics.comparison import Blocks
from oceanbench.metrics.error_sums import mean_of
from oceanbench.metrics.swath._error_sums import RegimeSums
from oceanbench.metrics.swath._fields import QUANTITIES, REGIMES
from oceanbench.metrics.swath._pass_statistics import PassStatistics
from oceanbench.metrics.swath._periodograms import SERIES, Segments, SpectrumSums
from oceanbench.metrics.swath._wavelengths import resolved_wavelengths, wavelength_snr1_official

__all__ = ["SwathStatistics"]

FloatArray = npt.NDArray[np.float64]

FIELDS = ("filtered", "noisy")
_VECTOR_QUANTITIES = (*QUANTITIES, "velocity")
_LEVELS = {"lambda_snr1": 1.0, "lambda_snr2": 0.5}
_TRUE, _NOISY, _FILTERED, _ERROR, _NOISE = range(len(SERIES))


@dataclass(frozen=True, eq=False)
class SwathStatistics:
    """The sums of all passes of a submission, and what is read from them.

    The same passes give the same numbers however they were shared out; the intervals also want them in the
    same order.

    Attributes
    ----------
    passes : tuple of PassStatistics
    """

    passes: tuple[PassStatistics, ...]

    @classmethod
    def combine(cls, parts: Iterable[PassStatistics]) -> Self:
        """Put the sums of passes together, in the order of the passes.

        Raises
        ------
        ValueError
            If there is none, or they differ in segments or in number of pixels.
        """
        passes = tuple(parts)
        if not passes:
            raise ValueError("no pass was given; there is nothing to score")
        settings = {(one.segments, one.robust_segments, one.official.squares.shape[-1]) for one in passes}
        if len(settings) > 1:
            raise ValueError(f"passes differ in segments or number of pixels: {sorted(map(str, settings))}")
        return cls(passes)

    @property
    def points(self) -> int:
        """Pixels with both a true and a noisy height."""
        return sum(one.points for one in self.passes)

    @property
    def covered(self) -> int:
        """Those of them with a filtered height."""
        return sum(one.covered for one in self.passes)

    def official(self) -> dict[str, float]:
        """Scores of the filtered swaths as the official code gives them.

        ``rmse.{ssh,speed,vorticity}.{global,coastal,offshore_low,offshore_high}`` (m, m/s, 1; NaN in a regime
        without pixels) and ``lambda_snr1.{ssh,speed,vorticity}`` (km).
        """
        return self._official("filtered", _ERROR)

    def unfiltered(self) -> dict[str, float]:
        """The same of the swaths as they were given."""
        return self._official("noisy", _NOISE)

    def robust(self) -> dict[str, Interval]:
        """Scores with derivatives pass by pass, and 95 % intervals from resampled passes.

        Those of `official`, ``rmse.velocity.{regime}`` (m/s, root mean square of the modulus of the velocity
        error), ``lambda_snr2.{quantity}`` (km, where PSD(error) is half of PSD(true)) and
        ``noise_reduction`` (dB, ratio of the mean squares of the ssh errors before and after; inf without any
        error). A wavelength is NaN where there is none, see `wavelength_of_ratio`; a replicate whose error
        stays below the level to the last wavelength counts as 0 km.
        """
        names = _robust_names()
        blocks = np.stack([_block(one) for one in self.passes])
        intervals = bootstrap_intervals(blocks, self._robust_scores)
        return {name: _defined(name, interval) for name, interval in zip(names, intervals, strict=True)}

    def blocks(self, labels: Sequence[str]) -> dict[str, Blocks]:
        """Sums behind each official root-mean-square error, pass by pass, for the comparison of two filters.

        Parameters
        ----------
        labels : sequence of str
            Names of the passes, in their order.
        """
        squares, counts = (
            _with_global(np.stack([getattr(one.official, name)[0].sum(axis=-1) for one in self.passes]))
            for name in ("squares", "counts")
        )
        return {
            f"rmse.{quantity}.{regime}": Blocks(
                "root_mean", "lower", tuple(labels), np.stack([squares[:, i, j], counts[:, i, j]], axis=1)
            )
            for (i, quantity), (j, regime) in product(enumerate(QUANTITIES), enumerate(REGIMES))
        }

    @property
    def spectra(self) -> xr.Dataset:
        """Mean spectra with the official segments, see ``oceanbench.score.SwathDetails``."""
        return _mean_spectra([one.spectra for one in self.passes], self.passes[0].segments)

    @property
    def robust_spectra(self) -> xr.Dataset:
        """Mean spectra with the segments of the robust numbers."""
        return _mean_spectra([one.robust_spectra for one in self.passes], self.passes[0].robust_segments)

    @property
    def columns(self) -> xr.Dataset:
        """Root-mean-square error of each column of pixels, derivatives pass by pass.

        Dims (quantity, num_pixels); ``cross_track_km`` takes the middle column as the track of the satellite.
        """
        squares, counts = self._sums("robust")
        rmse = np.sqrt(mean_of(squares.sum(axis=2), counts.sum(axis=2)))[:, : len(QUANTITIES)]
        pixels = squares.shape[-1]
        across = self.passes[0].segments.posting_km * (np.arange(pixels) - (pixels - 1) / 2)
        return xr.Dataset(
            {name: (("quantity", "num_pixels"), values) for name, values in zip(FIELDS, rmse, strict=True)},
            {"quantity": list(QUANTITIES), "cross_track_km": ("num_pixels", across)},
        )

    @property
    def regimes(self) -> xr.Dataset:
        """Official root-mean-square errors and the pixels behind them, dims (quantity, regime)."""
        squares, counts = (_with_global(sums.sum(axis=-1)) for sums in self._sums("official"))
        rmse = np.sqrt(mean_of(squares, counts))
        dims = ("quantity", "regime")
        return xr.Dataset(
            {name: (dims, values) for name, values in zip(FIELDS, rmse, strict=True)}
            | {"count": (dims, counts[0].astype(np.int64))},
            {"quantity": list(QUANTITIES), "regime": list(REGIMES)},
        )

    def _sums(self, which: str) -> tuple[FloatArray, FloatArray]:
        """Squares and counts over all passes, shape (2, n_quantities, 3, n_pixels)."""
        sums: list[RegimeSums] = [getattr(one, which) for one in self.passes]
        return np.sum([one.squares for one in sums], axis=0), np.sum([one.counts for one in sums], axis=0)

    def _official(self, field: str, series: int) -> dict[str, float]:
        regimes = self.regimes[field]
        scores = {
            f"rmse.{quantity}.{regime}": float(regimes.sel(quantity=quantity, regime=regime))
            for quantity, regime in product(QUANTITIES, REGIMES)
        }
        return scores | {
            f"lambda_snr1.{quantity}": self._official_wavelength(index, series)
            for index, quantity in enumerate(QUANTITIES)
        }

    def _official_wavelength(self, quantity: int, series: int) -> float:
        sums = np.sum([one.spectra.sums[quantity] for one in self.passes], axis=0)
        segments = sum(one.spectra.segments[quantity] for one in self.passes)
        wavenumber = self.passes[0].segments.wavenumber
        if not segments:  # the official code then reads an empty spectrum
            return wavelength_snr1_official([], [])
        return wavelength_snr1_official(_ratio(sums[series], sums[_TRUE]), wavenumber)

    def _robust_scores(self, totals: FloatArray) -> FloatArray:
        """Scores of summed blocks, shape (r, n) to (r, m), in the order of `_robust_names`."""
        errors, spectra = np.split(totals, [_ERROR_NUMBERS], axis=1)
        squares, counts, noise = np.split(errors, [_RMSES, 2 * _RMSES], axis=1)
        wavenumber = self.passes[0].robust_segments.wavenumber
        shaped = spectra.reshape(len(totals), len(QUANTITIES), 2, wavenumber.size)
        wavelengths = [
            resolved_wavelengths(_ratio(shaped[:, quantity, 0], shaped[:, quantity, 1]), wavenumber, level)
            for level, quantity in product(_LEVELS.values(), range(len(QUANTITIES)))
        ]
        before, after = np.split(mean_of(noise[:, :2], noise[:, 2:]), 2, axis=1)
        with np.errstate(divide="ignore", invalid="ignore"):
            reduction = 10.0 * np.log10(before / after)
        return np.concatenate(
            [np.sqrt(mean_of(squares, counts)), np.stack(wavelengths, axis=1), reduction], axis=1
        )


_RMSES = len(_VECTOR_QUANTITIES) * len(REGIMES)
_ERROR_NUMBERS = 2 * _RMSES + 4


def _robust_names() -> list[str]:
    rmses = [f"rmse.{quantity}.{regime}" for quantity, regime in product(_VECTOR_QUANTITIES, REGIMES)]
    wavelengths = [f"{name}.{quantity}" for name, quantity in product(_LEVELS, QUANTITIES)]
    return [*rmses, *wavelengths, "noise_reduction"]


def _block(one: PassStatistics) -> FloatArray:
    """What resampling needs of one pass, flat: squares, counts, those of ssh before and after, spectra."""
    squares, counts = (_with_global(sums.sum(axis=-1)) for sums in (one.robust.squares, one.robust.counts))
    noise = [each[field, 0, 0] for each in (squares, counts) for field in (1, 0)]
    spectra = one.robust_spectra.sums[:, [_ERROR, _TRUE]]
    return np.concatenate([squares[0].ravel(), counts[0].ravel(), noise, spectra.ravel()])


def _with_global(by_regime: FloatArray) -> FloatArray:
    """Put the sum over the exclusive regimes (last axis) before them."""
    return np.concatenate([by_regime.sum(axis=-1, keepdims=True), by_regime], axis=-1)


def _defined(name: str, interval: Interval) -> Interval:
    """Give a wavelength that was not found as NaN, interval and all."""
    if name.startswith("lambda") and not interval.value > 0.0:
        return Interval(np.nan, np.nan, np.nan)
    return interval


def _ratio(error: FloatArray, true: FloatArray) -> FloatArray:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(error / true)


def _mean_spectra(parts: list[SpectrumSums], segments: Segments) -> xr.Dataset:
    counts = np.sum([part.segments for part in parts], axis=0)
    mean = mean_of(np.sum([part.sums for part in parts], axis=0), counts[:, None, None])
    dims = ("quantity", "wavenumber")
    return xr.Dataset(
        {name: (dims, mean[:, index]) for index, name in enumerate(SERIES)}
        | {"segments": ("quantity", counts.astype(np.int64))},
        {"quantity": list(QUANTITIES), "wavenumber": segments.wavenumber},
    )
