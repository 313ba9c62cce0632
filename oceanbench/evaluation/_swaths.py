"""Filtered swaths against the truth on the same swaths: pass by pass, several at a time."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from oceanbench.challenge import SwathProtocol
from oceanbench.evaluation._few import few
from oceanbench.evaluation._shown_stretch import Candidate, best_stretch, most_telling, shown_stretch
from oceanbench.metrics.bootstrap import Interval
from oceanbench.metrics.comparison import Blocks
from oceanbench.metrics.swath import (
    HALO_LINES,
    ErrorMaps,
    PassFields,
    PassStatistics,
    SwathStatistics,
    pass_statistics,
)
from oceanbench.parallel import side_by_side
from oceanbench.progress import Progress
from oceanbench.score import UNDEFINED, SwathCoverage, SwathDetails
from oceanbench.submission import Filtered, Holes, PassCheck, SubmissionError, check_pass
from oceanbench.swaths import few_open_files, height_in

__all__ = ["Heights", "SwathScores", "score_swaths"]

_MASKS = ("offshore", "low_variability")
_UNITS = {"ssh": "m", "speed": "m/s", "velocity": "m/s", "vorticity": "1"}
_REGIONAL = ("coastal", "offshore_low", "offshore_high")
_NO_MASKS = "the passes have no masks of coast and variability, so there are no numbers by region"

type Heights = Mapping[str, float]  # variables of a file and their factors: the height is their sum


@dataclass(frozen=True)
class SwathScores:
    """Numbers of filtered swaths, their units, sums to compare by, and what a report draws."""

    official: Mapping[str, float]
    unfiltered: Mapping[str, float]
    robust: Mapping[str, Interval]
    official_units: Mapping[str, str]
    robust_units: Mapping[str, str]
    coverage: SwathCoverage
    details: SwathDetails
    notes: tuple[str, ...]
    comparisons: Mapping[str, Blocks]


class _Part(NamedTuple):
    """What is kept of one pass."""

    official: PassStatistics | None
    fair: PassStatistics | None  # where a height is missing the noisy one stands: holes improve nothing
    candidate: Candidate | None
    found: PassCheck


@dataclass(frozen=True)
class _Reader:
    """The fields of the passes, read when they are asked for."""

    given: Mapping[int, xr.Dataset]
    submission: Filtered[int]
    truth: Heights
    noisy: Heights

    def fields(self, number: int) -> PassFields:
        """Read one pass."""
        return self._with(self.submission.heights(number), self.given[number])

    def lines(self, number: int, lines: slice) -> PassFields:
        """Read a few lines of one pass; filtered heights where there was nothing to filter are left out."""
        filtered = self.submission.heights(number, lines)
        return _where_measured(self._with(filtered, self.given[number].isel(num_lines=lines)))

    def _with(self, filtered: NDArray[np.float64], given: xr.Dataset) -> PassFields:
        heights = height_in(given, self.truth), height_in(given, self.noisy), filtered
        return PassFields(*heights, _floats(given["lon"]), _floats(given["lat"]), *_masks(given))

    def edge(self, numbers: Sequence[int], *, last: bool) -> PassFields | None:
        """Give the few lines of the passes ``numbers``, end to end, that are nearest to the next pass."""
        parts: list[PassFields] = []
        wanted = HALO_LINES
        for number in reversed(numbers) if last else numbers:
            lines = slice(-wanted, None) if last else slice(0, wanted)
            parts.append(self.lines(number, lines))
            wanted -= len(parts[-1].truth)
            if not wanted:
                break
        if not parts:
            return None
        ordered = parts[::-1] if last else parts
        return PassFields(*(np.concatenate(columns) for columns in zip(*ordered, strict=True)))


def score_swaths(
    submission: Filtered[int],
    given: Mapping[int, xr.Dataset],
    protocol: SwathProtocol,
    *,
    truth: Heights,
    noisy: Heights,
    holes: Holes = "refuse",
    workers: int = 0,
    progress: Progress | None = None,
) -> SwathScores:
    """Score filtered passes against the truth in the passes that were given.

    Parameters
    ----------
    submission : Filtered
        The filtered passes, paired with ``given``.
    given : dict of pass number to xr.Dataset
        With the truth, the noisy heights and the masks.
    protocol : SwathProtocol
        Segments and posting.
    truth, noisy : mapping of str to float
        Which variables of ``given`` make up the two heights.
    holes : {"refuse", "official"}
        What a pixel without a filtered height means: a reason to refuse the swaths, or, as in the official
        code, a pixel that is not scored. The robust numbers take its noisy height.
    workers : int
        Passes at a time; 0: as many as there are processors.
    progress : callable, optional

    Raises
    ------
    SubmissionError
        If passes hold values that cannot be scored; all of them are named.
    """
    reader = _Reader(given, submission, truth, noisy)
    numbers, maps = list(given), ErrorMaps(protocol.posting_km)
    settings = protocol.model_dump(include={"posting_km", "segment_km", "overlap", "robust_segment_km"})

    def one(position: int) -> _Part:
        number = numbers[position]
        fields = reader.fields(number)
        found = check_pass(number, fields.filtered, fields.noisy, holes)
        if found.problems:
            return _Part(None, None, None, found)
        fields = _where_measured(fields)
        official = fair = pass_statistics(
            fields,
            before=reader.edge(numbers[:position], last=True),
            after=reader.edge(numbers[position + 1 :], last=False),
            **settings,
        )
        if found.covered < found.points:
            fair = pass_statistics(_with_noisy_heights(fields), **settings)
        maps.add(fields)
        return _Part(official, fair, best_stretch(number, fields), found)

    with few_open_files():
        parts = side_by_side(
            one, range(len(numbers)), workers=workers, progress=progress, what="scoring passes"
        )
    problems = [problem for part in parts for problem in part.found.problems]
    if problems:
        raise SubmissionError(submission.source, problems)
    official = SwathStatistics.combine(part.official for part in parts if part.official is not None)
    fair = SwathStatistics.combine(part.fair for part in parts if part.fair is not None)
    candidate = most_telling([part.candidate for part in parts if part.candidate is not None])
    shown = _where_measured(reader.fields(candidate.number))
    return _scores(
        official,
        fair,
        maps,
        shown_stretch(reader.given[candidate.number], shown, candidate, protocol),
        SwathCoverage(len(parts), *_pixels([part.found for part in parts])),
        few([note for part in parts for note in part.found.notes]),
        regional=all(name in swath for swath in given.values() for name in _MASKS),
        comparisons=official.blocks([str(number) for number in numbers]),
    )


def _scores(
    statistics: SwathStatistics,
    fair: SwathStatistics,
    maps: ErrorMaps,
    shown: xr.Dataset,
    coverage: SwathCoverage,
    notes: tuple[str, ...],
    *,
    regional: bool,
    comparisons: Mapping[str, Blocks],
) -> SwathScores:
    """Put the numbers together; without masks there are none of regions."""
    official, unfiltered = statistics.official(), statistics.unfiltered()
    robust = fair.robust()
    if not regional:
        official, unfiltered = ({**each, **_nowhere(each, math.nan)} for each in (official, unfiltered))
        robust |= _nowhere(robust, UNDEFINED)
        comparisons = {
            name: blocks for name, blocks in comparisons.items() if name not in _nowhere(official, 0)
        }
        notes = (*notes, _NO_MASKS)
    return SwathScores(
        official,
        unfiltered,
        robust,
        {name: _unit(name) for name in official},
        {name: _unit(name) for name in robust},
        coverage,
        SwathDetails(
            shown=shown,
            spectra=statistics.spectra,
            robust_spectra=fair.robust_spectra,
            columns=fair.columns,
            regimes=statistics.regimes,
            maps=maps.dataset,
        ),
        notes,
        comparisons,
    )


def _nowhere[T](scores: Mapping[str, T], nothing: T) -> dict[str, T]:
    return {name: nothing for name in scores if name.rpartition(".")[2] in _REGIONAL}


def _unit(name: str) -> str:
    kind, _, rest = name.partition(".")
    if kind == "noise_reduction":
        return "dB"
    return "km" if kind.startswith("lambda") else _UNITS[rest.partition(".")[0]]


def _where_measured(fields: PassFields) -> PassFields:
    """Leave out filtered heights where there was nothing to filter."""
    return fields._replace(filtered=np.where(np.isnan(fields.noisy), np.nan, fields.filtered))


def _with_noisy_heights(fields: PassFields) -> PassFields:
    return fields._replace(filtered=np.where(np.isnan(fields.filtered), fields.noisy, fields.filtered))


def _pixels(found: Sequence[PassCheck]) -> tuple[int, int]:
    return sum(one.points for one in found), sum(one.covered for one in found)


def _floats(variable: xr.DataArray) -> NDArray[np.float64]:
    return np.asarray(variable.values, dtype=np.float64)


def _masks(given: xr.Dataset) -> list[NDArray[np.bool_]]:
    nowhere = np.zeros((given.sizes["num_lines"], given.sizes["num_pixels"]), dtype=bool)
    return [np.asarray(given[name].values, dtype=bool) if name in given else nowhere for name in _MASKS]
