"""Carry out a plan: fetch what is missing, unpack archives, and fall back on plain files."""

import fnmatch
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any

from filelock import FileLock, Timeout

from oceanbench.challenge import Challenge, DataFile
from oceanbench.data_files import observation_files
from oceanbench.download.archives import ArchiveError, DamagedArchiveError, unpack
from oceanbench.download.artefact import Artefact, Outcome
from oceanbench.download.errors import DownloadError, Trouble
from oceanbench.download.fetching import fetch
from oceanbench.download.lock import Lock
from oceanbench.download.plan import ARCHIVES, Item, Plan, make_plan, plain_items
from oceanbench.download.progress import SilentTransfer, Standing, TransferProgress
from oceanbench.download.space import human_bytes
from oceanbench.progress import Progress
from oceanbench.registry import near_matches

__all__ = ["Delivery", "deliver", "fetch_files"]

_LISTED = 12  # files that are told one by one


@dataclass(frozen=True)
class Delivery:
    """What a download did.

    Attributes
    ----------
    folder : Path
        Where it is.
    outcomes : tuple of Outcome
        Files and archives that are in their place.
    unpacked : dict of str to int
        Files that each archive gave.
    made : tuple of str
        Names of the files that the program made itself.
    """

    folder: Path
    outcomes: tuple[Outcome, ...]
    unpacked: dict[str, int]
    made: tuple[str, ...] = ()

    def lines(self) -> Iterator[str]:
        """Tell it in words."""
        come = [outcome for outcome in self.outcomes if outcome.how == "downloaded"]
        if len(come) > _LISTED:
            sources = Counter(outcome.source for outcome in come)
            where = ", ".join(f"{count} from {name}" for name, count in sources.items())
            yield f"{len(come)} files downloaded, {human_bytes(sum(one.size for one in come))}: {where}"
        else:
            yield from (self._line(outcome) for outcome in come)
        yield from (f"{name}: made here" for name in self.made)
        for name, count in self.unpacked.items():
            if name not in {outcome.artefact.name for outcome in come}:
                yield f"{name}: {count} files unpacked"
        if not come and not self.made and not self.unpacked:
            yield f"nothing to fetch: all of it is here, in {self.folder}"
        else:
            yield f"in {self.folder}"

    def _line(self, outcome: Outcome) -> str:
        name = outcome.artefact.name
        count = self.unpacked.get(name)
        unpacked = "" if count is None else f"; {count} file{'s' if count != 1 else ''} unpacked"
        return f"{name}: {human_bytes(outcome.size)} from {outcome.source}{unpacked}"

    def to_json(self) -> dict[str, Any]:
        """Give the stable JSON form."""
        return {
            "folder": str(self.folder),
            "files": [
                {
                    "name": outcome.artefact.name,
                    "how": outcome.how,
                    "bytes": outcome.size,
                    "sha256": outcome.sha256,
                    "source": outcome.source,
                    "resumed_at": outcome.resumed_at,
                    "failures": [f"{failure} ({failure.place})" for failure in outcome.failures],
                }
                for outcome in self.outcomes
            ],
            "unpacked": self.unpacked,
            "made_here": list(self.made),
        }


def deliver(
    plan: Plan,
    *,
    jobs: int = 4,
    accept_certificates_of: Collection[str] = (),
    accept_changed: Collection[str] = (),
    progress: TransferProgress | None = None,
) -> Delivery:
    """Carry out a plan.

    Parameters
    ----------
    plan : Plan
        What to fetch, and where to.
    jobs : int
        Files fetched at the same time.
    accept_certificates_of : collection of str
        Hosts whose certificate is not checked.
    accept_changed : collection of str
        Names of files that may differ from what came the first time.
    progress : TransferProgress, optional
        Draws the transfer.

    Returns
    -------
    Delivery

    Raises
    ------
    DownloadError
        If something could not be had; what could is in its place.
    """
    _refuse_unknown(accept_changed, plan)
    work = _Work(plan, progress or SilentTransfer())
    work.fetch = partial(
        fetch,
        lock=work.lock,
        jobs=jobs,
        accept_certificates_of=accept_certificates_of,
        accept_changed=accept_changed,
        progress=work.bar,
    )
    with _alone(plan, work.bar):
        work.run(_missing_now(plan))
    made = tuple(path.name for file in plan.derived for path in work.make(file))
    if work.troubles:
        raise DownloadError(work.troubles, work.outcomes)
    return Delivery(plan.folder, tuple(work.outcomes), work.unpacked, made)


def _refuse_unknown(names: Collection[str], plan: Plan) -> None:
    known = [item.artefact.name for item in plan.items]
    unknown = [name for name in names if name not in known]
    if unknown:
        raise LookupError(
            f"{unknown[0]!r} is not part of this download; {near_matches(unknown[0], known)}"
            f"its files are {', '.join(known[:_LISTED])}"
        )


@contextmanager
def _alone(plan: Plan, bar: TransferProgress) -> Iterator[None]:
    """Wait until no other process unpacks archives into this folder; plain files look after themselves."""
    if not any(item.archive for item in plan.missing):
        yield
        return
    plan.folder.mkdir(parents=True, exist_ok=True)
    guard = FileLock(plan.folder / ".unpacking.guard")
    try:
        guard.acquire(timeout=0)
    except Timeout:
        bar.say(f"another process is unpacking into {plan.folder}, waiting for it")
        guard.acquire()
    try:
        yield
    finally:
        guard.release()


def _missing_now(plan: Plan) -> list[Item]:
    """Look again, as another process may have fetched while this one waited.

    A plain file that is here is looked at too, so that one put by hand gets recorded; an archive that was
    unpacked is not asked for again.
    """
    files = [file for item in plan.items for file in item.files]
    now = make_plan(plan.challenge, files=files, source=plan.source, to=plan.folder) if plan.missing else plan
    return [item for item in now.items if not (item.archive and item.here)]


def fetch_files(
    challenge: Challenge,
    files: Collection[DataFile],
    *,
    source: str | None = None,
    to: Path | None = None,
    accept_certificates_of: Collection[str] = (),
    progress: TransferProgress | None = None,
) -> Delivery:
    """Bring some files of a challenge here; see :func:`deliver`."""
    plan = make_plan(challenge, files=files, source=source, to=to)
    return deliver(plan, accept_certificates_of=accept_certificates_of, progress=progress)


class _Work:
    """One run: what came, what was unpacked, what failed."""

    fetch: Callable[[Sequence[Artefact]], list[Outcome]]

    def __init__(self, plan: Plan, bar: TransferProgress) -> None:
        self.plan, self.bar = plan, bar
        self.lock = Lock(plan.folder)
        self.outcomes: list[Outcome] = []
        self.unpacked: dict[str, int] = {}
        self.troubles: list[Trouble] = []

    def run(self, items: Sequence[Item]) -> None:
        """Fetch items, unpack the archives among them, fetch plainly what archives did not give."""
        self._drop_unpacked()
        changed = {item.artefact.name: self._changed(item) for item in items}
        troubles = {name: trouble for name, trouble in changed.items() if trouble is not None}
        kept = [item for item in items if item.artefact.name not in troubles]
        troubles |= self._fetch(kept)
        archives = [item for item in kept if item.archive is not None]
        for item in archives:
            if item.artefact.name not in troubles and (trouble := self._unpack(item)) is not None:
                troubles[item.artefact.name] = trouble
        for item in archives:
            if item.artefact.name in troubles and self._fetch_plainly(item):
                del troubles[item.artefact.name]
        self.troubles += troubles.values()

    def make(self, file: DataFile) -> list[Path]:
        """Make a derived file now, so that nobody waits for it later."""
        self.bar.say(f"making {file.id}")
        return observation_files(self.plan.challenge, file, self.plan.folder)

    def _drop_unpacked(self) -> None:
        """Delete archives that an earlier run had unpacked when it was killed."""
        for name in self.lock.archives():
            path = self.plan.folder / ARCHIVES / name
            if self.lock.entry(path) is None:
                path.unlink(missing_ok=True)

    def _changed(self, item: Item) -> Trouble | None:
        """Refuse to overwrite what came out of an archive and was changed here since."""
        recorded = self.lock.archives().get(item.artefact.name) if item.archive else None
        for name in recorded.members if recorded else ():
            path = self.plan.folder / name
            if self.lock.check(path) == "changed":
                cure = f"Move {path} away, and it is fetched anew."
                return Trouble(item.artefact.name, (f"{path} was changed since it came",), (cure,))
        return None

    def _fetch(self, items: Sequence[Item]) -> dict[str, Trouble]:
        try:
            self.outcomes += self.fetch([item.artefact for item in items])
        except DownloadError as error:
            self.outcomes += error.outcomes
            return {trouble.name: trouble for trouble in error.troubles}
        return {}

    def _fetch_plainly(self, item: Item) -> bool:
        """Fetch the files of an archive one by one, where each has a place of its own; tell if all came."""
        plain = [plain_items(self.plan, file) for file in item.files]
        if not plain or not all(plain):
            return False
        self.bar.say(f"{item.artefact.name} could not be had; its files are fetched one by one")
        troubles = self._fetch([one for items in plain for one in items])
        self.troubles += troubles.values()
        if not troubles:
            item.artefact.target.unlink(missing_ok=True)  # an archive that could not be used
        return not troubles

    def _unpack(self, item: Item) -> Trouble | None:
        target = item.artefact.target
        self.bar.say(f"unpacking {target.name}")
        try:
            finder = _Finder(self.plan.challenge, item)
            placed = unpack(target, self.plan.folder, finder, progress=self._unpacking(target))
        except DamagedArchiveError as error:
            target.unlink()
            self.lock.forget(target)
            return Trouble(item.artefact.name, (f"it was damaged and is deleted: {error}",))
        except ArchiveError as error:  # it stays: to fetch it again would not help
            cure = f"Ask whoever put it out, or name another server with --source; it is kept as {target}."
            return Trouble(item.artefact.name, (str(error),), (cure,))
        except OSError as error:
            return Trouble(item.artefact.name, (f"it could not be unpacked: {error}",))
        self.lock.record_unpacked(target, placed)
        _discard(target)
        self.unpacked[target.name] = len(placed)
        return None

    def _unpacking(self, archive: Path) -> Progress:
        size = archive.stat().st_size
        return lambda stage, share: self.bar.show(Standing(int(share * size), size, None, 0, 1))


def _discard(archive: Path) -> None:
    archive.unlink()


class _Finder:
    """Tells where a member of an archive belongs: to the file of the challenge that bears its name."""

    def __init__(self, challenge: Challenge, item: Item) -> None:
        archive = item.archive.id if item.archive else ""
        self._patterns = [PurePosixPath(file.pattern) for file in challenge.files if file.archive == archive]

    def __call__(self, member: str) -> Path | None:
        name = PurePosixPath(member).name
        if name.startswith("._"):  # what some systems keep beside each file
            return None
        for pattern in self._patterns:
            if fnmatch.fnmatchcase(name, pattern.name):
                return Path(pattern.parent / name)
        return None
