"""All challenges at a glance: which can be tried now, which want a download, which are not scored yet."""

from dataclasses import dataclass

from oceanbench.catalog import challenge_names, load_challenge
from oceanbench.challenge import Challenge, ChallengeError
from oceanbench.download.plan import Plan, make_plan
from oceanbench.download.space import human_bytes

__all__ = ["Row", "overview"]

READY = "Data come with the package: try these first"
HERE_OR_ELSEWHERE = "Data to download"
PENDING = "Defined, with data and published scores; not scored by this version"


@dataclass(frozen=True)
class Row:
    """One challenge in a few words.

    Attributes
    ----------
    challenge : Challenge
    data : str
        What it takes to have its data.
    """

    challenge: Challenge
    data: str


def overview() -> tuple[dict[str, list[Row]], list[str]]:
    """Give a row for each challenge, by shelf, and a sentence for each definition that cannot be used."""
    troubles: list[str] = []
    shelves: dict[str, list[Row]] = {READY: [], HERE_OR_ELSEWHERE: [], PENDING: []}
    for name in challenge_names():
        try:
            challenge = load_challenge(name)
            plan = make_plan(challenge)
        except ChallengeError as error:
            troubles.append(str(error))
            continue
        row = Row(challenge, _data(plan))
        shelves[_shelf(challenge, plan)].append(row)
    return {heading: rows for heading, rows in shelves.items() if rows}, troubles


def _shelf(challenge: Challenge, plan: Plan) -> str:
    if challenge.evaluation_pending:
        return PENDING
    return READY if not plan.items and not plan.nowhere else HERE_OR_ELSEWHERE


def _data(plan: Plan) -> str:
    if not plan.items:
        return "no public source known" if plan.nowhere else f"shipped{_but_truth(plan)}"
    if not plan.missing:
        return "here"
    at_least = "at least " if plan.of_unknown_size and plan.to_fetch else ""
    size = f"{at_least}{human_bytes(plan.to_fetch)}" if plan.to_fetch else "size unknown"
    return f"{size}{_account(plan)}{_but_truth(plan)}"


def _but_truth(plan: Plan) -> str:
    return ", truth withheld" if plan.withheld else ""


def _account(plan: Plan) -> str:
    """Tell the account without which something cannot be had."""
    asked = [
        {candidate.account.name if candidate.account else "" for candidate in item.artefact.candidates}
        for item in plan.missing
    ]
    needed = sorted({name for names in asked if names and "" not in names for name in names})
    return f", account at {' and '.join(needed)}" if needed else ""
