"""What can go wrong while fetching, and how it is told."""

from collections.abc import Sequence
from dataclasses import dataclass

from oceanbench.download.artefact import Failure, Outcome

__all__ = ["CandidateFailed", "DownloadError", "Interrupted", "RangeRefused", "Stopped", "Trouble"]


class CandidateFailed(Exception):
    """This candidate does not give the file; the next one is tried."""

    def __init__(self, reason: str, cure: str | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.cure = cure


class Interrupted(CandidateFailed):
    """The transfer ended early, perhaps not for long; ``wait`` is what the server asks for, in seconds."""

    def __init__(self, reason: str, wait: float | None = None) -> None:
        super().__init__(reason)
        self.wait = wait


class RangeRefused(Interrupted):
    """What is here cannot be continued from this place: begin anew."""


class Stopped(Exception):
    """The user stopped the transfer."""


@dataclass(frozen=True)
class Trouble:
    """An artefact that is not in its place: one line for each reason, and what can be done."""

    name: str
    reasons: tuple[str, ...]
    cures: tuple[str, ...] = ()

    @classmethod
    def of_candidates(cls, name: str, failures: Sequence[Failure], cures: Sequence[str] = ()) -> "Trouble":
        """Tell of every candidate why it failed."""
        told = [failure.cure for failure in failures if failure.cure]
        reasons = tuple(str(failure) for failure in failures) or ("no place is known that has it",)
        return cls(name, reasons, tuple(dict.fromkeys([*cures, *told])))


class DownloadError(OSError):
    """Some artefacts could not be had.

    Attributes
    ----------
    troubles : tuple of Trouble
        Those that failed, with their reasons.
    outcomes : tuple of Outcome
        Those that are in place all the same.
    """

    def __init__(self, troubles: Sequence[Trouble], outcomes: Sequence[Outcome] = ()) -> None:
        super().__init__(_message(troubles, len(troubles) + len(outcomes)))
        self.troubles = tuple(troubles)
        self.outcomes = tuple(outcomes)


def _message(troubles: Sequence[Trouble], files: int) -> str:
    lines = [f"{len(troubles)} of {files} files could not be had"]
    for trouble in troubles:
        lines += [f"  {trouble.name}", *(f"    {reason}" for reason in trouble.reasons)]
    cures = dict.fromkeys(cure for trouble in troubles for cure in trouble.cures)
    if not cures:
        return "\n".join([*lines, "Try again later; what has come so far is kept and continued."])
    # the way to accept a certificate comes last: it is the sentence to copy
    ordered = sorted(cures, key=lambda cure: "--accept-certificate" in cure)
    return "\n".join([*lines, "What can be done:", *(f"  {cure}" for cure in ordered)])
