"""The scores of the tables: what papers write, which way is better, and how they are shown."""

import csv
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import cache
from pathlib import Path
from typing import Literal, cast

__all__ = ["Metric", "known_metrics", "metric_named"]

Better = Literal["higher", "lower", "none"]

_POWERS = {("m", "mm"): 3}  # of ten, from the unit of a number to the unit that it is shown in


@dataclass(frozen=True)
class Metric:
    """One score of a published table.

    Attributes
    ----------
    name : str
        Our name, without the regime or field that may stand before a dot.
    published_as : str
        Name in the code of the challenge.
    published_unit : str
        The unit that tells two of our names apart where the challenge has one; else empty.
    symbol : str
        Heading of its column.
    better : str
        ``higher``, ``lower``, or ``none`` for a number that judges nobody.
    headline : bool
        Whether it is a score, or a number behind one.
    group : str
        Title of the table that it stands in where every number is shown; empty for one by itself.
    heading : str
        Heading of its column there.
    shown_in : str
        The unit that tables show it in, where that is not its own; else empty.
    decimals : int, optional
        How many, in its own unit, are shown of a number that was scored here; None where the published
        table says.
    """

    name: str
    published_as: str = ""
    published_unit: str = ""
    symbol: str = ""
    better: Better = "none"
    headline: bool = True
    group: str = ""
    heading: str = ""
    shown_in: str = ""
    decimals: int | None = None

    def shown_unit(self, unit: str) -> str:
        """Give the unit in which a table shows a number of this unit."""
        return self.shown_in if self._power(unit) else unit

    def shown_value(self, value: float, unit: str) -> float:
        """Give a number in the unit in which tables show it.

        Examples
        --------
        >>> metric_named("rmse.ssh.global").shown_value(0.0018, "m")
        1.8
        """
        power = self._power(unit)
        return float(value * 10.0**power) if power else value

    def shown_text(self, text: str, unit: str) -> str:
        """Give a printed number in that unit, digit by digit; what is no number stays as it is.

        Examples
        --------
        >>> [metric_named("rmse.ssh.coastal").shown_text(text, "m") for text in ("0.0026", "0.040", "-")]
        ['2.6', '40', '-']
        """
        power = self._power(unit)
        if not power:
            return text
        try:
            return f"{Decimal(text).scaleb(power):f}"
        except InvalidOperation:
            return text

    def _power(self, unit: str) -> int:
        return _POWERS.get((unit, self.shown_in), 0)


@cache
def known_metrics() -> dict[str, Metric]:
    """Give the metrics of ``metrics.csv`` by name."""
    with (Path(__file__).parent / "metrics.csv").open(encoding="utf-8", newline="") as stream:
        return {row["metric"]: _metric(row) for row in csv.DictReader(stream)}


def _metric(row: dict[str, str]) -> Metric:
    return Metric(
        name=row["metric"],
        better=cast(Better, row["better"]),
        headline=row["headline"] == "yes",
        decimals=int(row["decimals"]) if row["decimals"] else None,
        **{name: row[name] for name in _TEXTS},
    )


_TEXTS = ("published_as", "published_unit", "symbol", "group", "heading", "shown_in")


def metric_named(name: str) -> Metric:
    """Give what is known of a metric; ``coastal.rmse`` is found as ``rmse``.

    A name that nobody knows is its own heading, and nobody is ranked by it.

    Examples
    --------
    >>> metric_named("lambda_x").better
    'lower'
    >>> metric_named("arctic.var_score_filtered").symbol
    'explained variance, band'
    >>> metric_named("rmse.ssh.coastal").symbol
    'RMSE SSH, coastal'
    >>> metric_named("beauty").better
    'none'
    """
    known = known_metrics()
    for key in (name, name.partition(".")[2]):
        if key in known:
            return known[key]
    return Metric(name, name, symbol=name)
