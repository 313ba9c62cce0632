"""The published tables, as data: every value is the text that was printed.

A table is ``published/<challenge>.csv`` of this room, or ``published.csv`` beside the definition of a
challenge that somebody else made. Columns: ``track``, ``method``, ``metric``, ``value``, ``unit``, and where
they are known ``source``, ``status``, ``meant`` and ``note``.
"""

import csv
import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, cast

from oceanbench.challenge import Challenge
from oceanbench.registry import near_matches

__all__ = ["PublishedScore", "Status", "number", "published_scores", "read_published", "shipped_folder"]

Status = Literal["current", "typo", "elsewhere", "superseded"]

_STATUSES = ("current", "typo", "elsewhere", "superseded")
_NEEDED = ("track", "method", "metric", "value", "unit")
_OPTIONAL = {"source": "", "status": "current", "meant": "", "note": ""}
_VALUE = re.compile(r"(>=)?[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?|NaN", re.IGNORECASE)


@dataclass(frozen=True)
class PublishedScore:
    """One number of a published table.

    Attributes
    ----------
    track, method, metric : str
        Where it stands: names as published, the metric by our name.
    text : str
        The value as printed; ``NaN`` and ``>=1000`` occur.
    unit : str
        Unit, ``"1"`` for a pure number.
    source : str
        Where it was printed.
    status : str
        ``current`` (the table of the challenge), ``typo`` (the same, misprinted), ``elsewhere`` (printed in
        another place, as a rule with other settings or more digits) or ``superseded``.
    meant : str
        What a misprint should have been, where that is known.
    note : str
        What else is known of it.
    """

    track: str
    method: str
    metric: str
    text: str
    unit: str
    source: str
    status: Status
    meant: str
    note: str

    @property
    def value(self) -> float | None:
        """The number that was meant; None where there is none, as for ``NaN``, ``>=1000`` or a misprint."""
        if self.status == "typo":
            return number(self.meant)
        return number(self.text)


def number(text: str) -> float | None:
    """Read a printed number; None where it is none.

    Examples
    --------
    >>> number("1."), number("NaN"), number(">=1000")
    (1.0, None, None)
    """
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def shipped_folder(name: str) -> Path:
    """Give a folder of data of this room: inside a wheel, or beside the package in a checkout."""
    package = Path(__file__).resolve().parent
    in_wheel = package / name
    return in_wheel if in_wheel.is_dir() else package.parent / name


def published_scores(challenge: Challenge) -> tuple[PublishedScore, ...]:
    """Give the published scores of a challenge, in the order of its table; none where there is no table.

    Raises
    ------
    ValueError
        If its table cannot be used; the message says file, line, value and cure.
    """
    beside = challenge.folder / "published.csv"
    shipped = shipped_folder("published") / f"{challenge.id}.csv"
    for path in (beside, shipped):
        if path.is_file():
            return read_published(path)
    return ()


def read_published(path: Path) -> tuple[PublishedScore, ...]:
    """Read one table.

    Raises
    ------
    ValueError
        If it has an unknown or no column, an empty field, a value that is no number, or a score twice.
    """
    try:
        with path.open(encoding="utf-8", newline="") as stream:
            reader = csv.DictReader(stream, strict=True)
            _check_columns(path, reader.fieldnames or ())
            return tuple(_checked(path, reader))
    except (csv.Error, UnicodeDecodeError) as error:
        raise ValueError(f"{path}: not a table of comma-separated values: {error}") from error


def _check_columns(path: Path, names: Iterable[str]) -> None:
    allowed = (*_NEEDED, *_OPTIONAL)
    for name in names:
        if name not in allowed:
            cure = f"{near_matches(name, allowed)}allowed: {', '.join(allowed)}"
            raise ValueError(f"{path}: unknown column {name!r}; {cure}")
    missing = [name for name in _NEEDED if name not in names]
    if missing:
        raise ValueError(f"{path}: no column {missing[0]!r}; a table has {', '.join(_NEEDED)}")


def _checked(path: Path, reader: csv.DictReader[str]) -> Iterator[PublishedScore]:
    seen: set[tuple[str, ...]] = set()
    for row in reader:
        where = f"{path}, line {reader.line_num}"
        score = _score(where, row)
        key = (score.track, score.method, score.metric, score.source)
        if key in seen:
            raise ValueError(f"{where}: {score.metric} of {score.method!r} stands there twice; keep one")
        seen.add(key)
        yield score


def _score(where: str, row: Mapping[str | None, str | None]) -> PublishedScore:
    if None in row or None in row.values():
        raise ValueError(f"{where}: more or fewer fields than columns; quote a field that has a comma")
    cells = {str(name): str(text) for name, text in row.items()}
    for name in _NEEDED:
        if not cells[name].strip():
            raise ValueError(f"{where}: {name} is empty; fill it in")
    status = cells.get("status") or "current"
    if status not in _STATUSES:
        raise ValueError(f"{where}: status {status!r}; allowed: {', '.join(_STATUSES)}")
    for text in filter(None, (cells["value"], cells.get("meant"))):
        if not _VALUE.fullmatch(text):
            raise ValueError(f"{where}: {text!r} is no number; write one, NaN, or >= and one")
    return PublishedScore(
        track=cells["track"],
        method=cells["method"],
        metric=cells["metric"],
        text=cells["value"],
        unit=cells["unit"],
        status=cast(Status, status),
        **{name: cells.get(name, _OPTIONAL[name]) for name in ("source", "meant", "note")},
    )
