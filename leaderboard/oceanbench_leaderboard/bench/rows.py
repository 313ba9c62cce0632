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
        File of its map.
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
    """
    for track in tracks:
        for contestant in methods:
            with watch(contestant.name, track.id) as progress:
                row = _row(challenge, track, contestant, folder, data, progress)
            yield row


def _row(
    challenge: Challenge,
    track: Track,
    contestant: Contestant,
    folder: Path,
    data: Path | None,
    progress: Progress,
) -> BenchRow:
    path = folder / f"{file_name(track.id)}_{file_name(contestant.name)}.nc"
    path.unlink(missing_ok=True)  # a map of an earlier bench is not what is scored
    job = Job(
        challenge.id,
        track.id,
        contestant.spec,
        str(path),
        contestant.settings,
        "" if data is None else str(data),
    )
    try:
        _make_observations(challenge, track, data, progress)
        ran = run_apart(job, progress)
    except (MethodFailed, ValueError, LookupError, OSError) as error:
        said = str(error) if isinstance(error, MethodFailed) else reason(error)
        return BenchRow(contestant, track.id, None, None, path, said)
    try:
        found = evaluate(path, challenge=challenge.id, track=track.id, data=data, progress=progress)
    except (ValueError, LookupError, OSError) as error:
        return BenchRow(contestant, track.id, None, ran, path, reason(error))
    return BenchRow(contestant, track.id, found, ran, path)


def _make_observations(challenge: Challenge, track: Track, data: Path | None, progress: Progress) -> None:
    """Derive what is not there yet, so that no method is charged for it."""
    for name in track.observations:
        observation_files(challenge, challenge.file(name), data, progress)
