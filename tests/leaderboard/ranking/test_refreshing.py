"""Boards of a service: who stands on them, how they are made anew, and how they are read."""

import csv
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from sqlalchemy import update

from oceanbench_leaderboard import ranking
from oceanbench_leaderboard.errors import NotFound
from oceanbench_leaderboard.ranking import keeping, refreshing
from oceanbench_leaderboard.ranking.views import BoardView
from oceanbench_leaderboard.service import Service
from oceanbench_leaderboard.store import Run, Submission, Team
from tests.leaderboard.ranking.scored import add_results, enter_scored, errors
from tests.service_parts import Clock

pytestmark = pytest.mark.usefixtures("toy_board")


def fresh(service: Service, **wish: object) -> BoardView:
    ranking.refresh(service, "toy")
    return ranking.board(service, "toy", **wish)  # type: ignore[arg-type]


def names(board: BoardView) -> list[str | None]:
    return [row.submission for row in board.rows]


def change(service: Service, submission: str, **values: object) -> None:
    with service.database.transaction() as session:
        session.execute(update(Submission).where(Submission.id == submission).values(**values))


# --- who stands on it


def test_board_that_nothing_was_submitted_to_can_be_read_before_and_after_it_is_made(
    service: Service,
) -> None:
    before = ranking.board(service, "toy")
    assert (before.rows, before.total, before.revision, before.made) == ((), 0, 0, None)
    after = fresh(service)
    assert (after.rows, after.total, after.revision) == ((), 0, 1)
    assert after.made is not None
    assert after.tracks == ("all", "half")
    assert after.track == "all"


def test_best_of_each_team_or_all_submissions_are_shown(service: Service) -> None:
    worse = enter_scored(service, "Tides", errors(0.5))
    better = enter_scored(service, "Tides", errors(0.3, seed=1))
    other = enter_scored(service, "Eddies", errors(0.4, seed=2))
    best = fresh(service)
    assert names(best) == [better, other]
    assert [(row.rank, row.team, row.attempts) for row in best.rows] == [(1, "Tides", 2), (2, "Eddies", 1)]
    every = ranking.board(service, "toy", show="all")
    assert names(every) == [better, other, worse]
    assert [row.rank for row in every.rows] == [1, 2, 3]


def test_row_shows_numbers_as_they_are_printed_with_their_interval(service: Service) -> None:
    enter_scored(service, "Tides", errors(0.5, spread=0.0), card={"paper": "https://doi.org/1"})
    (row,) = fresh(service).rows
    assert row.scores["mu"].text == "0.50"
    assert row.scores["mu"].value == pytest.approx(0.5)
    robust = row.scores["mu"].robust
    assert robust is not None
    assert (robust.low, robust.high) == (pytest.approx(0.49), pytest.approx(0.51))
    assert row.provenance == "scored here"
    assert row.card["paper"] == "https://doi.org/1"
    assert (row.twin, row.report, row.group) == (False, True, 1)


def test_each_track_has_rows_of_its_own(service: Service) -> None:
    on_all = enter_scored(service, "Tides", errors(0.5))
    on_half = enter_scored(service, "Tides", errors(0.4), track="half")
    assert names(fresh(service)) == [on_all]
    assert names(ranking.board(service, "toy", track="HALF")) == [on_half]


def test_missing_number_and_one_equal_to_the_truth_have_no_rank(service: Service) -> None:
    silent = enter_scored(service, "Tides", None)
    perfect = enter_scored(service, "Eddies", errors(1e-9), flags=["equal to the truth"])
    honest = enter_scored(service, "Waves", errors(0.9))
    rows = fresh(service).rows
    assert [(row.submission, row.rank) for row in rows] == [(honest, 1), (silent, None), (perfect, None)]
    assert rows[1].scores["mu"].text == "-"
    assert rows[2].flags == ("equal to the truth",)


def test_board_of_nothing_but_missing_numbers_can_be_read(service: Service) -> None:
    enter_scored(service, "Tides", None)
    board = fresh(service)
    assert [(row.rank, row.tied) for row in board.rows] == [(None, False)]
    summary = next(one for one in ranking.boards(service) if one.challenge == "toy")
    assert summary.tracks[0].best is None
    assert (summary.rows, summary.teams, summary.submissions) == (1, 1, 1)


def test_hidden_deleted_duplicate_and_inactive_teams_are_not_shown(service: Service, clock: Clock) -> None:
    kept = enter_scored(service, "Tides", errors(0.3))
    gone = [enter_scored(service, "Tides", errors(0.2, seed=seed)) for seed in range(3)]
    dropped = enter_scored(service, "Spam", errors(0.1))
    assert names(fresh(service, show="all"))[0] == dropped
    change(service, gone[0], hidden=True)
    change(service, gone[1], deleted=clock())
    change(service, gone[2], duplicate_of=kept)
    with service.database.transaction() as session:
        session.execute(update(Team).where(Team.name == "Spam").values(active=False))
    board = fresh(service, show="all")
    assert names(board) == [kept]
    assert board.rows[0].attempts == 3  # deleting and hiding give no attempt back; a duplicate was none
    change(service, gone[0], hidden=False)
    assert names(fresh(service)) == [gone[0]]


def test_report_that_a_team_keeps_private_is_told_to_be_so(service: Service) -> None:
    enter_scored(service, "Tides", errors(0.3), card={"report": "private"})
    assert [row.report for row in fresh(service).rows] == [False]


def test_two_scored_apart_by_chance_share_a_rank(service: Service) -> None:
    for seed, team in enumerate(("Tides", "Eddies")):
        enter_scored(service, team, errors(0.3, seed=seed, spread=1.0))
    enter_scored(service, "Waves", errors(0.8))
    assert [(row.rank, row.tied, row.group) for row in fresh(service).rows] == [
        (1, True, 1),
        (1, True, 1),
        (3, False, 2),
    ]


def test_score_that_cannot_be_compared_is_ranked_by_its_number_with_all_digits(service: Service) -> None:
    first, second = (
        enter_scored(service, team, errors(rms, spread=0.0), compared=False)
        for team, rms in (("Tides", 0.301), ("Eddies", 0.302))
    )
    rows = fresh(service).rows
    assert [(row.submission, row.rank) for row in rows] == [(first, 1), (second, 2)]
    assert {row.scores["mu"].text for row in rows} == {"0.70"}


def test_latest_scoring_of_a_submission_counts(service: Service, clock: Clock) -> None:
    name = enter_scored(service, "Tides", errors(0.5))
    with service.database.transaction() as session:
        run = Run(submission_id=name, challenge_version="1.0", round=2, state="scored", created=clock())
        add_results(run, "toy", "1.0", "all", errors(0.3, spread=0.0), created=clock())
        session.add(run)
    assert [row.scores["mu"].text for row in fresh(service).rows] == ["0.70"]


def test_published_rows_and_baselines_stand_beside_what_was_scored_here(service: Service) -> None:
    squares = errors(0.083, spread=0.0)  # 0.917, which the table would print as 0.92
    mine = enter_scored(service, "Tides", squares, challenge="2020a", track="4 nadirs")
    ranking.refresh(service, "2020a")
    rows = ranking.board(service, "2020a", track="4 nadirs").rows
    ours = next(row for row in rows if row.submission == mine)
    alike = [row for row in rows if row.scores["mu"].text == "0.92" and row.provenance == "published"]
    assert ours.scores["mu"].text == "0.92"
    assert alike
    assert {(row.rank, row.tied) for row in [ours, *alike]} == {(ours.rank, True)}
    assert all(row.rank is not None for row in rows)
    assert [row.provenance for row in rows].count("scored here") == 1


def test_superseded_row_stands_only_where_everything_is_shown_and_has_no_rank(service: Service) -> None:
    ranking.refresh(service, "2020a")
    seen = set()
    for track in ranking.board(service, "2020a").tracks:
        best = ranking.board(service, "2020a", track=track).rows
        every = ranking.board(service, "2020a", track=track, show="all").rows
        current = [row for row in every if row.status == "current"]
        assert list(best) == (current or list(every))  # a table that has no others is shown anyway
        assert all(row.rank is None for row in every if row.status != "current")
        seen.update(row.status for row in every)
    assert seen == {"current", "superseded", "elsewhere"}


def test_row_of_a_twin_says_so(service: Service) -> None:
    ranking.refresh(service, "2020a-twin")
    board = ranking.board(service, "2020a-twin")
    assert board.twin_of == "2020a"
    assert [(row.provenance, row.twin) for row in board.rows][:1] == [("baseline of ours", True)]


# --- made anew


def test_revision_grows_when_a_row_changes_and_stays_when_none_does(service: Service, clock: Clock) -> None:
    enter_scored(service, "Tides", errors(0.5))
    first = fresh(service)
    clock.advance(100)
    again = fresh(service)
    assert (again.revision, again.made) == (first.revision, first.made)
    assert ranking.board_revision(service, "toy", None, None) == first.revision
    enter_scored(service, "Eddies", errors(0.4))
    later = fresh(service)
    assert later.revision == first.revision + 1
    assert later.made == clock()
    assert ranking.board(service, "toy", track="half").revision == 1  # nothing happened there
    ranking.refresh(service, "toy", force=True)
    assert ranking.board_revision(service, "toy", "1.0", "all") == later.revision + 1


def test_boards_that_changed_are_told_until_they_are_made(service: Service) -> None:
    for challenge in ranking.outdated(service):
        ranking.refresh(service, challenge)
    assert ranking.outdated(service) == []
    name = enter_scored(service, "Tides", errors(0.5))
    assert ranking.outdated(service) == ["toy"]
    ranking.refresh(service, "toy")
    assert ranking.outdated(service) == []
    for what in ("selected", "hidden"):
        change(service, name, **{what: True})
        assert ranking.outdated(service) == ["toy"]
        ranking.refresh(service, "toy")
        assert ranking.outdated(service) == []


def test_hiding_two_and_showing_two_others_whose_numbers_have_the_same_sum_changes_the_board(
    service: Service,
) -> None:
    entered = [enter_scored(service, f"T{i}", errors(0.1 + 0.1 * i, seed=i)) for i in range(4)]
    change(service, entered[0], hidden=True)
    change(service, entered[3], hidden=True)
    assert names(fresh(service, show="all")) == [entered[1], entered[2]]
    assert "toy" not in ranking.outdated(service)
    for number in range(4):
        change(service, entered[number], hidden=number in (1, 2))
    assert "toy" in ranking.outdated(service)


def test_score_that_comes_in_while_rows_are_made_is_on_the_board(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    enter_scored(service, "Tides", errors(0.5))
    made, late = refreshing.make, []

    def slow(*given: object, **more: object) -> object:
        if not late:
            late.append(enter_scored(service, "Eddies", errors(0.4)))
        return made(*given, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(refreshing, "make", slow)
    assert names(fresh(service))[0] == late[0]


def test_board_is_made_though_scores_never_stop_coming_in(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    confirmed = refreshing._made_aside
    tries = []

    def never(service: Service, *given: object) -> bool:
        tries.append(1)
        return False

    monkeypatch.setattr(refreshing, "_made_aside", never)
    name = enter_scored(service, "Tides", errors(0.5))
    assert names(fresh(service)) == [name]
    assert 2 <= len(tries) < 20
    monkeypatch.setattr(refreshing, "_made_aside", confirmed)
    assert fresh(service).revision == 1


def test_many_workers_at_once_leave_a_board_with_all_rows(service: Service) -> None:
    wanted, failed = [], []

    def work(number: int) -> None:
        try:
            for step in range(2):
                squares = errors(0.2 + 0.1 * number + 0.01 * step)
                wanted.append(enter_scored(service, f"T{number}", squares, name=f"w{number}-{step}"))
                ranking.refresh(service, "toy")
        except Exception as error:
            failed.append(error)

    with service.database.transaction() as session:
        session.add_all(Team(name=f"T{n}", key=f"t{n}", created=service.now()) for n in range(4))
    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert ranking.outdated(service).count("toy") == 0
    board = ranking.board(service, "toy", show="all")
    assert set(names(board)) == set(wanted)
    assert [row.rank for row in board.rows] == [1, 2, 3, 4, 5, 6, 7, 8]


def test_challenge_that_is_not_known_is_told(service: Service) -> None:
    with pytest.raises(NotFound, match="no challenge is called 'toyy'; did you mean toy"):
        ranking.refresh(service, "toyy")
    with pytest.raises(NotFound, match="'toyy'"):
        ranking.board(service, "toyy")


def test_definition_that_cannot_be_read_hides_no_other_board(
    service: Service, toy_world: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "broken" / "hole").mkdir(parents=True)
    (tmp_path / "broken" / "hole" / "challenge.toml").write_text("id = 5")
    monkeypatch.setenv("OCEANBENCH_PATH", f"{tmp_path / 'broken'}{os.pathsep}{toy_world}")
    enter_scored(service, "Tides", errors(0.5))
    assert "toy" in ranking.outdated(service)
    ranking.refresh(service, "toy")
    told = [one.challenge for one in ranking.boards(service)]
    assert "toy" in told
    assert "hole" not in told


# --- versions


def with_version(toy_world: Path, folder: Path, version: str, ranking: str = "mu") -> Path:
    text = (toy_world / "toy" / "challenge.toml").read_text()
    (folder / "toy").mkdir(parents=True)
    head = f'version = "{version}"\nranking = "{ranking}"'
    (folder / "toy" / "challenge.toml").write_text(text.replace('version = "1.0"', head))
    return folder


def test_board_of_an_older_version_stays_and_still_loses_what_is_hidden(
    service: Service, toy_world: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, other = enter_scored(service, "Tides", errors(0.5)), enter_scored(service, "Eddies", errors(0.4))
    fresh(service)
    newer = with_version(toy_world, tmp_path / "new", "1.1", ranking="lambda_x")
    monkeypatch.setenv("OCEANBENCH_PATH", str(newer))
    assert names(fresh(service)) == []
    board = ranking.board(service, "toy", version="1.0")
    assert names(board) == [other, old]
    assert (board.versions, board.ranking, board.revision) == (("1.1", "1.0"), "mu", 1)
    change(service, other, hidden=True)
    assert names(fresh(service, version="1.0")) == [old]
    again = enter_scored(service, "Tides", errors(0.2), version="1.1")
    assert names(fresh(service)) == [again]
    assert names(ranking.board(service, "toy", version="1.0")) == [old]


def test_version_that_was_never_ranked_in_its_time_has_a_board_too(
    service: Service, toy_world: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = enter_scored(service, "Tides", errors(0.5))
    monkeypatch.setenv("OCEANBENCH_PATH", str(with_version(toy_world, tmp_path / "new", "1.10")))
    fresh(service)
    assert names(ranking.board(service, "toy", version="1.0")) == [old]
    assert ranking.board(service, "toy").versions == ("1.10", "1.0")


def test_unknown_version_and_track_are_told(service: Service) -> None:
    with pytest.raises(NotFound, match=r"no board of version '9\.9'; versions: 1\.0"):
        ranking.board(service, "toy", version="9.9")
    with pytest.raises(NotFound, match="no track 'hal'; did you mean half"):
        ranking.board(service, "toy", track="hal")
    with pytest.raises(NotFound, match="no track 'quarter'"):
        ranking.board_revision(service, "toy", None, "quarter")


# --- pages, summaries, sheets


def test_rows_are_read_by_page_as_if_there_were_none(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "PAGE", 3)
    wanted = [enter_scored(service, f"T{n}", errors(0.1 + 0.05 * n)) for n in range(8)]
    whole = fresh(service)
    assert names(whole) == wanted
    for offset in range(10):
        for limit in (1, 2, 3, 4, 100):
            part = ranking.board(service, "toy", limit=limit, offset=offset)
            assert names(part) == wanted[offset : offset + limit]
            assert (part.total, part.offset) == (8, offset)


@pytest.mark.parametrize(
    ("wish", "said"),
    [({"show": "worst"}, "'worst'"), ({"limit": 0}, "limit is 0"), ({"offset": -1}, "offset is -1")],
)
def test_wish_that_cannot_be_met_is_told(service: Service, wish: dict[str, object], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        ranking.board(service, "toy", **wish)  # type: ignore[arg-type]


def test_summary_counts_rows_teams_and_submissions_and_gives_the_first_row(
    service: Service, clock: Clock
) -> None:
    enter_scored(service, "Tides", errors(0.5))
    best = enter_scored(service, "Tides", errors(0.3))
    enter_scored(service, "Eddies", errors(0.4), track="half")
    ranking.refresh(service, "toy")
    summaries = {one.challenge: one for one in ranking.boards(service)}
    toy = summaries["toy"]
    assert (toy.rows, toy.teams, toy.submissions, toy.changed) == (2, 2, 3, clock())
    assert [(one.track, one.rows, one.teams) for one in toy.tracks] == [("all", 1, 1), ("half", 1, 1)]
    assert toy.tracks[0].best is not None
    assert toy.tracks[0].best.submission == best
    untouched = summaries["2021a"]
    assert (untouched.submissions, untouched.changed) == (0, None)
    assert untouched.tracks[0].rows == 11  # published


def test_sheet_has_a_line_for_each_row_and_a_column_for_each_number(service: Service) -> None:
    enter_scored(
        service, "=1+1", errors(0.5, spread=0.0), method='say "ssh", loud', card={"inputs": ["nadir", "swot"]}
    )
    enter_scored(service, "Tides", None)
    lines = list(csv.DictReader("".join(ranking.to_csv(fresh(service))).splitlines()))
    assert [(line["rank"], line["method"], line["team"]) for line in lines] == [
        ("1", 'say "ssh", loud', "'=1+1"),
        ("", "mine", "Tides"),
    ]
    first = lines[0]
    assert (float(first["mu"]), first["mu_text"], first["mu_unit"]) == (pytest.approx(0.5), "0.50", "1")
    assert float(first["mu_low"]) == pytest.approx(0.49)
    assert (first["inputs"], first["attempts"], first["lambda_x"]) == ("nadir; swot", "1", "1.5")
    assert (lines[1]["mu"], lines[1]["mu_text"]) == ("", "-")


def test_sheet_of_an_empty_board_is_its_header(service: Service) -> None:
    (header,) = ranking.to_csv(ranking.board(service, "toy"))
    assert header.startswith("challenge,version,track,rank,")


def test_text_that_is_a_formula_is_made_harmless_and_a_number_below_zero_is_none(service: Service) -> None:
    enter_scored(service, "Tides", errors(1.5, spread=0.0), method="-2+3", flags=["@now"])
    (line,) = csv.DictReader("".join(ranking.to_csv(fresh(service))).splitlines())
    assert (line["mu_text"], line["method"], line["flags"]) == ("-0.50", "'-2+3", "'@now")


def test_reading_a_board_loads_nothing_that_scores() -> None:
    heavy = ("xarray", "netCDF4", "h5py", "scipy", "pandas", "matplotlib")
    code = f"import sys, oceanbench_leaderboard.ranking; print(*sys.modules.keys() & set({heavy!r}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
