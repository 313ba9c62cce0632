"""Scores of filtered passes that are seen again a day later, with intervals over the passes."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from oceanbench.metrics.bootstrap import Interval, bootstrap_intervals
from oceanbench.metrics.denoising._currents import surface_currents
from oceanbench.metrics.denoising._discontinuities import rough_pixels
from oceanbench.metrics.denoising._matching import matching_lines
from oceanbench.metrics.denoising._similarity import windowed_similarity
from oceanbench.metrics.error_sums import mean_of

__all__ = ["QUANTITIES", "ROBUST_UNITS", "PassHeights", "repeated_pass_scores", "swath_quantities"]

FloatArray = npt.NDArray[np.float64]
type Fields = Mapping[str, FloatArray]

QUANTITIES = ("ssha", "speed", "vorticity")
ROBUST_UNITS: Mapping[str, str] = {
    "discontinuity_fraction": "1",
    "residual_std": "m",
    "removed_signal": "m",
    **{f"ssim.{name}": "1" for name in QUANTITIES},
    **{f"ssim_residual.{name}": "1" for name in QUANTITIES},
}
_REACH = 0.75  # postings: half a line along the track, and how far the orbit strays across it
_PASS_SCORES = ("discontinuity_fraction", "residual_std")
_PAIR_SCORES = (*(name for name in ROBUST_UNITS if name.startswith("ssim")), "removed_signal")


@dataclass(frozen=True, eq=False)
class PassHeights:
    """Heights of one pass in one cycle.

    Attributes
    ----------
    noisy, denoised : ndarray, shape (lines, pixels), metres
        NaN where missing.
    lon, lat : ndarray, shape (lines, pixels), degrees
    """

    noisy: FloatArray
    denoised: FloatArray
    lon: FloatArray
    lat: FloatArray

    def completed(self) -> FloatArray:
        """Give the denoised heights where there is something to denoise; where they lack, the noisy ones.

        A filter must not gain by leaving out the pixels that it cannot mend.
        """
        given = np.where(np.isfinite(self.denoised), self.denoised, self.noisy)
        return np.where(np.isfinite(self.noisy), given, np.nan)


def swath_quantities(ssh: FloatArray, lon: FloatArray, lat: FloatArray) -> dict[str, FloatArray]:
    """Height (m), geostrophic speed (m/s) and vorticity over f (1) of a swath."""
    currents = surface_currents(ssh, lon, lat)
    return {"ssha": ssh, "speed": currents.speed, "vorticity": currents.vorticity}


def repeated_pass_scores(
    passes: Mapping[tuple[int, int], PassHeights], posting_km: float, *, window_km: float = 20.0
) -> dict[str, Interval]:
    """Scores that need no truth, each pass on its own and each with the next cycle.

    - ``discontinuity_fraction``: share of rough pixels among those that can be judged; lower is better.
    - ``ssim.QUANTITY``: mean windowed similarity of one pass in two consecutive cycles; higher is better,
      though smoothing raises it too.
    - ``ssim_residual.QUANTITY``: the same of what was taken away, the noisy heights less the denoised ones;
      best 0, since noise does not repeat itself. Its speed is the modulus of the difference of currents: a
      difference of speeds repeats itself even for pure noise, which adds more speed where there is little.
    - ``residual_std``: standard deviation of what was taken away, in metres; best where it equals that of the
      instrument.
    - ``removed_signal``: square root, with its sign, of the covariance of what was taken away with what was
      taken away at the same place one cycle later, in metres; best 0. Noise is new every day: what comes back
      was ocean (or an error of the mean sea surface). It is what tells that a filter smooths too much.

    A pass of a single line has nothing to compare. Pixels that a filter left out count with their noisy
    height. Lines of two cycles are paired by their places. Intervals resample passes, and pairs of
    consecutive cycles of one pass, which share a cycle and so are a little less independent than the
    resampling takes them to be.

    Parameters
    ----------
    passes : mapping of (cycle number, pass number) to PassHeights
    posting_km : float
        Distance between two pixels, along and across the track.
    window_km : float
        Side of the windows of similarity.

    Returns
    -------
    dict of name to Interval
        NaN where there is nothing to compare, such as similarities of a single cycle.
    """
    window = max(3, 2 * round(window_km / posting_km / 2) + 1)
    derived = {key: _Derived.of(heights) for key, heights in passes.items() if min(heights.noisy.shape) > 1}
    alone = [_pass_sums(part, posting_km) for part in derived.values()]
    pairs = [
        _pair_sums(derived[cycle, number], derived[cycle + 1, number], posting_km, window)
        for cycle, number in sorted(derived)
        if (cycle + 1, number) in derived
    ]
    found = dict(zip(_PASS_SCORES, bootstrap_intervals(_blocks(alone, 5), _pass_statistic), strict=True))
    width = 2 * len(_PAIR_SCORES) + 2
    found |= zip(_PAIR_SCORES, bootstrap_intervals(_blocks(pairs, width), _pair_statistic), strict=True)
    return {name: found[name] for name in ROBUST_UNITS}


@dataclass(frozen=True, eq=False)
class _Derived:
    """Quantities of one pass, denoised and taken away, and where its pixels lie."""

    denoised: Fields
    residual: Fields
    places: tuple[FloatArray, FloatArray]

    @classmethod
    def of(cls, heights: PassHeights) -> "_Derived":
        places = heights.lon, heights.lat
        denoised = heights.completed()
        taken = swath_quantities(heights.noisy - denoised, *places)
        return cls(swath_quantities(denoised, *places), taken, places)


def _pass_sums(part: _Derived, posting_km: float) -> list[float]:
    pixels = rough_pixels(part.denoised["ssha"], posting_km)
    residual = part.residual["ssha"][np.isfinite(part.residual["ssha"])]
    counts = [float(pixels.rough.sum()), float(pixels.judged.sum())]
    return [*counts, residual.size, float(residual.sum()), float((residual**2).sum())]


def _pass_statistic(sums: FloatArray) -> FloatArray:
    rough, judged, count, first, second = sums.T
    variance = mean_of(second, count) - mean_of(first, count) ** 2
    return np.stack([mean_of(rough, judged), np.sqrt(np.maximum(variance, 0.0))], axis=1)


def _pair_sums(today: _Derived, tomorrow: _Derived, posting_km: float, window: int) -> list[float]:
    one, two = matching_lines(today.places, tomorrow.places, _REACH * posting_km)
    sums: list[float] = []
    for fields, others in ((today.denoised, tomorrow.denoised), (today.residual, tomorrow.residual)):
        for name in QUANTITIES:
            likeness = windowed_similarity(fields[name][one], others[name][two], window)
            sums += [float(np.nansum(likeness)), float(np.isfinite(likeness).sum())]
    first, second = today.residual["ssha"][one], tomorrow.residual["ssha"][two]
    common = np.isfinite(first) & np.isfinite(second)
    first, second = first[common], second[common]
    return [*sums, first.size, float(first.sum()), float(second.sum()), float((first * second).sum())]


def _pair_statistic(sums: FloatArray) -> FloatArray:
    likeness = mean_of(sums[:, :-4:2], sums[:, 1:-4:2])
    count, first, second, product = sums[:, -4:].T
    covariance = mean_of(product, count) - mean_of(first, count) * mean_of(second, count)
    return np.column_stack([likeness, np.sign(covariance) * np.sqrt(np.abs(covariance))])


def _blocks(rows: list[list[float]], width: int) -> FloatArray:
    return np.array(rows, dtype=np.float64).reshape(len(rows), width)
