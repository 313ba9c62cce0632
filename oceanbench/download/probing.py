"""Ask the candidates whether they have the file, without fetching it."""

from collections.abc import Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from oceanbench.download.artefact import Candidate
from oceanbench.download.credentials import redacted
from oceanbench.download.errors import CandidateFailed, Interrupted
from oceanbench.download.patience import Patience
from oceanbench.download.sources import Sources, login_for
from oceanbench.download.stopping import Stop

__all__ = ["Finding", "probe"]

_SHORT = Patience(connect=10.0, stall=15.0, pauses=())


@dataclass(frozen=True)
class Finding:
    """What one candidate answered.

    Parameters
    ----------
    candidate : Candidate
        The place that was asked.
    available : bool or None
        Whether it has the file; None where that is not known, because the server answers no HEAD.
    status : str
        In words: ``"200 OK"``, ``"its certificate has expired"``, …
    size : int or None
        Bytes, where it tells.
    ranges : bool or None
        Whether an interrupted transfer can be continued, where it tells.
    certificate : str
        ``"valid"``, ``"accepted by you without a check"``, ``"refused"``, or ``"none"`` without encryption.
    cure : str or None
        What can be done where it does not give the file.
    """

    candidate: Candidate
    available: bool | None
    status: str
    size: int | None = None
    ranges: bool | None = None
    certificate: str = "none"
    cure: str | None = None


def probe(
    candidates: Sequence[Candidate],
    *,
    jobs: int = 8,
    accept_certificates_of: Collection[str] = (),
    patience: Patience = _SHORT,
) -> list[Finding]:
    """Ask all candidates at once for the head of their file; no byte of a file is asked for.

    Parameters
    ----------
    candidates : sequence of Candidate
        Places to ask.
    jobs : int, optional
        Asked at the same time.
    accept_certificates_of : collection of str, optional
        Hosts whose certificate is not checked.
    patience : Patience, optional
        How long is waited for each.

    Returns
    -------
    list of Finding
        In the order of the candidates.
    """
    stop = Stop()
    sources = Sources(accept_certificates_of, patience, stop)
    with ThreadPoolExecutor(jobs, thread_name_prefix="probe") as pool:
        try:
            return list(pool.map(lambda candidate: _ask(candidate, sources), candidates))
        except BaseException:
            stop.pull()
            raise


def _ask(candidate: Candidate, sources: Sources) -> Finding:
    login = None
    try:
        login = login_for(candidate)
        found = sources.of(candidate).find(candidate, login)
    except CandidateFailed as error:
        refused = error.cure is not None and "--accept-certificate" in error.cure
        status = redacted(error.reason, login)
        later = "Try again later." if isinstance(error, Interrupted) else None
        certificate = "refused" if refused else "none"
        return Finding(candidate, False, status, certificate=certificate, cure=error.cure or later)
    available = True if found.known else None
    return Finding(candidate, available, found.status, found.size, found.ranges, found.certificate)
