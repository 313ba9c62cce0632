"""The columns of a board: which numbers stand side by side, and how wide they may be."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from oceanbench_leaderboard.metrics import known_metrics, metric_named
from oceanbench_leaderboard.scores import Robust
from oceanbench_leaderboard.table import Row, TrackTable

__all__ = ["Part", "parts_of", "print_part", "words"]

_UNITS = {"degrees of longitude": "°", "degrees": "°", "days": "d", "percent": "%", "1": ""}
_ORIGINS = {"baseline of ours": "baseline\nof ours", "scored here": "scored\nhere"}
_MISPRINT = "†"
_GAP = 2  # columns between two columns
_HEADING = 12  # characters: a longer heading is broken


@dataclass(frozen=True)
class Part:
    """Numbers of one track that stand in one table.

    Attributes
    ----------
    title : str
        What they have in common.
    columns : tuple of (str, str)
        Metric and heading.
    rows : tuple of Row
        Those that have one of them.
    """

    title: str
    columns: tuple[tuple[str, str], ...]
    rows: tuple[Row, ...]


def words(name: str) -> str:
    """Give a regime or field in words.

    Examples
    --------
    >>> words("offshore_highvar")
    'offshore high var.'
    """
    return name.replace("_", " ").replace("highvar", "high var.").replace("lowvar", "low var.")


def parts_of(table: TrackTable, everything: bool) -> Iterator[Part]:
    """Split the metrics of a track into tables: first those that stand for themselves.

    Where every number is asked for, those of a group stand in a table of their own. Of a name with a dot that
    is not known as a whole, for instance ``arctic.var_score_filtered``, that side is the title which fewer
    names share out: regimes stand side by side for each score, or scores for each field.
    """
    metrics = [name for name in table.metrics if everything or metric_named(name).headline] or table.metrics
    whole = [name for name in metrics if "." not in name or name in known_metrics()]
    grouped = [name for name in whole if everything and metric_named(name).group]
    alone = [(name, metric_named(name).symbol) for name in whole if name not in grouped]
    if alone:
        yield _part("", alone, table.rows)
    for group in _distinct(metric_named(name).group for name in grouped):
        of_group = [metric for metric in map(metric_named, grouped) if metric.group == group]
        yield _part(group, [(metric.name, metric.heading) for metric in of_group], table.rows)
    yield from _split([name for name in metrics if name not in whole], table.rows)


def _split(metrics: Sequence[str], rows: Sequence[Row]) -> Iterator[Part]:
    split = [(name, *name.split(".", 1)) for name in metrics]
    fields, quantities = _distinct(of for _, of, _ in split), _distinct(what for _, _, what in split)
    if len(fields) < len(quantities):
        for field in fields:
            columns = [(name, metric_named(name).symbol) for name, of, _ in split if of == field]
            yield _part(words(field), columns, rows)
        return
    for quantity in quantities:
        columns = [(name, words(of)) for name, of, what in split if what == quantity]
        yield _part(metric_named(quantity).symbol, columns, rows)


def _distinct(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(names))


def _part(title: str, columns: Sequence[tuple[str, str]], rows: Sequence[Row]) -> Part:
    """Put the unit that most columns share into the title, the others into the headings."""
    names = {name for name, _ in columns}
    units = {name: _unit(rows, name) for name in names}
    shared, count = Counter(units.values()).most_common(1)[0]
    common = shared if title and shared and count > 1 else ""
    headed = [
        (name, f"{heading} ({units[name]})" if units[name] not in ("", common) else heading)
        for name, heading in columns
    ]
    full = f"{title} ({common})" if common else title
    return Part(full, tuple(headed), tuple(row for row in rows if names & set(row.cells)))


def _unit(rows: Sequence[Row], metric: str) -> str:
    own = {row.cells[metric].unit for row in rows if metric in row.cells}
    units = {metric_named(metric).shown_unit(unit) for unit in own}
    return " / ".join(sorted(filter(None, (_UNITS.get(unit, unit) for unit in units))))


# --- one table


def print_part(
    part: Part,
    console: Console,
    *,
    marks: Callable[[Row, Sequence[str]], str],
    text: Callable[[str], Text],
) -> None:
    """Print a part: a line for each method where that fits, else a line for each number.

    Parameters
    ----------
    part : Part
        What to print.
    console : rich.console.Console
        Where to print it.
    marks : callable
        Gives the numbers of the notes of a row's metrics.
    text : callable
        Makes harmless text of what files say.
    """
    grid = _grid_within(part, console.width, marks)
    kinds = _by_kind(part)
    if grid is None and len(kinds) > 1:
        for one in kinds:
            print_part(one, console, marks=marks, text=text)
        return
    told = [
        part.title,
        "" if grid is None or grid.with_origin else f"all {_on_one_line(grid.lines[0].origin)}",
    ]
    if any(told):
        console.print(text(f"  {', '.join(filter(None, told))}"))
    console.print(grid.table(console.width, text) if grid else _long(part, marks, text))


def _grid_within(part: Part, width: int, marks: Callable[[Row, Sequence[str]], str]) -> "_Grid | None":
    """Give the roomiest table with a line for each method that fits."""
    metrics = [name for name, _ in part.columns]
    lines = [_Line(row, _origin(row), marks(row, metrics)) for row in part.rows]
    grids = [_Grid(part, lines, with_origin=True)]
    if len({line.origin for line in lines}) == 1:  # told once above the table where there is no room for it
        grids.append(_Grid(part, lines, with_origin=False))
    grids += [replace(grid, heading=0) for grid in grids]
    return next((grid for grid in grids if grid.width <= width), None)


def _by_kind(part: Part) -> list[Part]:
    """Split by what stands before the first dot of the names: errors apart from wavelengths."""
    kinds: dict[str, list[tuple[str, str]]] = {}
    for name, heading in part.columns:
        kind = name.partition(".")[0] if "." in name and name in known_metrics() else ""
        kinds.setdefault(kind, []).append((name, heading))
    return [replace(part, columns=tuple(columns)) for columns in kinds.values()]


@dataclass(frozen=True)
class _Line:
    row: Row
    origin: str
    marks: str


@dataclass(frozen=True)
class _Grid:
    """A table with a line for each method."""

    part: Part
    lines: Sequence[_Line]
    with_origin: bool
    heading: int = _HEADING

    @property
    def ranked(self) -> bool:
        return any(line.row.rank for line in self.lines)

    def number_width(self, metric: str, heading: str) -> int:
        cells = [_number(metric, line.row) for line in self.lines]
        longest = [len(piece) for cell in cells for piece in cell.split("\n")]
        return max(*longest, *map(len, heading.split()), min(len(heading), self.heading))

    @property
    def fixed(self) -> int:
        """Characters of all columns but the methods'."""
        widths = [self.number_width(*column) + _GAP for column in self.part.columns]
        origin = (
            max(len(word) for line in self.lines for word in line.origin.split("\n")) + _GAP
            if self.with_origin
            else 0
        )
        notes = max(len(line.marks) for line in self.lines)
        return sum(widths) + origin + (notes + _GAP if notes else 0) + (5 if self.ranked else 0)

    @property
    def width(self) -> int:
        """The least width that shows every number whole; names may be broken between words."""
        pieces = [piece for line in self.lines for piece in _name(line.row).split()]
        return self.fixed + max(8, *map(len, pieces)) + _GAP

    def table(self, width: int, text: Callable[[str], Text]) -> Table:
        table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
        noted = any(line.marks for line in self.lines)
        if self.ranked:
            table.add_column("", justify="right", no_wrap=True, min_width=3)
        table.add_column("method", overflow="fold", max_width=max(width - self.fixed - _GAP, 8))
        for metric, heading in self.part.columns:
            table.add_column(text(heading), justify="right", width=self.number_width(metric, heading))
        if self.with_origin:
            table.add_column("from", no_wrap=True)
        if noted:
            table.add_column("", no_wrap=True)
        for line in self.lines:
            first = [_rank(line.row)] if self.ranked else []
            numbers = [_number(metric, line.row) for metric, _ in self.part.columns]
            last = [line.origin] * self.with_origin + [line.marks] * noted
            table.add_row(*(text(piece) for piece in (*first, _name(line.row), *numbers, *last)))
        return table


def _long(part: Part, marks: Callable[[Row, Sequence[str]], str], text: Callable[[str], Text]) -> Table:
    """Give a line to each number, where those of a method do not fit into one."""
    ranked = any(row.rank for row in part.rows)
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    if ranked:
        table.add_column("", justify="right", no_wrap=True)
    table.add_column("method", overflow="fold")
    table.add_column("score")
    table.add_column("", justify="right", no_wrap=True)
    table.add_column("from")
    table.add_column("", no_wrap=True)
    for row in part.rows:
        head = [*([_rank(row)] if ranked else []), _name(row)]
        origin = _origin(row)
        for name, heading in ((name, heading) for name, heading in part.columns if name in row.cells):
            cells = (*head, heading, _number(name, row), origin, marks(row, [name]))
            table.add_row(*(text(piece) for piece in cells))
            head, origin = [""] * len(head), ""
    return table


def _rank(row: Row) -> str:
    if row.rank is None:
        return "–"
    return f"{row.rank}{'=' if row.tied else ''}"


def _name(row: Row) -> str:
    return f"{row.method} ({row.source})" if row.provenance == "scored here" and row.source else row.method


def _origin(row: Row) -> str:
    """Say whose the numbers are; on two lines where they have intervals below them."""
    return _ORIGINS.get(row.provenance, row.provenance) if row.status == "current" else row.status


def _on_one_line(text: str) -> str:
    return text.replace("\n", " ")


def _number(metric: str, row: Row) -> str:
    cell = row.cells.get(metric)
    if cell is None:
        return ""
    text = metric_named(metric).shown_text(cell.text, cell.unit)
    shown = f"{text}{_MISPRINT if cell.misprint else ''}"
    interval = _interval(metric, cell.robust)
    return f"{shown}\n{interval}" if interval else shown


def _interval(metric: str, robust: Robust | None) -> str:
    if robust is None or robust.value is None or robust.low is None or robust.high is None:
        return ""
    from oceanbench.metrics.bootstrap import Interval  # slow to load, and most boards have no interval
    from oceanbench.report.wording import decimals_of

    numbers = (robust.value, robust.low, robust.high)
    shown = Interval(*(metric_named(metric).shown_value(number, robust.unit) for number in numbers))
    places = decimals_of(shown)
    return f"{shown.low:.{places}f}..{shown.high:.{places}f}"
