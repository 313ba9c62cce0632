"""Filtered swaths without a truth: what challenge 2024b computes, and the same questions asked well."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import xarray as xr

from oceanbench.challenge import SwathProtocol
from oceanbench.evaluation._denoising_details import denoising_details
from oceanbench.metrics.bootstrap import Interval
from oceanbench.metrics.comparison import Blocks
from oceanbench.metrics.denoising import (
    QUANTITIES,
    ROBUST_UNITS,
    PassHeights,
    global_similarity,
    official_discontinuities,
    repeated_pass_scores,
    swath_quantities,
)
from oceanbench.score import DenoisingDetails, SwathCoverage
from oceanbench.swaths import split_passes

__all__ = ["DenoisingScores", "score_denoising"]

FloatArray = npt.NDArray[np.float64]
type Key = tuple[int, int]

DIMS = ("num_lines", "num_pixels")
OFFICIAL_UNITS: Mapping[str, str] = {
    "roberts_discontinuity_fraction": "1",
    **{f"ssim.{name}": "1" for name in QUANTITIES},
    **{f"ssim_residual.{name}": "1" for name in QUANTITIES},
}
_SAME_TIME = np.timedelta64(1, "ms")


@dataclass(frozen=True)
class DenoisingScores:
    """Numbers of denoised swaths, their units, and what a report draws.

    Attributes
    ----------
    official, unfiltered : mapping of name to float
        What the code of the challenge computes of the denoised and of the noisy heights; NaN where there is
        nothing to compare. Names are those of ``OFFICIAL_UNITS``; the noisy heights have no residual.
    robust : mapping of name to Interval
        See :func:`oceanbench.metrics.denoising.repeated_pass_scores`.
    official_units, robust_units : mapping of name to str
    coverage : SwathCoverage
    details : DenoisingDetails
    comparisons : mapping of name to Blocks
        Sums by pass behind official numbers, for the comparison of two filters.
    """

    official: Mapping[str, float]
    robust: Mapping[str, Interval]
    official_units: Mapping[str, str]
    robust_units: Mapping[str, str]
    coverage: SwathCoverage
    details: DenoisingDetails
    unfiltered: Mapping[str, float]
    comparisons: Mapping[str, Blocks]


def score_denoising(
    denoised: xr.Dataset, region: xr.Dataset, protocol: SwathProtocol, *, similarity_pass: int | None = None
) -> DenoisingScores:
    """Score the denoised swaths of one region.

    Official numbers come from all passes laid end to end, as in the file: the rate of discontinuities over
    all pixels, land and gaps included, and the similarity of neighbouring cycles, derivatives reaching over
    the joints. The residual of a quantity is that of the noisy heights less that of the denoised ones.

    Parameters
    ----------
    denoised : xr.Dataset
        ``ssh(num_lines, num_pixels)`` in metres, on the lines of ``region``.
    region : xr.Dataset
        One file of the challenge as :func:`oceanbench.swaths.open_swath` gives it: one height, ``lon`` and
        ``lat`` with both dims, ``cycle_number`` and ``pass_number`` along ``num_lines``.
    protocol : SwathProtocol
        Posting, and length of the segments of the spectra.
    similarity_pass : int, optional
        The pass of the official similarity; all passes unless given.

    Raises
    ------
    ValueError
        If ``region`` has no height or several, or the lines of the two differ.
    """
    parts = _lines_of_passes(region)
    heights = _heights(denoised, region)
    noisy, filtered = (_Official.of(ssh, heights) for ssh in (heights.noisy, heights.denoised))
    residual = {name: noisy.quantities[name] - filtered.quantities[name] for name in QUANTITIES}
    fields = {"noisy": noisy.quantities, "denoised": filtered.quantities, "residual": residual}
    similarity = _similarities(fields, parts, similarity_pass)
    flags = {"noisy": noisy.flags, "denoised": filtered.flags}
    return DenoisingScores(
        official=filtered.scores(similarity["denoised"]) | _means("ssim_residual", similarity["residual"]),
        robust=repeated_pass_scores(
            {key: _cut(heights, lines) for key, lines in parts.items()}, protocol.posting_km
        ),
        official_units=OFFICIAL_UNITS,
        robust_units=ROBUST_UNITS,
        coverage=_coverage(heights, len(parts)),
        details=denoising_details(region, heights, flags, similarity, parts, protocol),
        unfiltered=noisy.scores(similarity["noisy"]),
        comparisons={"roberts_discontinuity_fraction": _rate(filtered.flags, parts)},
    )


@dataclass(frozen=True, eq=False)
class _Official:
    """What the official numbers of one field of heights are made from."""

    flags: npt.NDArray[np.bool_]
    quantities: Mapping[str, FloatArray]

    @classmethod
    def of(cls, ssh: FloatArray, heights: PassHeights) -> "_Official":
        return cls(official_discontinuities(ssh), swath_quantities(ssh, heights.lon, heights.lat))

    def scores(self, similarity: xr.DataArray) -> dict[str, float]:
        rate = {"roberts_discontinuity_fraction": float(self.flags.mean())}
        return rate | _means("ssim", similarity)


def _rate(flags: npt.NDArray[np.bool_], parts: Mapping[Key, npt.NDArray[np.int64]]) -> Blocks:
    """Flagged pixels and all pixels of each pass."""
    table = [[float(flags[lines].sum()), float(flags[lines].size)] for lines in parts.values()]
    return Blocks("rate", "lower", tuple(f"{cycle}/{number}" for cycle, number in parts), table)


def _means(root: str, similarity: xr.DataArray) -> dict[str, float]:
    """Mean over the pairs that have a similarity, by quantity."""
    means = similarity.mean("pair", skipna=True)
    return {f"{root}.{name}": float(means.sel(quantity=name)) for name in QUANTITIES}


def _similarities(
    fields: Mapping[str, Mapping[str, FloatArray]],
    parts: Mapping[Key, npt.NDArray[np.int64]],
    similarity_pass: int | None,
) -> xr.Dataset:
    pairs = list(_neighbouring_cycles(parts, similarity_pass))
    shape = (len(QUANTITIES), len(pairs))
    values = {
        name: [
            global_similarity(by_quantity[quantity][parts[today]], by_quantity[quantity][parts[next_]])
            for quantity in QUANTITIES
            for today, next_ in pairs
        ]
        for name, by_quantity in fields.items()
    }
    dims = ("quantity", "pair")
    return xr.Dataset(
        {name: (dims, np.array(found, dtype=np.float64).reshape(shape)) for name, found in values.items()},
        coords={
            "quantity": list(QUANTITIES),
            "pair": np.array([today[0] for today, _ in pairs], dtype=np.int64),
            "pass_number": ("pair", np.array([today[1] for today, _ in pairs], dtype=np.int64)),
        },
    )


def _neighbouring_cycles(parts: Mapping[Key, object], number: int | None) -> Iterator[tuple[Key, Key]]:
    """Give each pass of a cycle with the same pass in the next cycle that has it."""
    for one in sorted({number for _, number in parts} if number is None else {number}):
        cycles = sorted(cycle for cycle, other in parts if other == one)
        for today, next_ in pairwise(cycles):
            yield (today, one), (next_, one)


def _lines_of_passes(region: xr.Dataset) -> dict[Key, npt.NDArray[np.int64]]:
    """Give the lines of each (cycle, pass), in the order of the file."""
    numbers = region.drop_vars([name for name in region.data_vars if region[name].ndim != 1]).reset_coords(
        drop=True
    )
    numbered = numbers.assign(line=("num_lines", np.arange(region.sizes["num_lines"])))
    return {key: part["line"].values for key, part in split_passes(numbered).items()}


def _heights(denoised: xr.Dataset, region: xr.Dataset) -> PassHeights:
    _check_same_lines(denoised, region)
    arrays = (_height(region), denoised["ssh"], region["lon"], region["lat"])
    return PassHeights(*(array.transpose(*DIMS).values.astype(np.float64) for array in arrays))


def _height(region: xr.Dataset) -> xr.DataArray:
    heights = [name for name in region.data_vars if set(region[name].dims) == set(DIMS)]
    if len(heights) != 1:
        raise ValueError(
            f"the region holds {len(heights)} fields of lines and pixels ({', '.join(map(str, heights))}); "
            "give one height: open_swath(path, layout='swath-l3', variables=[NAME])"
        )
    return region[heights[0]]


def _check_same_lines(denoised: xr.Dataset, region: xr.Dataset) -> None:
    if "ssh" not in denoised or set(denoised["ssh"].dims) != set(DIMS):
        held = ", ".join(map(str, denoised.data_vars)) or "nothing"
        raise ValueError(f"the denoised swath holds {held}; expected ssh({', '.join(DIMS)})")
    sizes = [tuple(swath.sizes[dim] for dim in DIMS) for swath in (denoised, region)]
    if sizes[0] != sizes[1]:
        raise ValueError(
            f"the denoised swath has {sizes[0][0]} x {sizes[0][1]} pixels and the region {sizes[1][0]} x "
            f"{sizes[1][1]}; give every line of the region, in its order"
        )
    if "time" in denoised.variables and "time" in region.variables:
        apart = np.abs(denoised["time"].values - region["time"].values)
        if np.any(apart > _SAME_TIME):
            line = int(np.argmax(apart > _SAME_TIME))
            raise ValueError(
                f"line {line} of the denoised swath is at {denoised['time'].values[line]}, that of the "
                f"region at {region['time'].values[line]}; give the lines of the region in their order"
            )


def _cut(heights: PassHeights, lines: npt.NDArray[np.int64]) -> PassHeights:
    return PassHeights(
        *(field[lines] for field in (heights.noisy, heights.denoised, heights.lon, heights.lat))
    )


def _coverage(heights: PassHeights, passes: int) -> SwathCoverage:
    given = np.isfinite(heights.noisy)
    return SwathCoverage(passes, int(given.sum()), int((given & np.isfinite(heights.denoised)).sum()))
