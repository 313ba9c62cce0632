"""Whether everything that the database names is in the store, and the other way round."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session, contains_eager, selectinload

from oceanbench.progress import Progress, silent
from oceanbench_leaderboard.service import Service
from oceanbench_leaderboard.store import FINISHED, FileStore, Run, Submission, Upload
from oceanbench_leaderboard.submissions import withholds_truth

__all__ = ["Findings", "check"]

_YOUNG = timedelta(days=1)  # a file may be written long before the row that names it


@dataclass
class Findings:
    """What a check found.

    Attributes
    ----------
    uploads, runs, files : int
        How many were looked at.
    problems : list of str
        What is missing or damaged, one sentence each.
    leftovers : list of str
        Keys of files that no row names and that are older than a day.
    """

    uploads: int = 0
    runs: int = 0
    files: int = 0
    problems: list[str] = field(default_factory=list)
    leftovers: list[str] = field(default_factory=list)


def check(service: Service, *, deep: bool = False, progress: Progress = silent) -> Findings:
    """Hold the store against the database.

    Parameters
    ----------
    deep : bool
        Read every upload, and compute its digest.
    progress : Progress
        Told how far it is.

    Raises
    ------
    Unavailable
        If database or store do not answer.
    """
    with service.database.transaction(read_only=True) as session:
        uploads = list(
            session.scalars(select(Upload).options(selectinload(Upload.parts)).order_by(Upload.id))
        )
        with_report, folders = _reports(session)
    sizes = service.files.sizes()  # after the rows: what they name was there before them
    found = Findings(len(uploads), len(with_report), len(sizes))
    for number, upload in enumerate(uploads):
        progress("uploads", number / len(uploads))
        found.problems += _wrong_with(upload, sizes)
        if deep and upload.completed is not None and not _wrong_with(upload, sizes):
            found.problems += _other_digest(service.files, upload)
    progress("uploads", 1.0)
    present = {key.partition("/report/")[0] for key in sizes if "/report/" in key}
    found.problems += [
        f"run {run}: no report in the store" for run, folder in with_report.items() if folder not in present
    ]
    named = {part.key for upload in uploads for part in upload.parts}
    found.leftovers = _leftovers(service.files, sizes, named, folders, service.now())
    return found


def _reports(session: Session) -> tuple[dict[int, str], set[str]]:
    """Give the runs with the folders of their reports, and all folders in which files of runs may lie.

    Of a submission that is finished the latest scored run has one, unless it repeats another submission.
    """
    wanted = select(Run).join(Run.submission).options(contains_eager(Run.submission))
    runs = session.scalars(wanted.where(Submission.deleted.is_(None)).order_by(Run.id)).all()
    busy = {run.submission_id for run in runs if run.state not in FINISHED}
    latest = {
        run.submission_id: run
        for run in runs
        if run.state == "scored"
        and run.submission.duplicate_of is None
        and not withholds_truth(run.submission.challenge)
    }
    reported = {run.id: run.folder for key, run in latest.items() if key not in busy}
    folders = {run.folder for run in runs if run.state == "scored"}
    return reported, folders | {f"runs/{run.id}" for run in runs if run.state not in FINISHED}


def _wrong_with(upload: Upload, sizes: dict[str, int]) -> list[str]:
    what = f"upload {upload.sha256[:12]}… of team {upload.team_id}"
    wrong = [f"{what}: {part.key} is missing" for part in upload.parts if part.key not in sizes]
    wrong += [
        f"{what}: {part.key} has {sizes[part.key]} bytes, not {part.size}"
        for part in upload.parts
        if sizes.get(part.key, part.size) != part.size
    ]
    end = 0
    for part in upload.parts:
        if part.start != end:
            wrong.append(f"{what}: a part begins at {part.start}, not at {end}")
        end = part.start + part.size
    if upload.completed is not None and end != upload.size:
        wrong.append(f"{what}: its parts have {end} bytes, not {upload.size}")
    return wrong


def _other_digest(files: FileStore, upload: Upload) -> list[str]:
    digest = hashlib.sha256()
    for part in upload.parts:
        for piece in files.pieces(part.key):
            digest.update(piece)
    if digest.hexdigest() == upload.sha256:
        return []
    return [f"upload {upload.sha256[:12]}… of team {upload.team_id}: its bytes have another digest"]


def _folders_of(key: str) -> set[str]:
    """Give the folders in which a file of a run may be: of the run, or of one attempt at it."""
    words = key.split("/")
    return {"/".join(words[:2]), "/".join(words[:3])} if words[0] == "runs" else set()


def _leftovers(
    files: FileStore, sizes: Iterable[str], named: set[str], folders: set[str], now: datetime
) -> list[str]:
    unnamed = [key for key in sizes if key not in named and not _folders_of(key) & folders]
    return [key for key in unnamed if now - files.changed(key) > _YOUNG]
