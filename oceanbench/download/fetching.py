"""Many artefacts at once: threads, room on the disk, and a clean end whatever happens."""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from pathlib import Path

from oceanbench.download.artefact import Artefact, Outcome
from oceanbench.download.errors import DownloadError, Stopped, Trouble
from oceanbench.download.lock import Lock
from oceanbench.download.part import Part
from oceanbench.download.patience import Patience
from oceanbench.download.progress import Meter, SilentTransfer, TransferProgress
from oceanbench.download.sources import Sources
from oceanbench.download.space import require_space
from oceanbench.download.stopping import Stop
from oceanbench.download.transfer import Transfer, present

__all__ = ["fetch"]

_REFRESH = 0.5  # seconds after which the picture is drawn anew even if nothing comes


def fetch(
    artefacts: Sequence[Artefact],
    *,
    lock: Lock,
    jobs: int = 4,
    accept_certificates_of: Collection[str] = (),
    accept_changed: Collection[str] = (),
    progress: TransferProgress | None = None,
    patience: Patience | None = None,
) -> list[Outcome]:
    """Bring artefacts to their places: verified, resumed where possible, never half.

    What is in its place and agrees with the lock is left alone, and nobody is asked about it. Everything else
    is tried from its candidates in order. A part of an interrupted transfer is continued where the server
    names the version it sends (a strong ETag, a time of change), or where size and digest of the file are
    known; without either it is fetched anew. A file gets its final name once its size and digests are what is
    promised; where nothing is promised, its SHA-256 is recorded in the lock and every later download is held
    against it.

    Parameters
    ----------
    artefacts : sequence of Artefact
        What is wanted; no two with the same target.
    lock : Lock
        The lock of the folder that all targets are below.
    jobs : int, optional
        Files fetched at the same time, at least 1.
    accept_certificates_of : collection of str, optional
        Hosts whose certificate is not checked, beside those of ``OCEANBENCH_ACCEPT_CERTIFICATES``.
    accept_changed : collection of str, optional
        Names of artefacts that may differ from what the lock remembers.
    progress : TransferProgress, optional
        Draws the transfer; silent if not given.
    patience : Patience, optional
        How long is waited, and how often tried again.

    Returns
    -------
    list of Outcome
        One for each artefact, in their order.

    Raises
    ------
    DownloadError
        If some could not be had; the others are in place. It lists every candidate with its reason.
    OSError
        If the disk has no room.
    ValueError
        If two artefacts have one target, a target is outside the folder of the lock, or the lock is
        not readable.
    """
    if jobs < 1:
        raise ValueError(f"jobs is {jobs}; at least 1 is needed")
    _check_targets(artefacts, lock)
    waited = patience or Patience()
    meter = Meter(progress or SilentTransfer(), [(str(one.target), one.size) for one in artefacts])
    stop = Stop()
    _check_space([artefact for artefact in artefacts if present(artefact, lock) is None])
    sources = Sources(accept_certificates_of, waited, stop)
    return _run(Transfer(lock, sources, meter, stop, waited, accept_changed), artefacts, jobs)


def _check_targets(artefacts: Sequence[Artefact], lock: Lock) -> None:
    names = Counter(lock.name_of(artefact.target) for artefact in artefacts)
    twice = [name for name, count in names.items() if count > 1]
    if twice:
        raise ValueError(f"{twice[0]!r} is the target of {names[twice[0]]} artefacts; give each its own")


def _check_space(artefacts: Sequence[Artefact]) -> None:
    """Ask for the room of all files whose size is known; the others are asked about when they tell it."""
    needed: Counter[Path] = Counter()
    for artefact in artefacts:
        if not artefact.target.exists():
            needed[artefact.target.parent] += max((artefact.size or 0) - Part(artefact.target).size, 0)
    by_disk: Counter[int] = Counter()
    for folder, size in needed.items():
        by_disk[_device(folder)] += size
        require_space(folder, by_disk[_device(folder)])


def _device(folder: Path) -> int:
    return (
        next(path for path in (folder.absolute(), *folder.absolute().parents) if path.exists()).stat().st_dev
    )


def _run(transfer: Transfer, artefacts: Sequence[Artefact], jobs: int) -> list[Outcome]:
    outcomes: list[Outcome] = []
    troubles: list[Trouble] = []
    with _workers(transfer.stop, jobs) as pool:
        futures = [pool.submit(transfer.obtain, artefact) for artefact in artefacts]
        _watch(futures, transfer.meter)
        for future in futures:
            try:
                outcomes.append(future.result())
            except DownloadError as error:
                troubles += error.troubles
    if troubles:
        raise DownloadError(troubles, outcomes)
    return outcomes


@contextmanager
def _workers(stop: Stop, jobs: int) -> Iterator[ThreadPoolExecutor]:
    """Give threads that end when anything goes wrong here, an interruption by the user included."""
    pool = ThreadPoolExecutor(jobs, thread_name_prefix="fetch")
    try:
        yield pool
    except BaseException:
        stop.pull()
        raise
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _watch(futures: Sequence[Future[Outcome]], meter: Meter) -> None:
    """Wait for all; an error that is not of one artefact alone (a full disk, say) ends the rest at once."""
    waiting = set(futures)
    while waiting:
        done, waiting = wait(waiting, timeout=_REFRESH, return_when=FIRST_COMPLETED)
        meter.refresh()
        for future in done:
            error = future.exception()
            if error is not None and not isinstance(error, DownloadError | Stopped):
                raise error
