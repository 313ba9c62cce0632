"""Score the maps that others published, and compare with what they published of them."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import xarray as xr

from oceanbench.challenge import Challenge, ContributedMap, DataFile
from oceanbench.data_files import find_files
from oceanbench.evaluation import evaluate, expected_of
from oceanbench.grids import read_grid
from oceanbench.registry import near_matches
from oceanbench.score import Evaluation
from oceanbench.submission import open_map
from oceanbench_leaderboard.digits import CUT, agrees, is_cut, printed_decimals
from oceanbench_leaderboard.published import PublishedScore, published_scores

__all__ = [
    "Comparison",
    "Fetch",
    "MapResult",
    "Verdict",
    "files_to_bring",
    "rows_without_map",
    "score_published",
    "wanted_maps",
]

Verdict = Literal["agrees", "differs", "nothing to compare"]

type Fetch = Callable[[Collection[DataFile]], None]


@dataclass(frozen=True)
class Comparison:
    """One published number and what the same map scores here.

    Attributes
    ----------
    published : PublishedScore
        What was printed.
    scored : float, optional
        The official number of this package; None where it has none.
    places : int
        Decimals that were printed; -1 where the number was cut to an integer.
    """

    published: PublishedScore
    scored: float | None
    places: int

    @property
    def difference(self) -> float | None:
        """Scored minus published; of a misprint, minus what was meant."""
        printed = self.published.value
        return None if self.scored is None or printed is None else self.scored - printed

    @property
    def verdict(self) -> Verdict:
        """Whether the number scored here, with the digits that were printed, is the printed one."""
        printed = self.published.value
        if self.scored is None or printed is None:
            return "nothing to compare"
        return "agrees" if agrees(self.scored, printed, self.places) else "differs"


@dataclass(frozen=True)
class MapResult:
    """One published map: scored and compared, or the reason why not.

    Attributes
    ----------
    map : ContributedMap
        What was to be scored, with the settings of its row.
    comparisons : tuple of Comparison
        Number by number, in the order of the table; empty where the map was not scored.
    reason : str
        Why it was not scored; empty where it was.
    scope : str
        Box, days and settings that were used, in one sentence.
    notes : tuple of str
        What is known of the row, and what was changed or chosen when the map was read.
    """

    map: ContributedMap
    comparisons: tuple[Comparison, ...] = ()
    reason: str = ""
    scope: str = ""
    notes: tuple[str, ...] = ()


def wanted_maps(
    challenge: Challenge, *, track: str | None = None, method: str | None = None
) -> tuple[ContributedMap, ...]:
    """Give the published maps of a challenge, of one track and of one method where these are named.

    Raises
    ------
    LookupError
        If there is no such track, method, or no map at all; or if the challenge cannot be scored yet.
    """
    if challenge.evaluation_pending:
        raise LookupError(f"{challenge.id} cannot be scored yet: {challenge.evaluation_pending}")
    if not challenge.maps:
        raise LookupError(f"{challenge.id}: no published map is known, so none can be scored again")
    wanted = challenge.track(track).id if track is not None else None
    methods = {contributed.method.casefold(): contributed.method for contributed in challenge.maps}
    if method is not None and method.casefold() not in methods:
        raise LookupError(
            f"{challenge.id} has no published map of {method!r}; {near_matches(method, methods)}"
            f"there are those of {', '.join(methods.values())}"
        )
    found = tuple(
        contributed
        for contributed in challenge.maps
        if wanted in (None, challenge.track(contributed.track).id)
        and (method is None or contributed.method.casefold() == method.casefold())
    )
    if not found:
        raise LookupError(f"{challenge.id} has no published map of {method or 'anybody'} on track {wanted!r}")
    return found


def rows_without_map(challenge: Challenge, *, track: str | None = None) -> dict[str, tuple[str, ...]]:
    """Give the methods of the current published table that no known map belongs to, by track."""
    mapped = {(challenge.track(one.track).id, one.method) for one in challenge.maps}
    only = None if track is None else challenge.track(track).id
    missing: dict[str, dict[str, None]] = {}
    for score in published_scores(challenge):
        row = (score.track, score.method)
        if score.status == "current" and row not in mapped and only in (None, score.track):
            missing.setdefault(score.track, {})[score.method] = None
    return {name: tuple(methods) for name, methods in missing.items()}


def score_published(
    challenge: Challenge, maps: Sequence[ContributedMap], *, fetch: Fetch, data: Path | None = None
) -> Iterator[MapResult]:
    """Fetch and score published maps one after the other, each with the settings that its row was made with.

    A map that cannot be had, or is refused, is a result with its reason; the others go on.

    Parameters
    ----------
    challenge : Challenge
        Definition.
    maps : sequence of ContributedMap
        Of :func:`wanted_maps`.
    fetch : callable
        Brings files of the challenge to this machine, where they are not here already.
    data : pathlib.Path, optional
        Folder in which files are looked for first.

    Yields
    ------
    MapResult
        For each map, in order.
    """
    published = published_scores(challenge)
    failed: dict[str, str] = {}
    for contributed in maps:
        try:
            _bring(_files_of(challenge, contributed), fetch, data, failed)
            evaluation = _score(challenge, contributed, data)
        except (ValueError, LookupError, OSError) as error:
            if isinstance(error, KeyError | IndexError):
                raise
            yield MapResult(contributed, reason=str(error))
            continue
        yield MapResult(
            contributed,
            _compare(challenge, contributed, evaluation.official, published),
            scope=evaluation.scope,
            notes=tuple(_notes(contributed, evaluation)),
        )


def _notes(contributed: ContributedMap, evaluation: Evaluation) -> Iterator[str]:
    yield from filter(None, (contributed.scoring.note, *evaluation.notes))
    if contributed.plus:
        yield f"to its anomalies the height of the file {contributed.plus!r} is added"
    coverage = evaluation.coverage
    if coverage.covered < coverage.points:
        yield (
            f"it has a value at {coverage.covered:,} of {coverage.points:,} points; holes are treated as the "
            "official code treats them"
        )


def files_to_bring(
    challenge: Challenge, maps: Iterable[ContributedMap], data: Path | None = None
) -> list[DataFile]:
    """Give the files that these maps and their scores need, each once, but for those in the folder given."""
    files = {file.id: file for one in maps for file in _files_of(challenge, one)}
    return [file for file in files.values() if not _lies_in(data, file)]


def _lies_in(data: Path | None, file: DataFile) -> bool:
    if data is None:
        return False
    return any(data.glob(file.pattern)) or any(data.glob(Path(file.pattern).name))


def _files_of(challenge: Challenge, contributed: ContributedMap) -> list[DataFile]:
    names = (contributed.file, challenge.track(contributed.track).reference, contributed.plus)
    return [challenge.file(name) for name in names if name]


def _bring(files: Sequence[DataFile], fetch: Fetch, data: Path | None, failed: dict[str, str]) -> None:
    """Fetch files unless they lie in the folder that was given; what failed once is not asked for again."""
    for reason in (failed[file.id] for file in files if file.id in failed):
        raise OSError(reason)
    for file in (file for file in files if not _lies_in(data, file)):
        try:
            fetch([file])
        except (ValueError, LookupError, OSError) as error:
            failed[file.id] = str(error)
            raise


def _score(challenge: Challenge, contributed: ContributedMap, data: Path | None) -> Evaluation:
    paths = find_files(challenge, challenge.file(contributed.file), data)
    if len(paths) > 1:
        raise ValueError(f"{contributed.file}: {len(paths)} files, and a map is one; put them into one file")
    variable = contributed.variable or None
    source = _with_added(challenge, contributed, paths[0], data) if contributed.plus else paths[0]
    return evaluate(
        source,
        challenge=challenge.id,
        track=contributed.track,
        variable=None if contributed.plus else variable,
        holes="official",
        data=data,
        scoring=contributed.scoring,
    )


def _with_added(
    challenge: Challenge, contributed: ContributedMap, path: Path, data: Path | None
) -> xr.Dataset:
    """Read a map of anomalies and add the mean height that it lacks, interpolated to its nodes."""
    on_track = challenge.on(challenge.track(contributed.track))
    variable = contributed.variable or None
    submission = open_map(path, expected=expected_of(on_track, "official"), variable=variable)
    file = challenge.file(contributed.plus)
    mean = read_grid(find_files(challenge, file, data), file.height) + file.offset
    if "time" in mean.dims:
        mean = mean.isel(time=0, drop=True)
    anomaly = submission.ssh
    total = anomaly + mean.interp(lat=anomaly.lat, lon=anomaly.lon)
    return total.rename("ssh").assign_attrs(units="m").to_dataset()


def _compare(
    challenge: Challenge,
    contributed: ContributedMap,
    official: Mapping[str, float],
    published: Sequence[PublishedScore],
) -> tuple[Comparison, ...]:
    track = challenge.track(contributed.track).id
    rows = [
        score
        for score in published
        if (score.track, score.method) == (track, contributed.method) and score.status != "superseded"
    ]
    return tuple(_comparison(challenge, score, official.get(score.metric), published) for score in rows)


def _comparison(
    challenge: Challenge, score: PublishedScore, scored: float | None, table: Sequence[PublishedScore]
) -> Comparison:
    places = printed_decimals(score, table)
    cut = places == 0 and is_cut(challenge, score.metric)
    exists = scored is not None and scored == scored  # a NaN is no number
    return Comparison(score, scored if exists else None, CUT if cut else places)
