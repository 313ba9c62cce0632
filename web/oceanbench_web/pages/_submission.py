"""The page of one submission: where it stands, what is wrong with it, or its scores."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from oceanbench_leaderboard.accounts import may
from oceanbench_leaderboard.errors import NotFound
from oceanbench_leaderboard.scores import flat_scores
from oceanbench_leaderboard.store import FINISHED
from oceanbench_leaderboard.submissions import EventView, SubmissionView, history, select, view
from oceanbench_web.pages._errors import offer_sign_in
from oceanbench_web.pages._numbers import (
    Robustly,
    differs,
    heading,
    official_text,
    printed,
    printed_decimals,
    robustly,
    shown_unit,
)
from oceanbench_web.pages._reader import Form, Reader, TheMember, TheReader, answer, go_to
from oceanbench_web.pages._rows import links_of

__all__ = ["router"]

router = APIRouter(include_in_schema=False)

_SECONDS = {"queued": 5, "checking": 2, "scoring": 5}
_OWN_HEADINGS = {"lambda_x_km": "λx in km"}  # a line below λx in degrees, where a column has its unit above
_WORDS = {
    "queued": "It waits for a worker.",
    "checking": "The file is read and checked.",
    "scoring": "The map is compared with the truth.",
    "scored": "",
    "refused": "It was refused: it does not count against your quota.",
    "failed": "The service failed to score it: it does not count against your quota.",
}


@dataclass(frozen=True)
class ScoreLine:
    """One metric: the official number beside the robust one."""

    heading: str
    official: str
    unit: str
    robust: Robustly
    robust_unit: str
    differs: bool


@router.get("/submissions/{submission_id}")
def show_submission(reader: TheReader, submission_id: str) -> Response:
    """Show a submission."""
    found = _found(reader, submission_id)
    unfinished = found.state not in FINISHED
    return answer(
        reader,
        "submission",
        json_twin=f"/api/v1/submissions/{found.id}",
        submission=found,
        words=_WORDS[found.state],
        seconds=_SECONDS.get(found.state, 10) if unfinished or found.rescoring else None,
        problems=[_problem(one) for one in found.problems],
        lines=tuple(_lines(found)),
        coverage=_coverage(found),
        links=_links(found),
        events=_events(reader, found),
        may_choose=_may_choose(reader, found),
    )


@router.post("/submissions/{submission_id}/select")
def choose(member: TheMember, submission_id: str, form: Form) -> Response:
    """Choose a submission as a final entry, or no longer."""
    select(member.parts.service, member.principal, submission_id, form.get("selected") == "yes")
    return go_to(f"/submissions/{submission_id}")


def _found(reader: Reader, submission_id: str) -> SubmissionView:
    """Find a submission; who is not signed in is told the same of one that is hidden and of none."""
    try:
        return view(reader.parts.service, reader.principal, submission_id)
    except NotFound:
        if reader.principal is not None:
            raise
    offer_sign_in(reader.request)
    raise NotFound(
        f"submission {submission_id[:40]} is not public yet, or not there; if it is yours, sign in"
    )


def _problem(problem: Any) -> tuple[str, str, str]:
    """Give what was given, what is expected, and what to do."""
    if not isinstance(problem, dict):
        return str(problem), "", ""
    given, expected, fix = (str(problem.get(name) or "") for name in ("what_given", "expected", "fix"))
    return given, expected, fix


def _lines(found: SubmissionView) -> Iterator[ScoreLine]:
    if found.scores is None:
        return
    told = found.scores.get("official") or {}
    official, units = flat_scores(told), flat_scores(told.get("units") or {})
    robust = flat_scores(found.scores.get("robust") or {})
    for name in dict.fromkeys([*official, *robust]):
        yield _line(found, name, official, units.get(name, "1"), robust.get(name))


def _line(
    found: SubmissionView, name: str, official: Mapping[str, Any], unit: str, robust: Mapping[str, Any] | None
) -> ScoreLine:
    places = printed_decimals(found.challenge, found.version).get(name)
    text = printed(name, official[name], places) if name in official else ""
    own = robust or {}
    own_unit = str(own.get("unit") or "1")
    written = robustly(name, own.get("value"), own.get("low"), own.get("high"), own_unit)
    return ScoreLine(
        _OWN_HEADINGS.get(name) or heading(name),
        official_text(name, text, unit),
        shown_unit(name, unit) if text not in ("", "-") else "",
        written,
        shown_unit(name, own_unit) if written.value else "",
        differs(official.get(name), unit, own.get("low"), own.get("high"), own_unit),
    )


def _coverage(found: SubmissionView) -> str:
    coverage = (found.scores or {}).get("coverage") or {}
    points, covered = coverage.get("points"), coverage.get("covered")
    if not points or covered is None:
        return ""
    return f"{covered:,} of {points:,} points ({100 * covered / points:.4g} %)"


def _links(found: SubmissionView) -> list[tuple[str, str]]:
    of_the_card = list(links_of(None, found.card, False))
    if found.state != "scored":
        return of_the_card
    own = [link for link in links_of(found.id, {}, found.report)]
    return [*own, *of_the_card]


def _events(reader: Reader, found: SubmissionView) -> list[EventView]:
    """Give the log, to those who may read it."""
    principal = reader.principal
    if principal is None:
        return []
    own = principal.team == found.team and may(principal, "see log")
    return history(reader.parts.service, principal, found.id) if own or principal.admin else []


def _may_choose(reader: Reader, found: SubmissionView) -> bool:
    """Tell whether the reader may choose this as a final entry: where the challenge has such."""
    from oceanbench.catalog import load_challenge

    own = reader.principal is not None and reader.principal.team == found.team
    if not own or found.state != "scored" or not may(reader.principal, "change"):
        return False
    try:
        competition = load_challenge(found.challenge).competition
    except LookupError:
        return False
    return bool(competition and competition.final_entries)
