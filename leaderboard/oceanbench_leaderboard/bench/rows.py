"""The rows of a bench: each method on each track, run apart, scored here and kept in no book."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from oceanbench.challenge import Challenge, Track
from oceanbench.data_files import observation_files
from oceanbench.evaluation import evaluate
from oceanbench.progress import Progress
from oceanbench.score import Evaluation
from oceanbench_leaderboard.bench.choosing import Contestant, file_name
from oceanbench_leaderboard.bench.process import Job, MethodFailed, Ran, reason, run_apart

__all__ = ["BenchRow", "Watch", "bench_rows"]

type Watch = Callable[[str, str], AbstractContextManager[Progress]]
"""Called with method and track before each row; what it gives is told the progress of the row."""


@dataclass(frozen=True)
class BenchRow:
    """One method on one track.

    Attributes
    ----------
    contestant : Contestant
        The method and its parameters.
    track : str
        Name of the track.
    evaluation : Evaluation, optional
        Its scores; None where it failed.
    ran : Ran, optional
        What it cost; None where it left no map.
    map : pathlib.Path
        File of its map; of a filter the folder of its passes.
    error : str
        Why it failed; empty where it did not.
    """

    contestant: Contestant
    track: str
    evaluation: Evaluation | None
    ran: Ran | None
    map: Path
    error: str = ""

    @property
    def method(self) -> str:
        """Name of the method."""
        return self.contestant.name

    def to_json(self) -> dict[str, Any]:
        """Give the row for JSON; ``official`` and ``robust`` are those of ``oceanbench evaluate --json``."""
        scores = self.evaluation.to_json() if self.evaluation else {}
        return {
            "method": self.method,
            "track": self.track,
            "official": scores.get("official"),
            "robust": scores.get("robust"),
            "seconds": self.ran.seconds if self.ran else None,
            "cpu_seconds": round(self.ran.cpu_seconds, 2) if self.ran else None,
            "peak_mb": round(self.ran.peak_mb, 1) if self.ran else None,
            "observations": self.ran.observations if self.ran else None,
            "parameters": dict(self.contestant.parameters),
            "map_sha256": scores["passport"]["submission"]["sha256"] if scores else None,
            "error": self.error or None,
        }


def bench_rows(
    challenge: Challenge,
    tracks: Sequence[Track],
    methods: Sequence[Contestant],
    *,
    folder: Path,
    watch: Watch,
    data: Path | None = None,
    source: Path | None = None,
) -> Iterator[BenchRow]:
    """Run and score each method on each track, one after the other; a failure is a row, too.

    Parameters
    ----------
    challenge : Challenge
        Definition.
    tracks : sequence of Track
        Whose observations the methods see; the outer loop.
    methods : sequence of Contestant
        Of :func:`~oceanbench_leaderboard.bench.choosing.chosen_methods`.
    folder : pathlib.Path
        Where the maps are written.
    watch : callable
        Gives a context for each row, in which progress is told.
    data : pathlib.Path, optional
        Folder in which the files of the challenge are looked for first.
    source : pathlib.Path, optional
        Passes that are filtered, and judge, in place of those of the challenge.
    """
    for track in tracks:
        for contestant in methods:
            with watch(contestant.name, track.id) as progress:
                row = _row(challenge, track, contestant, folder, data, source, progress)
            yield row


def _row(
    challenge: Challenge,
    track: Track,
    contestant: Contestant,
    folder: Path,
    data: Path | None,
    source: Path | None,
    progress: Progress,
) -> BenchRow:
    path = _place(challenge, folder / f"{file_name(track.id)}_{file_name(contestant.name)}")
    job = Job(
        challenge.id,
        track.id,
        contestant.spec,
        str(path),
        contestant.settings,
        *("" if place is None else str(place) for place in (data, source)),
    )
    try:
        if source is None:
            _make_observations(challenge, track, data, progress)
        ran = run_apart(job, progress)
    except (MethodFailed, ValueError, LookupError, OSError) as error:
        said = str(error) if isinstance(error, MethodFailed) else reason(error)
        return BenchRow(contestant, track.id, None, None, path, said)
    try:
        found = evaluate(
            path,
            challenge=challenge.id,
            track=track.id,
            reference=() if source is None else source,
            data=data,
            progress=progress,
        )
    except (ValueError, LookupError, OSError) as error:
        return BenchRow(contestant, track.id, None, ran, path, reason(error))
    return BenchRow(contestant, track.id, found, ran, path)


def _place(challenge: Challenge, stem: Path) -> Path:
    """Say where a method writes; what an earlier bench left there is not what is scored."""
    if challenge.filters:
        for old in stem.glob("*.nc"):
            old.unlink()
        return stem
    path = stem.with_name(f"{stem.name}.nc")
    path.unlink(missing_ok=True)
    return path


def _make_observations(challenge: Challenge, track: Track, data: Path | None, progress: Progress) -> None:
    """Derive what is not there yet, so that no method is charged for it."""
    for name in track.observations:
        observation_files(challenge, challenge.file(name), data, progress)
