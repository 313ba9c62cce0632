"""What can go wrong while fetching, and how it is told."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from oceanbench.download.artefact import Failure, Outcome

__all__ = ["CandidateFailed", "DownloadError", "Interrupted", "RangeRefused", "Stopped", "Trouble"]

_NAMED = 3  # files that are named of those that share their reasons


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
    """An artefact that is not in its place.

    Parameters
    ----------
    name : str
        Name of the artefact.
    reasons : tuple of str
        Why, one for each candidate that was tried.
    cures : tuple of str, optional
        What can be done.
    places : tuple of str, optional
        The address that each reason is of.
    """

    name: str
    reasons: tuple[str, ...]
    cures: tuple[str, ...] = ()
    places: tuple[str, ...] = ()

    @classmethod
    def of_candidates(cls, name: str, failures: Sequence[Failure], cures: Sequence[str] = ()) -> "Trouble":
        """Tell of every candidate why it failed."""
        told = [failure.cure for failure in failures if failure.cure]
        reasons = tuple(str(failure) for failure in failures) or ("no place is known that has it",)
        places = tuple(failure.place for failure in failures)
        return cls(name, reasons, tuple(dict.fromkeys([*cures, *told])), places)

    def lines(self) -> tuple[str, ...]:
        """Give the reasons with their addresses."""
        if len(self.places) != len(self.reasons):
            return self.reasons
        return tuple(f"{why} ({where})" for why, where in zip(self.reasons, self.places, strict=True))


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
        names = {trouble.name for trouble in troubles} | {outcome.artefact.name for outcome in outcomes}
        super().__init__(_message(troubles, len(names)))
        self.troubles = tuple(troubles)
        self.outcomes = tuple(outcomes)


def _message(troubles: Sequence[Trouble], files: int) -> str:
    lines = [f"{len(troubles)} of {files} files could not be had", *_told(troubles)]
    cures = dict.fromkeys(cure for trouble in troubles for cure in trouble.cures)
    if not cures:
        return "\n".join([*lines, "Try again later; what has come so far is kept and continued."])
    # the way to accept a certificate comes last: it is the sentence to copy
    ordered = sorted(cures, key=lambda cure: "--accept-certificate" in cure)
    return "\n".join([*lines, "What can be done:", *(f"  {cure}" for cure in ordered)])


def _told(troubles: Sequence[Trouble]) -> Iterator[str]:
    """Tell the reasons of each file; those that files share are told once, without the addresses."""
    groups: dict[tuple[str, ...], list[Trouble]] = {}
    for trouble in troubles:
        groups.setdefault(trouble.reasons, []).append(trouble)
    for reasons, group in groups.items():
        names = [trouble.name for trouble in group]
        more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
        yield f"  {', '.join(names[:_NAMED])}{more}"
        yield from (f"    {line}" for line in (group[0].lines() if len(group) == 1 else reasons))
