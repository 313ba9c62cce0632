"""What the command says of a submission."""

from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from oceanbench_leaderboard.scores import flat_scores

__all__ = ["plain", "print_end"]


def print_end(view: Mapping[str, Any], console: Console) -> None:
    """Print what became of a submission: its scores, or why there are none."""
    console.print(plain(_sentence(view)))
    if view.get("duplicate_of"):
        console.print(plain(f"the same values as {view['duplicate_of']}, which stands on the board"))
    for problem in view.get("problems") or ():
        console.print(plain(f"- {_problem(problem)}"))
    for flag in view.get("flags") or ():
        console.print(plain(f"flag: {flag}"))
    if view.get("scores"):
        console.print(_table(view["scores"]))


def plain(text: str) -> Text:
    """Text without markup or control characters: what others wrote may try to steer the terminal."""
    return Text("".join(sign if sign.isprintable() else " " for sign in text))


def _sentence(view: Mapping[str, Any]) -> str:
    reason = f": {view['reason']}" if view.get("reason") else ""
    return f"{view['id']} is {view['state']}{reason}"


def _problem(problem: Any) -> str:
    if not isinstance(problem, dict):
        return str(problem)
    return "; ".join(
        part
        for part in (
            str(problem.get("what_given", "")),
            f"expected {problem['expected']}" if problem.get("expected") else "",
            str(problem.get("fix", "")),
        )
        if part
    )


def _table(scores: Mapping[str, Any]) -> Table:
    table = Table("score", "official", "robust", "95 % interval", "unit", box=None, pad_edge=False)
    for column in table.columns[1:3]:
        column.justify = "right"
    told = scores.get("official") or {}
    official, units = flat_scores(told), flat_scores(told.get("units") or {})
    robust = flat_scores(scores.get("robust") or {})
    for name in dict.fromkeys([*official, *robust]):
        own: Mapping[str, Any] = robust.get(name) or {}
        low, high = own.get("low"), own.get("high")
        bounds = "" if low is None or high is None else f"[{_number(low)}, {_number(high)}]"
        unit = str(units.get(name) or own.get("unit") or "")
        table.add_row(
            *map(plain, (name, _number(official.get(name)), _number(own.get("value")), bounds)),
            plain("" if unit == "1" else unit),
        )
    return table


def _number(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, int | float) else ""
