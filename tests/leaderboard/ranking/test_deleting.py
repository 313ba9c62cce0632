"""Of a withheld truth nobody learns more by deleting, entering again, or sending the same values anew."""

from pathlib import Path

import numpy.typing as npt
import pytest
from sqlalchemy import select, update

from oceanbench_leaderboard import ranking
from oceanbench_leaderboard.service import Service
from oceanbench_leaderboard.store import Result, Run, Submission
from oceanbench_leaderboard.submissions import delete, view
from oceanbench_leaderboard.submissions import select as choose
from tests.leaderboard.ranking.scored import add_results, enter_scored, errors
from tests.leaderboard.ranking.test_withheld import COMPETITION, fresh, names
from tests.leaderboard.submissions.entries import enter_bytes, evaluation, finish, someone
from tests.service_parts import Clock

BASE = errors(0.3, seed=1, spread=0.8)


@pytest.fixture(autouse=True)
def _secret(toy_world: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The toy, its truth withheld, as a competition that ends a month from now."""
    text = (toy_world / "toy" / "challenge.toml").read_text()
    (tmp_path / "world" / "toy").mkdir(parents=True)
    text = text.replace('version = "1.0"', 'version = "1.0"\ntruth = "withheld"') + COMPETITION
    (tmp_path / "world" / "toy" / "challenge.toml").write_text(text)
    monkeypatch.setenv("OCEANBENCH_PATH", str(tmp_path / "world"))


def entered(service: Service, clock: Clock, data: bytes, mu: float, private: float = 0.5) -> str:
    """Send bytes of the team Tides, score them, make the board: each a minute after the one before."""
    clock.advance(60)
    one = enter_bytes(service, someone(service), data).id
    run = finish(service, one, mu=mu, report=False)
    with service.database.transaction() as session:
        kept = {"run_id": run, "comparison": {}, "created": service.now()}
        session.add(Result(part="private", evaluation=evaluation(private), **kept))
    ranking.refresh(service, "toy")
    return one


def told(service: Service, *submissions: str) -> list[float | None]:
    """What the own team is told of each."""
    views = [view(service, someone(service), one) for one in submissions]
    return [one.scores["official"]["mu"] if one.scores else None for one in views]


def test_score_that_was_not_told_stays_so_when_the_better_one_is_deleted_and_entered_again(
    service: Service, clock: Clock
) -> None:
    good = entered(service, clock, b"good", 0.9)
    probe = entered(service, clock, b"probe", 0.7)
    assert told(service, good, probe) == [0.9, None]
    delete(service, someone(service), good)
    assert told(service, probe) == [None]
    assert entered(service, clock, b"good", 0.9) == good
    assert told(service, good, probe) == [0.9, None]
    assert names(ranking.board(service, "toy", show="all")) == [good]


def test_what_was_deleted_and_entered_again_waits_behind_nobody(service: Service, clock: Clock) -> None:
    good = entered(service, clock, b"good", 0.9)
    probe = entered(service, clock, b"probe", 0.7)
    for one, data in ((good, b"good"), (probe, b"probe")):
        delete(service, someone(service), one)
        clock.advance(60)
        enter_bytes(service, someone(service), data)
        ranking.refresh(service, "toy")
        assert told(service, good, probe) == [0.9, None]


def same(service: Service, submission: str, digest: str, **values: object) -> None:
    with service.database.transaction() as session:
        session.execute(
            update(Submission)
            .where(Submission.id == submission)
            .values(canonical_sha256=digest * 64, **values)
        )


def score_anew(service: Service, submission: str, squares: npt.ArrayLike) -> None:
    now = service.now()
    with service.database.transaction() as session:
        run = Run(submission_id=submission, challenge_version="1.0", round=2, state="scored", created=now)
        run.finished = now
        add_results(run, "toy", "1.0", "all", squares, created=now)
        session.add(run)


def test_values_sent_anew_in_other_bytes_take_the_place_of_the_deleted_ones_and_tell_nothing_else(
    service: Service, clock: Clock
) -> None:
    good, probe = enter_scored(service, "Tides", BASE), enter_scored(service, "Tides", BASE * 1.4)
    same(service, good, "a", deleted=clock())
    anew = enter_scored(service, "Tides", BASE)
    same(service, anew, "a")
    assert names(fresh(service, show="all")) == [anew]
    same(service, good, "a", deleted=None, duplicate_of=anew)  # its bytes again: now a copy of the copy
    score_anew(service, good, BASE)
    assert names(fresh(service, show="all")) == [anew]
    assert not ranking.score_is_shown(service, "toy", "1.0", "all", probe)


def test_values_that_were_not_told_are_not_told_when_they_come_again(service: Service, clock: Clock) -> None:
    good, probe = enter_scored(service, "Tides", BASE), enter_scored(service, "Tides", BASE * 1.4)
    for one, digest in ((good, "a"), (probe, "b")):
        same(service, one, digest, deleted=clock())
    again = enter_scored(service, "Tides", BASE * 1.4)
    same(service, again, "b")
    assert names(fresh(service, show="all")) == []
    assert not ranking.score_is_shown(service, "toy", "1.0", "all", again)


def test_turn_is_that_of_the_first_score_also_when_it_is_scored_anew(service: Service, clock: Clock) -> None:
    good, probe = enter_scored(service, "Tides", BASE), enter_scored(service, "Tides", BASE * 1.4)
    clock.advance(3600)
    score_anew(service, good, BASE)
    assert names(fresh(service, show="all")) == [good]
    assert not ranking.score_is_shown(service, "toy", "1.0", "all", probe)


def test_what_is_scored_first_has_the_first_turn_whatever_was_entered_first(
    service: Service, clock: Clock
) -> None:
    early = enter_scored(service, "Tides", BASE * 1.2)
    late = enter_scored(service, "Tides", BASE)
    with service.database.transaction() as session:  # another worker was slow: nothing told is taken back
        run = session.scalars(select(Run).where(Run.submission_id == early)).one()
        run.finished = clock.time.replace(hour=23)
    assert names(fresh(service, show="all")) == [late]


def test_final_entries_that_count_are_those_scored_first_also_when_one_was_entered_again(
    service: Service, clock: Clock
) -> None:
    who = someone(service)
    one = entered(service, clock, b"1", 0.5, private=0.5)
    others = [entered(service, clock, data, 0.6, private=0.9) for data in (b"2", b"3")]
    delete(service, who, one)
    assert entered(service, clock, b"1", 0.5, private=0.5) == one
    for each in (one, *others)[:2]:
        choose(service, who, each)
    with service.database.transaction() as session:  # more than the rules allow now: two were three
        session.execute(update(Submission).where(Submission.id == others[1]).values(selected=True))
    board = fresh(service)
    clock.time = board.closes or clock.time
    assert set(names(fresh(service, show="all"))) == {one, others[0]}


def test_nothing_of_the_private_part_is_flagged_before_the_end(service: Service, clock: Clock) -> None:
    flags = ["holes", "holes in the private part", "equal to the truth in the private part"]
    one = enter_scored(service, "Tides", BASE, private=errors(1e-9), flags=flags)
    other = enter_scored(service, "Eddies", BASE * 1.4, private=BASE)
    before = fresh(service)
    assert [(row.submission, row.rank, row.flags) for row in before.rows] == [
        (one, 1, ("holes",)),
        (other, 2, ()),
    ]
    assert view(service, None, one).flags == ["holes"]
    clock.time = before.closes or clock.time
    after = fresh(service)
    assert [(row.submission, row.rank) for row in after.rows] == [(other, 1), (one, None)]
    assert after.rows[1].flags == tuple(view(service, None, one).flags) == tuple(flags)
