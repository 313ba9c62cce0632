"""A check finds what is missing, what is damaged, and what is left over."""

from datetime import timedelta
from pathlib import Path

import pytest

from oceanbench_leaderboard.admin import check
from oceanbench_leaderboard.service import Service
from oceanbench_leaderboard.submissions import delete, file_keys, open_part
from tests.leaderboard.submissions.entries import enter_bytes, finish, sha256, someone

pytestmark = pytest.mark.usefixtures("toy_board", "_no_boards")


@pytest.fixture
def _no_boards(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("oceanbench_leaderboard.ranking.refresh", lambda *_: None)


@pytest.fixture
def scored(service: Service) -> str:
    one = enter_bytes(service, someone(service), b"map" * 100).id
    finish(service, one)
    return one


def test_nothing_is_wrong_with_a_service_that_works(service: Service, scored: str) -> None:
    enter_bytes(service, someone(service), b"waits")
    found = check(service, deep=True)
    assert (found.problems, found.leftovers) == ([], [])
    assert (found.uploads, found.runs, found.files) == (2, 1, 3)


def test_a_part_that_is_missing_is_named(service: Service, scored: str) -> None:
    key = file_keys(service, someone(service), scored)[0]
    service.files.delete(key)
    assert check(service).problems == [f"upload {sha256(b'map' * 100)[:12]}… of team 1: {key} is missing"]


def test_a_part_of_another_size_is_named(service: Service, scored: str) -> None:
    key = file_keys(service, someone(service), scored)[0]
    service.files.write(key, b"short")
    assert [problem for problem in check(service).problems if f"{key} has 5 bytes, not 300" in problem]


def test_bytes_that_changed_are_found_when_they_are_read(service: Service, scored: str) -> None:
    key = file_keys(service, someone(service), scored)[0]
    service.files.write(key, b"pam" * 100)
    assert check(service).problems == []
    assert [problem for problem in check(service, deep=True).problems if "another digest" in problem]


def test_a_report_that_is_missing_is_named(service: Service, scored: str) -> None:
    service.files.delete_below("runs")
    assert check(service).problems == ["run 1: no report in the store"]


def test_an_upload_that_is_not_whole_is_no_problem(service: Service) -> None:
    writer = open_part(service, someone(service), sha256(b"whole"), size=5, start=0)
    writer.write(b"who")
    writer.close()
    assert check(service, deep=True).problems == []


def test_what_is_deleted_is_not_missed(service: Service, scored: str) -> None:
    delete(service, someone(service), scored)
    found = check(service, deep=True)
    assert (found.problems, found.uploads, found.runs, found.files) == ([], 0, 0, 0)


def test_files_that_nothing_names_are_left_over_once_they_are_a_day_old(
    service: Service, scored: str, tmp_path: Path
) -> None:
    for key in ("uploads/9/x/000", "runs/99/report/index.html", "stray"):
        service.files.write(key, b"x")
    written = service.files.changed("stray")
    service.now.time = written + timedelta(hours=23)  # type: ignore[attr-defined]
    assert check(service).leftovers == []
    service.now.time = written + timedelta(hours=25)  # type: ignore[attr-defined]
    assert check(service).leftovers == ["runs/99/report/index.html", "stray", "uploads/9/x/000"]
