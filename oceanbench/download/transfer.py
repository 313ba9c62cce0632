"""One artefact: is it here already, which candidate gives it, and is what came what was promised."""

import errno
import os
from collections.abc import Collection, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from filelock import FileLock, Timeout

from oceanbench.download.artefact import Artefact, Candidate, Failure, How, Outcome, Promise
from oceanbench.download.credentials import redacted
from oceanbench.download.digests import digests_of
from oceanbench.download.errors import (
    CandidateFailed,
    DownloadError,
    Interrupted,
    RangeRefused,
    Stopped,
    Trouble,
)
from oceanbench.download.lock import Entry, Lock, Trust
from oceanbench.download.part import Origin, Part
from oceanbench.download.patience import Patience
from oceanbench.download.progress import Meter
from oceanbench.download.sources import Sources, login_for
from oceanbench.download.space import human_bytes, require_space
from oceanbench.download.stopping import Stop
from oceanbench.download.streams import Resume, Stream

__all__ = ["Transfer", "present"]


@dataclass(frozen=True)
class Transfer:
    """What the transfers of one run share.

    Parameters
    ----------
    lock : Lock
        Remembers what came.
    sources : Sources
        Open the candidates.
    meter : Meter
        Is told every byte.
    stop : Stop
        Ends everything.
    patience : Patience
        How long is waited, and how often tried again.
    accept_changed : collection of str
        Artefacts whose content may differ from what the lock remembers.
    """

    lock: Lock
    sources: Sources
    meter: Meter
    stop: Stop
    patience: Patience
    accept_changed: Collection[str] = ()

    def obtain(self, artefact: Artefact) -> Outcome:
        """Bring one artefact to its place, unless it is there.

        Raises
        ------
        DownloadError
            If no candidate gives it, or the file in its place is not the one it should be.
        """
        accepted = artefact.name in self.accept_changed
        outcome = present(artefact, self.lock)
        if outcome is None:
            with self._alone(artefact):
                outcome = self._settle(artefact, accepted) or self._download(artefact, accepted)
        how = "" if outcome.how == "downloaded" else f", {outcome.how}"
        self.meter.finish(
            str(artefact.target), outcome.size, f"{artefact.name}: {human_bytes(outcome.size)}{how}"
        )
        return outcome

    @contextmanager
    def _alone(self, artefact: Artefact) -> Iterator[None]:
        """Wait until no other process fetches this artefact."""
        target = artefact.target
        target.parent.mkdir(parents=True, exist_ok=True)
        guard = FileLock(target.with_name(f".{target.name}.guard"))
        try:
            guard.acquire(timeout=0)
        except Timeout:
            self.meter.say(f"{artefact.name}: another process is fetching it, waiting for it")
            try:
                guard.acquire(cancel_check=lambda: self.stop.pulled, poll_interval=0.1)
            except Timeout:
                raise Stopped from None
        try:
            yield
        finally:
            with suppress(OSError):  # held by us: who waits for it sees that it is gone, and makes another
                os.unlink(guard.lock_file)
            guard.release()

    def _settle(self, artefact: Artefact, accepted: bool) -> Outcome | None:
        """Give the file that lies in the place already, if it may stay there; None where there is none."""
        if not artefact.target.exists():
            return None
        outcome = present(artefact, self.lock)
        if outcome is None:
            outcome = self._adopt(artefact, accepted)
        leftover = Part(artefact.target)
        if leftover.size or leftover.origin:
            leftover.discard()
        return outcome

    def _adopt(self, artefact: Artefact, accepted: bool) -> Outcome:
        """Judge a file that lies there by what is promised, else by the lock, else take it as it is."""
        status = artefact.target.stat()
        sha256, md5 = digests_of(artefact.target, md5=artefact.md5 is not None)
        if wrong := artefact.promise.broken_by(status.st_size, sha256, md5):
            raise _not_the_one(artefact, f"it is not the file of the definition: {wrong}")
        entry, promised = self.lock.entry(artefact.target), artefact.promise.digest_known
        known = entry is not None and entry.sha256 == sha256
        if entry is not None and not known and not promised and not accepted:
            raise _not_the_one(artefact, f"it was changed since {entry.date}", keep=True)
        if entry is None or not known:
            entry = Entry(status.st_size, sha256, "found here", "", "found here", status.st_mtime_ns)
        trust: Trust = "promised" if promised else entry.trust
        entry = replace(entry, mtime_ns=status.st_mtime_ns, md5=md5 or entry.md5, trust=trust)
        self.lock.record(artefact.target, entry)
        return _outcome(artefact, entry, "already here" if known else "found here")

    def _download(self, artefact: Artefact, accepted: bool) -> Outcome:
        remembered = Promise() if accepted else self.lock.remembered(artefact.target)
        expected = _merged(artefact.promise, remembered)
        part = Part(artefact.target, md5=artefact.md5 is not None or expected.md5 is not None)
        failures: list[Failure] = []
        for candidate in artefact.candidates:
            try:
                _Candidacy(self, artefact, candidate, expected, part).run()
            except CandidateFailed as error:
                failures.append(self._failure(artefact, candidate, error))
            else:
                return self._accept(artefact, candidate, part, tuple(failures))
        raise DownloadError([Trouble.of_candidates(artefact.name, failures, self._cures(artefact, expected))])

    def _failure(self, artefact: Artefact, candidate: Candidate, error: CandidateFailed) -> Failure:
        try:
            login = login_for(candidate)
        except CandidateFailed:
            login = None
        cure = redacted(error.cure, login) if error.cure else None
        failure = Failure(candidate.source, candidate.place, redacted(error.reason, login), cure)
        self.meter.say_once(artefact.name, str(failure))
        return failure

    def _cures(self, artefact: Artefact, expected: Promise) -> tuple[str, ...]:
        """Say how to take another file than the remembered one, where the lock alone asks for that one."""
        if artefact.promise.digest_known or not expected.digest_known:
            return ()
        return (
            f"{self.lock.path} remembers another {artefact.name}: sha256 {expected.sha256}. If its provider "
            f"has put out a new version, take it with --accept-changed {artefact.name}; scores made with the "
            "one and with the other do not compare.",
        )

    def _accept(
        self,
        artefact: Artefact,
        candidate: Candidate,
        part: Part,
        failures: tuple[Failure, ...],
    ) -> Outcome:
        """Record the part, then give it its name: a file under its final name is always known."""
        sha256, md5 = part.digests()
        trust: Trust = "promised" if artefact.promise.digest_known else "first use"
        source, place = candidate.source, candidate.place
        entry = Entry(part.size, sha256, source, place, trust, part.mtime_ns, md5)
        self.lock.record(artefact.target, entry)
        part.place()
        outcome = _outcome(artefact, entry, "downloaded")
        return replace(outcome, resumed_at=part.kept, failures=failures)


def present(artefact: Artefact, lock: Lock) -> Outcome | None:
    """Give an artefact that is in its place, recorded and as promised; None where something is to be done.

    The file is not read while its size and its time of change are those recorded.
    """
    entry = lock.entry(artefact.target)
    if entry is None or artefact.promise.broken_by(entry.size, entry.sha256, entry.md5 or artefact.md5):
        return None
    if artefact.md5 is not None and entry.md5 is None and artefact.sha256 is None:
        return None
    try:
        status = artefact.target.stat()
    except FileNotFoundError:
        return None
    same = (status.st_size, status.st_mtime_ns) == (entry.size, entry.mtime_ns)
    return _outcome(artefact, entry, "already here") if same else None


def _outcome(artefact: Artefact, entry: Entry, how: How) -> Outcome:
    return Outcome(artefact, how, entry.size, entry.sha256, entry.source, entry.place)


def _not_the_one(artefact: Artefact, reason: str, keep: bool = False) -> DownloadError:
    cure = f"Move {artefact.target} away, and it is fetched anew"
    cure += f"; or keep it as it is with --accept-changed {artefact.name}." if keep else "."
    return DownloadError([Trouble(artefact.name, (f"{artefact.target}: {reason}",), (cure,))])


def _merged(promise: Promise, remembered: Promise) -> Promise:
    """Join what is promised with what an earlier download remembers; a promised digest decides."""
    if promise.digest_known or not remembered.digest_known:
        return promise
    return Promise(promise.size or remembered.size, remembered.md5, remembered.sha256)


@dataclass(frozen=True)
class _Candidacy:
    """One candidate asked for one artefact, as often as it takes."""

    transfer: Transfer
    artefact: Artefact
    candidate: Candidate
    expected: Promise
    part: Part

    def run(self) -> None:
        """Fetch until the part is whole and what is expected.

        Raises
        ------
        CandidateFailed
            If this place does not give the file. Bytes that may be continued stay in the part.
        """
        self._fetch()
        if self._wrong() and self.part.joined:
            self.part.discard()  # the joint may be at fault: once more in one piece
            self._fetch()
        if wrong := self._wrong():
            self.part.discard()
            raise CandidateFailed(f"it sent another file: {wrong}")

    def _wrong(self) -> str | None:
        return self.expected.broken_by(self.part.size, *self.part.digests())

    def _fetch(self) -> None:
        """Repeat attempts until one comes to the end; raises what the last one met."""
        patience = self.transfer.patience
        pauses, best = iter(patience.pauses), self.part.size
        while True:
            try:
                return self._attempt()
            except Interrupted as error:
                if isinstance(error, RangeRefused):
                    self.part.discard()
                if self.part.size >= best + patience.progress_bytes:
                    best, pauses = self.part.size, iter(patience.pauses)
                if (pause := next(pauses, None)) is None:
                    raise
                self._wait(error, pause)

    def _wait(self, error: Interrupted, pause: float) -> None:
        seconds = min(max(pause, error.wait or 0.0), self.transfer.patience.longest_pause)
        reason = redacted(error.reason, login_for(self.candidate))
        again = f"{self.candidate.source}: {reason}; again in {seconds:.0f} s"
        self.transfer.meter.say(f"{self.artefact.name}: {again}")
        self.transfer.stop.pause(seconds)

    def _attempt(self) -> None:
        """Read one stream to its end, after what is here."""
        login = login_for(self.candidate)
        here, origin = self.part.resumable(self.candidate.place, self.expected)
        source = self.transfer.sources.of(self.candidate)
        if source.one_version and origin is not None and origin.size == here:
            return  # nothing is missing but the name
        resume = Resume(here, None if origin is None else origin.validator)
        with closing(source.open(self.candidate, self.artefact.name, login, resume)) as stream:
            self._begin(stream, origin)
            self._copy(stream)
            self._check_whole(stream)

    def _begin(self, stream: Stream, origin: Origin | None) -> None:
        """Compare what the source announces with what is known, and ready the part for it."""
        expected, size = self.expected.size, stream.size
        if expected is not None and size is not None and size != expected:
            raise CandidateFailed(f"it has {size} bytes there, {expected} are expected")
        if stream.offset == 0:
            self.part.restart(Origin(self.candidate.place, stream.validator, size))
        elif origin is None:
            self.part.join(self.candidate.place, size)
        elif origin.size is not None and size is not None and size != origin.size:
            raise RangeRefused(f"the file changed there: it had {origin.size} bytes and has {size}")
        self.part.joined = stream.offset > 0
        total = expected if size is None else size
        require_space(self.artefact.target.parent, (total or stream.offset) - stream.offset)
        self.transfer.meter.stand(str(self.artefact.target), stream.offset, total)

    def _copy(self, stream: Stream) -> None:
        """Read to the end, or to the first byte that is too many."""
        limit = self.expected.size if stream.size is None else stream.size
        here = stream.offset
        with _told_if_full(self.part.path.parent), closing(self.part.append(stream.readinto)) as counts:
            for count in counts:
                self.transfer.meter.receive(str(self.artefact.target), count)
                self.transfer.stop.check()
                here += count
                if limit is not None and here > limit:
                    break

    def _check_whole(self, stream: Stream) -> None:
        size = self.expected.size if stream.size is None else stream.size
        here = self.part.size
        if size is None and not (stream.framed or self.expected.digest_known):
            raise CandidateFailed("it tells no length, so a whole file cannot be told from a cut one")
        if size is not None and here < size:
            raise Interrupted(f"the transfer ended after {here} of {size} bytes")
        if size is not None and here > size:
            self.part.discard()
            raise CandidateFailed(f"it sends more than the {size} bytes of the file")


@contextmanager
def _told_if_full(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        told = f"the disk of {folder} is full ({error.strerror}); make room and run again"
        raise OSError(f"{told}: what has come so far is kept and continued") from error
