"""Whether methods come in the order in which their published rows come.

Two published rows are compared where they differ by more than their digits and settings leave in doubt: by
more than 0.01 in a score that is a pure number, by more than 3 % in an error, a wavelength or period. Such a
pair is concordant where ours differ in the same direction. Kendall's τ is then (concordant - discordant) /
pairs; a pair that ours leave equal counts in neither (Kendall 1938, doi:10.1093/biomet/30.1-2.81).
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from oceanbench.catalog import load_challenge
from oceanbench.challenge import Challenge
from oceanbench.metrics.bootstrap import Interval
from oceanbench.score import Evaluation
from oceanbench_leaderboard.bench.rows import BenchRow
from oceanbench_leaderboard.bench.shown import compared_metrics
from oceanbench_leaderboard.published import published_scores

__all__ = [
    "Agreement",
    "Pair",
    "agreement_on",
    "beside",
    "kendall_tau",
    "published_by_method",
    "published_home",
]

OURS: Mapping[str, str] = {
    "baseline oi": "oi",
    "oi": "oi",
    "duacs": "duacs",
    "miost": "miost",
    "dymost": "dymost",
    "no filter": "none",
    "median": "median",
    "gomez": "gomez",
    "cnn": "unet",
}
"""What we call the methods of published rows (these in lower case); of CNN only the idea is ours."""

RERUNS: Mapping[tuple[str, str], str] = {
    ("2022a", "cycle 13"): "notebook rerun Nov 2022, segment 1500 km",
}
"""Published tables that stand for that of a track: the README of 2022a took MEDIAN and GOMEZ from files that
its authors made again two months later, because their coastal heights were worse than no filter."""

_CLOSE = 0.01  # of a pure number: one step of the last printed digit
_CLOSE_SCALE = 0.03  # of an error, a wavelength or period, as a share of the smaller
_SCALES = ("lambda", "rmse")
_ROUNDING = 1e-9  # 0.92 - 0.91 is a little more than 0.01
_STATUSES = ("current", "typo")
_DAILY = {"mu": "mu_daily"}  # the official µ along a track is a mean of days, and so is this robust one


@dataclass(frozen=True)
class Pair:
    """Two methods, whose published numbers lie clearly apart, and ours of the same two.

    Attributes
    ----------
    metric : str
        Which number.
    methods : tuple of two str
        Our names.
    published, ours : tuple of two float
        Published and official numbers, in the order of ``methods``; NaN where there is none of ours.
    overlap : bool
        Whether our intervals share a point, so that our order is itself in doubt; or there is none.
    """

    metric: str
    methods: tuple[str, str]
    published: tuple[float, float]
    ours: tuple[float, float]
    overlap: bool

    @property
    def sign(self) -> int:
        """1 if concordant, -1 if discordant, 0 where ours are equal or not both numbers."""
        product = (self.published[0] - self.published[1]) * (self.ours[0] - self.ours[1])
        return 0 if math.isnan(product) or product == 0 else (1 if product > 0 else -1)

    def to_json(self) -> dict[str, Any]:
        """Give the pair for JSON; ``concordant`` is null where ours say nothing."""
        return {
            "methods": list(self.methods),
            "published": list(self.published),
            "ours": [value if math.isfinite(value) else None for value in self.ours],
            "concordant": None if self.sign == 0 else self.sign > 0,
            "intervals_overlap": self.overlap,
        }


@dataclass(frozen=True)
class Agreement:
    """The order of our methods on one track against that of published rows.

    Attributes
    ----------
    track : str
        Name of the track.
    published_for : str
        The challenge whose rows are compared with; for a twin it is another one.
    pairs : tuple of Pair
        All that are compared.
    """

    track: str
    published_for: str
    pairs: tuple[Pair, ...]

    @property
    def by_metric(self) -> dict[str, tuple[Pair, ...]]:
        """The pairs of each number."""
        names = dict.fromkeys(pair.metric for pair in self.pairs)
        return {name: tuple(pair for pair in self.pairs if pair.metric == name) for name in names}

    @property
    def tau(self) -> float:
        """Kendall's τ of all pairs together; NaN where there is none."""
        return kendall_tau(self.pairs)

    def to_json(self) -> dict[str, Any]:
        """Give it for JSON."""
        return {
            "track": self.track,
            "published_for": self.published_for,
            "tau": _number(self.tau),
            "pairs": len(self.pairs),
            "numbers": {
                name: {"tau": _number(kendall_tau(pairs)), "pairs": [pair.to_json() for pair in pairs]}
                for name, pairs in self.by_metric.items()
            },
        }


def _number(value: float) -> float | None:
    return value if math.isfinite(value) else None


def kendall_tau(pairs: Sequence[Pair]) -> float:
    """Give (concordant - discordant) / pairs; NaN for no pair."""
    return sum(pair.sign for pair in pairs) / len(pairs) if pairs else math.nan


def published_home(challenge: Challenge) -> Challenge:
    """Give the challenge whose published rows a challenge is compared with: of a twin, the original."""
    return load_challenge(challenge.twin_of) if challenge.is_twin else challenge


def published_by_method(home: Challenge, track: str) -> dict[str, dict[str, float]]:
    """Give the current published numbers of a track, by our name of the method and by metric.

    Those of a table that its authors made again are taken from the rerun.
    """
    rerun = RERUNS.get((home.id, track))
    found: dict[str, dict[str, float]] = {}
    for score in published_scores(home):
        name = OURS.get(score.method.lower())
        counts = score.track == rerun if rerun else score.track == track and score.status in _STATUSES
        if name is None or not counts or score.value is None:
            continue
        found.setdefault(name, {})[score.metric] = score.value
    return found


def agreement_on(challenge: Challenge, track: str, rows: Iterable[BenchRow]) -> Agreement | None:
    """Compare the order of our rows with that of the published ones on the same track.

    Parameters
    ----------
    challenge : Challenge
        Whose rows ours are.
    track : str
        Its track; published rows of a track of the same name count.
    rows : iterable of BenchRow
        Ours; those of other tracks, and those that failed, are passed over.

    Returns
    -------
    Agreement or None
        None where fewer than two of our methods have a published row.
    """
    home = published_home(challenge)
    published = published_by_method(home, track)
    scored = {row.method: row.evaluation for row in rows if row.track == track and row.evaluation is not None}
    both = [name for name in published if name in scored]
    if len(both) < 2:
        return None
    pairs = [
        _pair(metric, one, other, published, scored)
        for metric in compared_metrics(challenge)
        if metric != "sigma"
        for one, other in combinations(both, 2)
        if _apart(metric, published[one].get(metric), published[other].get(metric))
    ]
    return Agreement(track, home.id, tuple(pairs))


def _apart(metric: str, one: float | None, other: float | None) -> bool:
    if one is None or other is None:
        return False
    scale = _CLOSE_SCALE * min(abs(one), abs(other)) if metric.startswith(_SCALES) else _CLOSE
    return abs(one - other) > scale + _ROUNDING


def _pair(
    metric: str,
    one: str,
    other: str,
    published: Mapping[str, Mapping[str, float]],
    scored: Mapping[str, Evaluation],
) -> Pair:
    ours = (scored[one].official.get(metric, math.nan), scored[other].official.get(metric, math.nan))
    intervals = beside(scored[one], metric), beside(scored[other], metric)
    return Pair(
        metric,
        (one, other),
        (published[one][metric], published[other][metric]),
        ours,
        _overlap(*intervals),
    )


def beside(evaluation: Evaluation, metric: str) -> Interval | None:
    """Give the robust number of the same quantity in the same unit; None where there is none."""
    for name in (_DAILY.get(metric, metric), metric):
        same = evaluation.robust_units.get(name) == evaluation.official_units.get(metric)
        if name in evaluation.robust and same:
            return evaluation.robust[name]
    return None


def _overlap(one: Interval | None, other: Interval | None) -> bool:
    if one is None or other is None:
        return True
    ends = (one.low, one.high, other.low, other.high)
    return any(map(math.isnan, ends)) or (one.low <= other.high and other.low <= one.high)
