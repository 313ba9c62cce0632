"""``oceanbench admin``: one folder, before or after the word; the secret alone on the standard output."""

import json
import re
import tarfile
from pathlib import Path
from typing import Any

import click
import pytest

from oceanbench_leaderboard.accounts import authenticate
from oceanbench_leaderboard.admin.command import admin
from oceanbench_leaderboard.service import Service, open_service
from oceanbench_leaderboard.settings import Settings
from tests.leaderboard.submissions.entries import enter_bytes, finish, someone
from tests.service_parts import Recorder

pytestmark = pytest.mark.usefixtures("toy_board")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("DATABASE_URL", "QUEUE_URL", "STORE", "SERVICE", "MODE"):
        monkeypatch.delenv(f"OCEANBENCH_{name}", raising=False)
    monkeypatch.setattr("oceanbench_leaderboard.queue.open_queue", lambda _: Recorder())
    return tmp_path / "service"


@pytest.fixture
def opened(folder: Path):  # type: ignore[no-untyped-def]
    service = open_service(Settings.from_environment(folder))
    yield service
    service.close()


def secret_of(oceanbench: Any, folder: Path, *words: str) -> str:
    answer = oceanbench("admin", "token", *words, "--data", folder)
    assert answer.code == 0, answer.err
    return str(answer.out.strip())


def test_a_token_is_alone_on_the_standard_output_and_works(oceanbench: Any, folder: Path) -> None:
    answer = oceanbench("admin", "token", "Deep Blue", "--data", folder, "--days", "3", "--label", "night")
    assert re.fullmatch(r"ob_[0-9a-f]{12}_[\w-]{43}\n", answer.out)
    assert "Deep Blue: submit, read" in answer.err
    assert f"good in the service at {folder}\n" in answer.err
    assert f"there was no service in {folder}; this is a new one" in answer.err
    assert answer.out.strip() not in answer.err
    service = open_service(Settings.from_environment(folder))
    assert authenticate(service, answer.out.strip()).team == "Deep Blue"
    service.close()


@pytest.mark.parametrize("before", [True, False])
def test_the_folder_stands_before_or_after_the_word(oceanbench: Any, folder: Path, before: bool) -> None:
    secret_of(oceanbench, folder, "Tides")
    words = ("--data", folder, "tokens", "--json") if before else ("tokens", "--json", "--data", folder)
    listed = json.loads(oceanbench("admin", *words).out)
    assert [(one["team"], one["scopes"]) for one in listed] == [("Tides", ["submit", "read"])]


def test_every_command_has_help_with_an_example_and_takes_the_folder() -> None:
    def commands(group: click.Group, words: str) -> Any:
        for name, command in group.commands.items():
            if isinstance(command, click.Group):
                yield from commands(command, f"{words} {name}")
            else:
                yield f"{words} {name}", command

    for words, command in commands(admin, "oceanbench admin"):
        assert f"Example: {words}" in (command.help or "").replace("\n", " "), words
        assert any("--data" in option.opts for option in command.params), words


def test_tokens_are_listed_and_revoked(oceanbench: Any, folder: Path, opened: Service) -> None:
    secret = secret_of(oceanbench, folder, "Tides", "--scope", "read")
    prefix = secret.split("_")[1]
    assert prefix in oceanbench("admin", "tokens", "tides", "--data", folder).out
    assert "is revoked" in oceanbench("admin", "revoke", prefix, "--data", folder).out
    assert "revoked before" in oceanbench("admin", "revoke", prefix, "--data", folder).out
    with pytest.raises(ValueError, match="was revoked"):
        authenticate(opened, secret)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("tokens",), "give --data or set OCEANBENCH_SERVICE"),
        (("user", "create", "A. Wave", "--team", "Tides"), "there is no service in"),
        (("backup", "x.tar"), "there is no service in"),
        (("token", "x"), "has 1 characters; give 2 to 80"),
        (("token", "Tides", "--days", "9999"), "days=9999 is not allowed"),
    ],
)
def test_what_cannot_be_is_one_line(oceanbench: Any, folder: Path, words: tuple[str, ...], told: str) -> None:
    answer = oceanbench("admin", *words, "--data", folder)
    assert answer.code == 1
    assert answer.err.startswith("error: ")
    assert told in answer.err
    assert answer.err.count("\n") == 1


def test_people_and_teams_are_made_listed_shut_out_and_let_in(oceanbench: Any, folder: Path) -> None:
    secret_of(oceanbench, folder, "Tides")
    made = oceanbench(
        "admin", "user", "create", "A. Wave", "--team", "Tides", "--admin", "--token", "--data", folder
    )
    assert made.out.startswith("ob_")
    people = json.loads(oceanbench("admin", "users", "--json", "--data", folder).out)
    assert [(one["name"], one["team"], one["admin"]) for one in people] == [("A. Wave", "Tides", True)]
    number = people[0]["id"]
    assert (
        "is no administrator" in oceanbench("admin", "user", "promote", number, "--no", "--data", folder).out
    )
    for word, shown in (("deactivate", "shut out"), ("activate", "let in")):
        assert shown in oceanbench("admin", "user", word, number, "--data", folder).out
        assert shown in oceanbench("admin", "team", word, "Tides", "--data", folder).out
    listed = json.loads(oceanbench("admin", "team", "list", "--json", "--data", folder).out)
    assert [(one["name"], one["active"]) for one in listed] == [("Tides", True)]
    book = oceanbench("admin", "log", "--json", "--data", folder).out
    assert [one["what"] for one in json.loads(book)][-2] == "made administrator 'A. Wave' of team 'Tides'"


def test_submissions_are_listed_hidden_shown_scored_anew_and_deleted(
    oceanbench: Any, folder: Path, opened: Service
) -> None:
    one = enter_bytes(opened, someone(opened), b"map").id
    waiting = json.loads(oceanbench("admin", "queue", "--json", "--data", folder).out)
    assert [(run["submission"], run["state"]) for run in waiting] == [(one, "queued")]
    finish(opened, one)
    listed = json.loads(oceanbench("admin", "submissions", "--json", "--data", folder).out)
    assert [(row["id"], row["state"], row["hidden"]) for row in listed] == [(one, "scored", False)]
    assert "is hidden" in oceanbench("admin", "hide", one, "--data", folder).out
    assert "scored, hidden" in oceanbench("admin", "submissions", "--data", folder).out
    assert "is shown" in oceanbench("admin", "unhide", one, "--data", folder).out
    assert f"1 queued: {one}" in oceanbench("admin", "rescore", "--challenge", "toy", "--data", folder).out
    assert "nothing to score" in oceanbench("admin", "rescore", "--challenge", "toy", "--data", folder).out
    refused = oceanbench("admin", "rescore", one, "--data", folder)
    assert (refused.code, f"submission {one} is not finished" in refused.err) == (1, True)
    assert "is deleted" in oceanbench("admin", "delete", one, "--data", folder).out
    assert "oceanbench admin submissions" in oceanbench("admin", "hide", "nothing", "--data", folder).err


@pytest.mark.parametrize("word", ["submissions", "queue"])
def test_the_id_of_a_submission_is_whole_in_a_narrow_terminal(
    oceanbench: Any, folder: Path, opened: Service, monkeypatch: pytest.MonkeyPatch, word: str
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    one = enter_bytes(
        opened, someone(opened, "The team with a name that takes all the room there is"), b"map"
    )
    assert one.id in oceanbench("admin", word, "--data", folder).out


def test_a_challenge_that_is_none_is_not_scored_anew(oceanbench: Any, folder: Path, opened: Service) -> None:
    answer = oceanbench("admin", "rescore", "--challenge", "tyo", "--data", folder)
    assert (answer.code, "no challenge is called 'tyo'" in answer.err) == (1, True)


def test_a_restore_that_fails_leaves_no_service(
    oceanbench: Any, folder: Path, opened: Service, tmp_path: Path
) -> None:
    enter_bytes(opened, someone(opened), b"map")
    archive, other = tmp_path / "b.tar", tmp_path / "other"
    oceanbench("admin", "backup", archive, "--data", folder)
    full = oceanbench("admin", "restore", archive, "--data", folder)
    assert (full.code, str(folder) in full.err, "--data NEW" in full.err) == (1, True, True)
    assert (folder / "service.sqlite").is_file()
    archive.write_bytes(archive.read_bytes().replace(b"Tides", b"Waves"))
    broken = oceanbench("admin", "restore", archive, "--data", other)
    assert (broken.code, "is not what its manifest lists" in broken.err) == (1, True)
    assert not list(other.glob("service.sqlite*"))


def test_a_service_is_backed_up_restored_and_checked(
    oceanbench: Any, folder: Path, opened: Service, tmp_path: Path
) -> None:
    one = enter_bytes(opened, someone(opened), b"map").id
    finish(opened, one)
    made = oceanbench("admin", "backup", tmp_path / "b.tar", "--data", folder)
    assert "2 files" in made.out
    with tarfile.open(tmp_path / "b.tar") as tar:
        assert "manifest.json" in tar.getnames()
    other = tmp_path / "other"
    assert "2 files" in oceanbench("admin", "restore", tmp_path / "b.tar", "--data", other).out
    good = oceanbench("admin", "check", "--deep", "--data", other)
    assert (good.code, good.out) == (0, "1 uploads, 1 reports, 2 files; 0 left over\n")
    locked = tmp_path / "locked"
    told = oceanbench("admin", "restore", tmp_path / "b.tar", "--revoke-tokens", "--data", locked).out
    assert "every token is revoked" in told
    assert all(
        one["revoked"] for one in json.loads(oceanbench("admin", "tokens", "--json", "--data", locked).out)
    )
    opened_files = [path for path in (other / "files" / "uploads").rglob("*") if path.is_file()]
    opened_files[0].unlink()
    bad = oceanbench("admin", "check", "--data", other, "--json")
    assert (bad.code, len(json.loads(bad.out)["problems"])) == (1, 1)


def test_all_that_is_public_is_exported_and_nothing_else(
    oceanbench: Any, folder: Path, opened: Service, tmp_path: Path
) -> None:
    who = someone(opened)
    public, private, waiting = (
        enter_bytes(opened, who, data, report=report).id
        for data, report in ((b"1", "public"), (b"2", "private"), (b"3", "public"))
    )
    for one in (public, private):
        finish(opened, one)
    target = tmp_path / "boards"
    answer = oceanbench("admin", "export", target, "--data", folder)
    assert answer.code == 0, answer.err
    index = json.loads((target / "index.json").read_text())
    assert sorted(one["id"] for one in index["submissions"]) == sorted([public, private])
    assert (target / "submissions" / public / "report" / "index.html").read_bytes() == b"<p>report</p>"
    assert not (target / "submissions" / private / "report").exists()
    assert not (target / "submissions" / waiting).exists()
    passport = json.loads((target / "submissions" / public / "passport.json").read_text())
    assert passport["official"]["mu"] == 0.9
    board = next(one for one in index["boards"] if one["challenge"] == "toy" and one["track"] == "all")
    assert json.loads((target / board["file"]).read_text())["track"] == "all"
    assert (target / board["file"].replace(".json", ".csv")).read_text().startswith("challenge")
    again = oceanbench("admin", "export", target, "--data", folder)
    assert (again.code, "is not empty" in again.err) == (1, True)
