"""Where the files of a challenge can come from, and whether the servers still have them."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from oceanbench.challenge import Challenge
from oceanbench.download.artefact import Candidate
from oceanbench.download.plan import candidates_of
from oceanbench.download.probing import Finding, probe
from oceanbench.download.space import human_bytes
from oceanbench.sources import known_sources

__all__ = ["Listing", "Row", "list_places"]


@dataclass(frozen=True)
class Row:
    """One file or archive at one place, and what that place answered if it was asked."""

    name: str
    candidate: Candidate
    finding: Finding | None = None

    def words(self) -> tuple[str, ...]:
        """Give the answer for a table: status, size, whether a transfer resumes; nothing if not asked."""
        if self.finding is None:
            return ()
        size = "" if self.finding.size is None else human_bytes(self.finding.size)
        resumes = {True: "can be resumed", False: "cannot be resumed", None: ""}[self.finding.ranges]
        return self.finding.status, size, resumes

    def to_json(self) -> dict[str, Any]:
        """Give the stable JSON form."""
        place = {"name": self.name, "source": self.candidate.source, "address": self.candidate.place}
        if self.finding is None:
            return place
        return place | {
            "available": self.finding.available,
            "answer": self.finding.status,
            "bytes": self.finding.size,
            "resumes": self.finding.ranges,
            "certificate": self.finding.certificate,
            "cure": self.finding.cure,
        }


@dataclass(frozen=True)
class Listing:
    """All places of all files of a challenge."""

    rows: tuple[Row, ...]
    checked: bool

    def to_json(self) -> list[dict[str, Any]]:
        """Give the stable JSON form."""
        return [row.to_json() for row in self.rows]

    def about_servers(self) -> Iterator[str]:
        """Tell of each server that occurs whose it is, its troubles and its account; then what would help."""
        sources = known_sources()
        for name in dict.fromkeys(row.candidate.source for row in self.rows):
            if name in sources:
                source = sources[name]
                account = "" if source.account is None else f" Account: {source.account.register}"
                yield f"{name}: {source.title}. {source.note}{account}".rstrip()
        yield from dict.fromkeys(row.finding.cure for row in self.rows if row.finding and row.finding.cure)


def list_places(
    challenge: Challenge, *, check: bool = False, accept_certificates_of: Collection[str] = ()
) -> Listing:
    """List where the files of a challenge can come from.

    Parameters
    ----------
    challenge : Challenge
        Definition.
    check : bool
        Ask every place for the head of the file; nothing is fetched.
    accept_certificates_of : collection of str, optional
        Hosts whose certificate is not checked.

    Returns
    -------
    Listing
    """
    places = [(name, candidate) for name, candidates in candidates_of(challenge) for candidate in candidates]
    if not check:
        return Listing(tuple(Row(name, candidate) for name, candidate in places), False)
    findings = probe([candidate for _, candidate in places], accept_certificates_of=accept_certificates_of)
    rows = (Row(name, candidate, found) for (name, candidate), found in zip(places, findings, strict=True))
    return Listing(tuple(rows), True)
