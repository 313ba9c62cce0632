"""The command: nothing is sent that the check refuses, and every refusal is one that can be acted on."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from oceanbench_web.client.command import submit
from tests.toy_sea import map_of, write_map
from tests.web.client.conftest import TOKEN, Pretender

SCORED: dict[str, Any] = {
    "id": "abc123",
    "state": "scored",
    "position": None,
    "reason": "",
    "problems": [],
    "scores": {
        "official": {"mu": 0.914321, "units": {"mu": "1"}},
        "robust": {"mu": {"value": 0.90127, "low": 0.88, "high": 0.92, "unit": "1"}},
    },
}
REFUSED = {
    **SCORED,
    "state": "refused",
    "scores": None,
    "reason": "2 problems",
    "problems": [
        {"what_given": "lat runs 43..33", "expected": "south to north", "fix": "call sortby('lat')"},
        {"what_given": "heights in \x1b[31mcm", "expected": "metres", "fix": "divide by 100"},
    ],
}


@pytest.fixture(autouse=True)
def _nothing_of_the_user(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OCEANBENCH_URL", "OCEANBENCH_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("oceanbench_web.client._following._FIRST", 0.001)


@pytest.fixture
def path(toy_board: Path, tmp_path: Path) -> Path:
    return write_map(tmp_path / "my_map.nc")


def run(*words: str | Path) -> Result:
    return CliRunner().invoke(submit, [str(word) for word in words])


def to(pretender: Pretender) -> tuple[str, ...]:
    return ("--to", pretender.url, "--token", TOKEN)


def test_a_map_is_sent_and_its_id_and_address_are_printed(pretender: Pretender, path: Path) -> None:
    done = run(path, "--challenge", "toy", "--track", "All", "--method", "mine", *to(pretender))
    assert done.exit_code == 0, done.output
    assert done.stdout == f"abc123: {pretender.url}/submissions/abc123\n"
    assert bytes(pretender.kept) == path.read_bytes()
    (entry,) = pretender.entries
    assert (entry["challenge"], entry["track"], entry["file_name"]) == ("toy", "all", "my_map.nc")
    assert entry["card"]["method"] == "mine"


def test_address_and_token_may_come_from_the_environment(
    pretender: Pretender, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OCEANBENCH_URL", pretender.url)
    monkeypatch.setenv("OCEANBENCH_TOKEN", f" {TOKEN}\n")
    done = run(path, "--challenge", "toy", "--track", "all", "--method", "mine")
    assert done.exit_code == 0, done.output


def test_a_map_that_the_check_refuses_is_not_sent(
    pretender: Pretender, toy_board: Path, tmp_path: Path
) -> None:
    bad = map_of()
    bad["ssh"] = bad["ssh"].where(bad["time"] > bad["time"][0]) * 100.0
    bad.isel(time=slice(0, -1)).to_netcdf(tmp_path / "bad.nc")
    done = run(
        tmp_path / "bad.nc", "--challenge", "toy", "--track", "all", "--method", "mine", *to(pretender)
    )
    assert done.exit_code == 1
    assert "problem" in str(done.exception)
    assert pretender.requests == []


def test_the_check_of_holes_names_no_option_that_is_not_here(
    pretender: Pretender, toy_board: Path, tmp_path: Path
) -> None:
    bad = map_of()
    bad["ssh"] = bad["ssh"].where(bad["lon"] < -36.0)
    bad.to_netcdf(tmp_path / "bad.nc")
    words = ("--challenge", "toy", "--track", "all", "--method", "mine", *to(pretender))
    done = run(tmp_path / "bad.nc", *words)
    assert "fill them: the service scores a map without holes only" in str(done.exception)
    assert "--holes" not in str(done.exception)


def test_a_duplicate_says_whose_values_stand_on_the_board(pretender: Pretender, path: Path) -> None:
    pretender.states = [{**SCORED, "duplicate_of": "first1"}]
    words = ("--challenge", "toy", "--track", "all", "--method", "mine", "--wait", *to(pretender))
    assert "the same values as first1, which stands on the board" in run(path, *words).stdout


def test_a_card_that_is_not_taken_is_told(pretender: Pretender, path: Path) -> None:
    had = {"id": "abc123", "state": "queued", "card": {"method": "an older name"}}
    pretender.will("POST", "/submissions", 200, had)
    done = run(path, "--challenge", "toy", "--track", "all", "--method", "mine", *to(pretender))
    assert "with another card, which stays: what is given now was not taken (method)" in done.stderr


def test_all_problems_are_printed_as_json_where_json_is_asked_for(
    pretender: Pretender, toy_board: Path, tmp_path: Path
) -> None:
    bad = map_of()
    bad["ssh"] = bad["ssh"].where(bad["lon"] < -36.0)
    bad.isel(time=slice(0, -1)).to_netcdf(tmp_path / "bad.nc")
    words = ("--challenge", "toy", "--track", "all", "--method", "mine", "--json", *to(pretender))
    done = run(tmp_path / "bad.nc", *words)
    assert done.exit_code == 1
    said = json.loads(done.stdout)
    assert said["valid"] is False
    assert len(said["problems"]) >= 2
    assert pretender.requests == []


def test_without_the_check_anything_is_sent(pretender: Pretender, tmp_path: Path) -> None:
    (tmp_path / "noise.nc").write_bytes(b"no map at all")
    words = ("--challenge", "toy", "--track", "all", "--method", "mine", "--no-check", *to(pretender))
    done = run(tmp_path / "noise.nc", *words)
    assert done.exit_code == 0, done.output
    assert bytes(pretender.kept) == b"no map at all"


def test_without_the_check_challenge_and_track_must_be_named(pretender: Pretender, path: Path) -> None:
    done = run(path, "--challenge", "toy", "--method", "mine", "--no-check", *to(pretender))
    assert "give --challenge and --track" in str(done.exception)


def test_a_track_that_the_file_does_not_name_must_be_given(pretender: Pretender, path: Path) -> None:
    done = run(path, "--challenge", "toy", "--method", "mine", *to(pretender))
    assert "give --track, one of: all; half" in str(done.exception)
    assert pretender.requests == []


def test_track_and_method_are_taken_from_the_file(
    pretender: Pretender, toy_board: Path, tmp_path: Path
) -> None:
    named = map_of().assign_attrs(challenge="toy", track="half", method="waves")
    named.to_netcdf(tmp_path / "named.nc")
    done = run(tmp_path / "named.nc", *to(pretender))
    assert done.exit_code == 0, done.output
    assert pretender.entries[0]["track"] == "half"
    assert pretender.entries[0]["card"]["method"] == "waves"


def test_a_map_without_a_name_of_its_method_is_refused(pretender: Pretender, path: Path) -> None:
    done = run(path, "--challenge", "toy", "--track", "all", *to(pretender))
    assert "give --method NAME, or a card" in str(done.exception)


def test_a_card_is_sent_along(pretender: Pretender, path: Path, tmp_path: Path) -> None:
    card = tmp_path / "card.toml"
    card.write_text('method = "waves"\nsummary = "A sum of waves."\ninputs = ["nadir"]\n')
    done = run(path, "--challenge", "toy", "--track", "all", "--method-card", card, *to(pretender))
    assert done.exit_code == 0, done.output
    sent = pretender.entries[0]["card"]
    assert (sent["method"], sent["summary"], sent["inputs"]) == ("waves", "A sum of waves.", ["nadir"])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('method = "waves"\ncolour = "blue"\n', "colour"),
        ('method = "waves"\npaper = "javascript:alert(1)"\n', "paper"),
        ("method = waves\n", "is no TOML"),
    ],
)
def test_a_card_that_says_what_no_card_says_is_refused(
    pretender: Pretender, path: Path, tmp_path: Path, text: str, said: str
) -> None:
    card = tmp_path / "card.toml"
    card.write_text(text)
    done = run(path, "--challenge", "toy", "--track", "all", "--method-card", card, *to(pretender))
    assert done.exit_code == 1
    assert said in str(done.exception)
    assert pretender.requests == []


def test_waiting_ends_with_the_scores(pretender: Pretender, path: Path) -> None:
    pretender.states = [{**SCORED, "state": "queued", "position": 1, "scores": None}, SCORED]
    words = ("--challenge", "toy", "--track", "all", "--method", "mine", "--wait", *to(pretender))
    done = run(path, *words)
    assert done.exit_code == 0, done.output
    assert "queued, the next one" in done.stderr
    assert "0.9143" in done.stdout
    assert "[0.88, 0.92]" in done.stdout


def test_json_is_one_object_with_the_address(pretender: Pretender, path: Path) -> None:
    pretender.states = [SCORED]
    words = ("--challenge", "toy", "--track", "all", "--method", "mine", "--wait", "--json", *to(pretender))
    said: dict[str, Any] = json.loads(run(path, *words).stdout)
    assert said == {**SCORED, "url": f"{pretender.url}/submissions/abc123"}


def test_a_refusal_by_the_service_ends_with_all_problems_and_code_1(pretender: Pretender, path: Path) -> None:
    pretender.states = [REFUSED]
    words = ("--challenge", "toy", "--track", "all", "--method", "mine", "--wait", *to(pretender))
    done = run(path, *words)
    assert done.exit_code == 1
    assert "lat runs 43..33; expected south to north; call sortby('lat')" in " ".join(done.stdout.split())
    assert "\x1b" not in done.stdout


def test_another_version_of_the_challenge_is_warned_of(pretender: Pretender, path: Path) -> None:
    pretender.version = "2.0"
    done = run(path, "--challenge", "toy", "--track", "all", "--method", "mine", *to(pretender))
    assert "the service has version 2.0 of toy, and this machine 1.0" in done.stderr


def test_a_wrong_token_is_told_before_the_file_is_sent(pretender: Pretender, path: Path) -> None:
    words = ("--challenge", "toy", "--track", "all", "--method", "mine")
    done = run(path, *words, "--to", pretender.url, "--token", "ob_wrong")
    assert "the token is not known" in str(done.exception)
    assert pretender.asked("PUT") == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--token", TOKEN), "give --to URL"),
        (("--to", "http://127.0.0.1:9"), "set OCEANBENCH_TOKEN"),
        (("--to", "http://127.0.0.1:9", "--token", "two words"), "holds signs that no token has"),
    ],
)
def test_what_is_missing_is_asked_for(path: Path, words: tuple[str, ...], said: str) -> None:
    done = run(path, "--challenge", "toy", "--track", "all", "--method", "mine", *words)
    assert done.exit_code == 1
    assert said in str(done.exception)


def test_a_folder_of_passes_is_refused_with_how_to_join_them(
    pretender: Pretender, ripples: Path, tmp_path: Path
) -> None:
    done = run(ripples, "--challenge", "ripples", "--method", "none", *to(pretender))
    assert "oceanbench.swaths.joined puts passes into one" in str(done.exception)
    assert pretender.requests == []
