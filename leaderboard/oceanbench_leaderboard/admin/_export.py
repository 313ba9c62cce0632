"""Everything that is public of a service, as files: boards, passports, reports."""

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import select

from oceanbench.progress import Progress, silent
from oceanbench_leaderboard.errors import NotFound
from oceanbench_leaderboard.ranking import BoardView, board, boards, to_csv
from oceanbench_leaderboard.service import Service
from oceanbench_leaderboard.store import Run, Submission
from oceanbench_leaderboard.submissions import passport, report_keys, view

__all__ = ["export"]


def export(service: Service, folder: Path, progress: Progress = silent) -> dict[str, Any]:
    """Write all that everybody may see into a folder, so that a board outlives its host.

    ``index.json`` lists the boards and the submissions; ``boards/CHALLENGE/VERSION/`` holds each track as
    JSON and CSV with all its rows, ``submissions/ID/`` what is said of a submission, its passport and its
    report.

    Parameters
    ----------
    folder : pathlib.Path
        A new one, or an empty one.

    Returns
    -------
    dict
        What ``index.json`` says.

    Raises
    ------
    FileExistsError
        If the folder is not empty.
    """
    if folder.exists() and any(folder.iterdir()):
        raise FileExistsError(f"{folder} is not empty; give the name of a new folder")
    index = {
        "made": service.now().isoformat(),
        "boards": list(_export_boards(service, folder, progress)),
        "submissions": list(_export_submissions(service, folder, progress)),
    }
    _write_json(folder / "index.json", index)
    return index


def _export_boards(service: Service, folder: Path, progress: Progress) -> Iterator[dict[str, Any]]:
    challenges = boards(service)
    for number, summary in enumerate(challenges):
        progress("boards", number / len(challenges))
        first = board(service, summary.challenge, limit=1)
        for version in first.versions:
            for track in board(service, summary.challenge, version=version, limit=1).tracks:
                whole = board(service, summary.challenge, version=version, track=track, show="all")
                yield _export_board(folder, whole)
    progress("boards", 1.0)


def _export_board(folder: Path, whole: BoardView) -> dict[str, Any]:
    place = folder / "boards" / whole.challenge / whole.version / _file_name(whole.track)
    _write_json(place.with_name(f"{place.name}.json"), whole.model_dump(mode="json"))
    with place.with_name(f"{place.name}.csv").open("w", encoding="utf-8", newline="") as stream:
        stream.writelines(to_csv(whole))
    return {
        "challenge": whole.challenge,
        "version": whole.version,
        "track": whole.track,
        "rows": whole.total,
        "file": f"{place.relative_to(folder).as_posix()}.json",
    }


def _file_name(track: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", track.lower()).strip("-") or "track"


def _export_submissions(service: Service, folder: Path, progress: Progress) -> Iterator[dict[str, Any]]:
    with service.database.transaction(read_only=True) as session:
        scored = select(Run.submission_id).where(Run.state == "scored")
        wanted = select(Submission.id).where(
            Submission.id.in_(scored), ~Submission.hidden, Submission.deleted.is_(None)
        )
        ids = list(session.scalars(wanted.order_by(Submission.created, Submission.id)))
    for number, submission_id in enumerate(ids):
        progress("submissions", number / len(ids))
        try:
            yield _export_submission(service, folder / "submissions" / submission_id, submission_id)
        except NotFound:  # not for everybody, or no longer there
            continue
    progress("submissions", 1.0)


def _export_submission(service: Service, place: Path, submission_id: str) -> dict[str, Any]:
    found = view(service, None, submission_id)
    _write_json(place / "submission.json", found.model_dump(mode="json"))
    if found.scores is not None:
        _write_json(place / "passport.json", passport(service, None, submission_id))
    for name, key in report_keys(service, None, submission_id).items() if found.report else ():
        path = place / "report" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with service.files.reading(key) as source, path.open("wb") as target:
            shutil.copyfileobj(source, target)
    return {"id": found.id, "team": found.team, "method": found.method, "challenge": found.challenge}


def _write_json(path: Path, value: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
