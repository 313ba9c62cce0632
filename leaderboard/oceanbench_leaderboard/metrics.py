"""The scores of the published tables: what papers write, and which way is better."""

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal, cast

__all__ = ["Metric", "known_metrics", "metric_named"]

Better = Literal["higher", "lower", "none"]


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
    """

    name: str
    published_as: str
    published_unit: str
    symbol: str
    better: Better
    headline: bool


@cache
def known_metrics() -> dict[str, Metric]:
    """Give the metrics of ``metrics.csv`` by name."""
    with (Path(__file__).parent / "metrics.csv").open(encoding="utf-8", newline="") as stream:
        return {row["metric"]: _metric(row) for row in csv.DictReader(stream)}


def _metric(row: dict[str, str]) -> Metric:
    better = cast(Better, row["better"])
    symbol, headline = row["symbol"], row["headline"] == "yes"
    return Metric(row["metric"], row["published_as"], row["published_unit"], symbol, better, headline)


def metric_named(name: str) -> Metric:
    """Give what is known of a metric; ``coastal.rmse`` is found as ``rmse``.

    A name that nobody knows is its own heading, and nobody is ranked by it.

    Examples
    --------
    >>> metric_named("lambda_x").better
    'lower'
    >>> metric_named("arctic.var_score_filtered").symbol
    'explained variance, band'
    >>> metric_named("beauty").better
    'none'
    """
    known = known_metrics()
    for key in (name, name.partition(".")[2]):
        if key in known:
            return known[key]
    return Metric(name, name, "", name, "none", True)
