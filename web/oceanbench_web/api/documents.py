"""What the API answers, where no other room has a model of it."""

from typing import Any

from pydantic import BaseModel, Field

from oceanbench.challenge import Challenge
from oceanbench_leaderboard.accounts import TokenView
from oceanbench_leaderboard.submissions import SubmissionView

__all__ = [
    "ChallengeDocument",
    "ChallengeLine",
    "Me",
    "NewToken",
    "SubmissionDocument",
    "SubmissionList",
    "TokenDocument",
    "TokenList",
    "challenge_document",
    "challenge_line",
    "submission_document",
]

API = "/api/v1"
_PUBLIC_RULES = {"opens", "closes", "submissions_per_day", "final_entries"}


class ChallengeLine(BaseModel):
    """A challenge in one line."""

    id: str = Field(examples=["2020a-twin"])
    title: str
    version: str
    kind: str = Field(description="map-osse, map-ose, filter-osse or filter-ose")
    tracks: list[str]
    ranking: str = Field(description="Metric by which its boards rank.")
    truth: str = Field(description="public or withheld")
    twin_of: str = Field(description="Challenge that it imitates with a synthetic ocean; or empty.")
    open: bool = Field(description="Whether submissions are taken.")
    why_not: str = Field(description="Why not, in words.")
    links: dict[str, str]


class ChallengeDocument(ChallengeLine):
    """A challenge: its rules, as far as they are everybody's business."""

    summary: str
    citation: str
    dois: list[str]
    licence: str
    notes: list[str]
    metrics: list[str]
    domain: dict[str, Any]
    evaluation: dict[str, Any] = Field(description="First and last day that is scored.")
    details_of_tracks: list[dict[str, Any]]
    submission: dict[str, Any] = Field(description="What a submitted file must hold.")
    competition: dict[str, Any] | None


class SubmissionDocument(SubmissionView):
    """A submission, and where to find what belongs to it."""

    links: dict[str, str]


class SubmissionList(BaseModel):
    """Submissions of the team, the newest first."""

    submissions: list[SubmissionDocument]


class Me(BaseModel):
    """Who the caller is."""

    team: str
    name: str
    scopes: list[str]
    admin: bool


class NewToken(BaseModel):
    """A token to make: no more rights than those of the asker."""

    scopes: list[str] = Field(
        default=["submit", "read"], min_length=1, max_length=3, examples=[["submit", "read"]]
    )
    days: int = Field(default=365, ge=1, le=3650, description="For how long it is good.")
    label: str = Field(default="", max_length=160, examples=["laptop"])


class TokenDocument(BaseModel):
    """A new token; its secret is shown this once."""

    secret: str
    prefix: str
    expires: str | None


class TokenList(BaseModel):
    """Tokens of the team; no secrets."""

    tokens: list[TokenView]


def challenge_line(challenge: Challenge, why_not: str) -> ChallengeLine:
    """Give a challenge in one line."""
    return ChallengeLine(**_line(challenge, why_not))


def _line(challenge: Challenge, why_not: str) -> dict[str, Any]:
    here = f"{API}/challenges/{challenge.id}"
    return {
        "id": challenge.id,
        "title": challenge.title,
        "version": challenge.version,
        "kind": challenge.kind,
        "tracks": [track.id for track in challenge.tracks],
        "ranking": challenge.ranking,
        "truth": challenge.truth,
        "twin_of": challenge.twin_of,
        "open": not why_not,
        "why_not": why_not,
        "links": {"self": here, "board": f"{here}/board", "csv": f"{here}/board.csv"},
    }


def challenge_document(challenge: Challenge, why_not: str) -> ChallengeDocument:
    """Give what everybody may know of a challenge: no place of a file, no block of days that is kept back."""
    rules = challenge.competition
    return ChallengeDocument(
        **_line(challenge, why_not),
        summary=challenge.summary,
        citation=challenge.citation,
        dois=list(challenge.dois),
        licence=challenge.licence,
        notes=list(challenge.notes),
        metrics=list(challenge.metric_names),
        domain=challenge.domain.model_dump(mode="json"),
        evaluation=challenge.periods.evaluation.model_dump(mode="json"),
        details_of_tracks=[
            track.model_dump(mode="json", include={"id", "observations", "domain", "evaluation"})
            for track in challenge.tracks
        ],
        submission=challenge.submission.model_dump(mode="json"),
        competition=None if rules is None else rules.model_dump(mode="json", include=_PUBLIC_RULES),
    )


def submission_document(view: SubmissionView, base: str = "") -> SubmissionDocument:
    """Add the links to a submission.

    Parameters
    ----------
    view : SubmissionView
    base : str
        Address under which people reach the service; empty: the links are paths.
    """
    here = f"{base}{API}/submissions/{view.id}"
    board = f"{base}{API}/challenges/{view.challenge}/board"
    links = {
        "self": here,
        "page": f"{base}/submissions/{view.id}",
        "events": f"{here}/events",
        "board": board,
    }
    if view.scores is not None:
        links["passport"] = f"{here}/passport"
    if view.report:
        links["report"] = f"{here}/report/index.html"
    return SubmissionDocument(**view.model_dump(), links=links)
