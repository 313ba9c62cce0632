"""Published against scored, in the terminal."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from rich import box
from rich.console import Console
from rich.table import Table

from oceanbench_leaderboard.metrics import metric_named
from oceanbench_leaderboard.printing import plain
from oceanbench_leaderboard.reproduce import Comparison, MapResult, Verdict

__all__ = ["print_result", "print_summary"]

_VERDICTS: Mapping[Verdict, str] = {"agrees": "yes", "differs": "no", "nothing to compare": "–"}
_LONG = 12  # characters of a printed number beyond which as many digits are no help


def print_result(result: MapResult, console: Console) -> None:
    """Print one map: which settings it was scored with, and its numbers; or why it was not scored."""
    console.print(plain(f"{result.map.method}, {result.map.track}", "bold"))
    if result.reason:
        console.print(plain(f"not scored: {result.reason}"))
        console.print()
        return
    console.print(plain(result.scope))
    for note in result.notes:
        console.print(plain(note))
    console.print(_table(result.comparisons) if result.comparisons else "no number of it was published")
    console.print()


def _table(comparisons: Sequence[Comparison]) -> Table:
    main = comparisons[0].published.source
    elsewhere = any(one.published.source != main for one in comparisons)
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column("score")
    for heading in ("published", "scored here", "difference"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("unit")
    table.add_column("same digits", no_wrap=True)
    if elsewhere:
        table.add_column("printed in", overflow="fold")
    for one in comparisons:
        cells = [metric_named(one.published.metric).symbol, _printed(one), _scored(one), _difference(one)]
        cells += ["" if one.published.unit == "1" else one.published.unit, _VERDICTS[one.verdict]]
        cells += [one.published.source] * elsewhere
        table.add_row(*(plain(cell) for cell in cells))
    return table


def _printed(one: Comparison) -> str:
    if one.published.status != "typo":
        return one.published.text
    return f"{one.published.text} (meant {one.published.meant or 'something else'})"


def _scored(one: Comparison) -> str:
    return "no number" if one.scored is None else f"{one.scored:.{_digits(one)}f}"


def _difference(one: Comparison) -> str:
    if one.difference is None:
        return ""
    if len(one.published.text) >= _LONG:
        return f"{one.difference:+.1e}"
    return f"{one.difference:+.{_digits(one)}f}"


def _digits(one: Comparison) -> int:
    """Two decimals more than were printed, and four significant digits of what was cut to an integer."""
    return min(max(one.places, 0) + 2, 17)


def print_summary(
    results: Sequence[MapResult], without: Mapping[str, Sequence[str]], console: Console
) -> None:
    """Print how many numbers agree, which maps were not scored, and which rows have no known map."""
    for line in _summary(results, without):
        console.print(plain(line))


def _summary(results: Sequence[MapResult], without: Mapping[str, Sequence[str]]) -> Iterator[str]:
    verdicts = Counter(one.verdict for result in results for one in result.comparisons)
    compared = verdicts["agrees"] + verdicts["differs"]
    scored = [result for result in results if not result.reason]
    yield f"Maps scored: {len(scored)} of {len(results)}."
    if compared:
        yield f"Same to the digits printed: {verdicts['agrees']} of {compared} published numbers."
    if verdicts["nothing to compare"]:
        yield f"Without a counterpart here: {verdicts['nothing to compare']}."
    for track, methods in without.items():
        yield f"No map is known of: {', '.join(methods)} ({track})"
