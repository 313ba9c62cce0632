"""The rules that one version of a board is made by; they outlive the definition of the challenge."""

from collections.abc import Iterator
from datetime import datetime
from typing import Self

from pydantic import BaseModel, ConfigDict

from oceanbench.challenge import Challenge
from oceanbench_leaderboard.metrics import metric_named
from oceanbench_leaderboard.ranking.views import Truth
from oceanbench_leaderboard.store.models import Part
from oceanbench_leaderboard.table import FixedRows, track_names

__all__ = ["Rules"]


class Rules(BaseModel):
    """What a board needs to know of a version of its challenge.

    Attributes
    ----------
    tracks : tuple of str
        Its tracks, then those that only published tables have.
    metrics : tuple of str
        Its official scores, in the order of the published tables.
    ranking : str
        The metric that ranks.
    truth : str
        ``open`` or ``withheld``.
    split : bool
        Whether a public and a private part are scored apart.
    closes : datetime, optional
        When the competition ends.
    final_entries : int, optional
        How many submissions a team may choose for the end.
    decimals : dict of str to int
        Digits that the table prints of each metric.
    """

    model_config = ConfigDict(frozen=True)

    challenge: str
    version: str
    title: str
    twin_of: str = ""
    tracks: tuple[str, ...]
    metrics: tuple[str, ...]
    ranking: str
    truth: Truth = "open"
    split: bool = False
    closes: datetime | None = None
    final_entries: int | None = None
    decimals: dict[str, int]

    @classmethod
    def of(cls, challenge: Challenge, fixed: FixedRows) -> Self:
        """Take them from the present definition."""
        competition = challenge.competition
        rows = (*fixed.published, *fixed.baselines)
        return cls(
            challenge=challenge.id,
            version=challenge.version,
            title=challenge.title,
            twin_of=challenge.twin_of,
            tracks=tuple(track_names(challenge, (track for track, _ in rows))),
            metrics=challenge.metric_names,
            ranking=challenge.ranking,
            truth="withheld" if challenge.truth == "withheld" else "open",
            split=bool(competition and competition.parts),
            closes=competition.closes if competition else None,
            final_entries=competition.final_entries if competition else None,
            decimals=dict(fixed.decimals),
        )

    @property
    def withheld(self) -> bool:
        """Whether nobody but the service has the truth."""
        return self.truth == "withheld"

    @property
    def sign(self) -> float | None:
        """What the ranking metric is multiplied by so that less is better; None where it judges nobody."""
        return {"higher": -1.0, "lower": 1.0}.get(metric_named(self.ranking).better)

    def is_over(self, now: datetime) -> bool:
        """Tell whether the competition has ended."""
        return self.closes is not None and now >= self.closes

    def part(self, now: datetime) -> Part:
        """Give the part that is shown: the public one until the competition ends, then the private one."""
        return "private" if self.split and self.is_over(now) else "public"

    def in_words(self, *, over: bool) -> Iterator[str]:
        """Say how the rows are ranked, for those who read the board."""
        better = {-1.0: "more is better", 1.0: "less is better"}.get(self.sign or 0.0, "it judges nobody")
        symbol = metric_named(self.ranking).symbol
        yield f"Ranked by {symbol} ({better}); without a number, or equal to the truth, a row has no rank."
        yield (
            "Rows are tied that cannot be told apart: going down the board, a row shares the rank of the "
            "first of its group unless that one is better in a paired test, day by day or pass by pass, at "
            "the 95 % level, with the autocorrelation counted. Published rows and baselines have no days "
            "here: one is tied where its printed digits agree, and where it stands between rows that are "
            "tied. Rows of one rank stand in the order of their numbers."
        )
        if self.withheld:
            yield from self._of_a_withheld_truth(over)
        if self.final_entries:
            yield (
                f"At the end a team is ranked by the best of at most {self.final_entries} submissions that "
                "it selected; by the one that stood on the board where it selected none."
            )

    def _of_a_withheld_truth(self, over: bool) -> Iterator[str]:
        yield "The truth is withheld; numbers are rounded to their noise."
        if over:
            part = "private part" if self.split else "whole period"
            yield f"The competition has ended: the numbers are those of the {part}."
            return
        yield (
            "A team's row changes only when a new submission is better than the one that it shows, by a "
            "one-sided paired test at the 2.5 % level (after the Ladder of Blum and Hardt 2015, "
            "arXiv:1502.04585); the score of another is not told, and it counts as an attempt. "
            "Submissions have the order in which they were first scored; deleting one, or entering it again, "
            "changes neither that order nor the attempts."
        )
        if self.split:
            yield "Only the public part is shown; the private part ranks when the competition has ended."
