"""The page about the service says what there is: its commands, options, settings and routes."""

import re
import tomllib
from pathlib import Path

import click
import pytest

from oceanbench.challenge import Competition
from oceanbench.cli import cli
from oceanbench_leaderboard.settings import Limits, Settings
from oceanbench_leaderboard.submissions import Card
from tests.web.test_deployment import known_variables

TEXT = (Path(__file__).resolve().parents[2] / "docs" / "service.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", TEXT, re.DOTALL)


def command_of(words: list[str]) -> tuple[click.Command, list[str]]:
    """Give the command that words name, and the words that are left."""
    command: click.Command = cli
    while isinstance(command, click.Group) and words:
        found = command.get_command(click.Context(command), words[0])
        assert found is not None, words
        command, words = found, words[1:]
    return command, words


@pytest.mark.parametrize("line", sorted(set(re.findall(r"`((?:admin|oceanbench) [^`]+)`", TEXT))))
def test_every_command_that_is_named_exists_with_its_options(line: str) -> None:
    words = re.sub(r"[\[\]…]", " ", line).removeprefix("oceanbench ").split()
    command, rest = command_of(words)
    known = {option for parameter in command.params for option in parameter.opts}
    assert {word for word in rest if word.startswith("--")} <= known


def test_every_command_of_an_administrator_is_named() -> None:
    admin, _ = command_of(["admin"])
    assert isinstance(admin, click.Group)
    told = set(re.findall(r"\b[a-z]+\b", TEXT))
    assert set(admin.list_commands(click.Context(admin))) <= told


def test_every_setting_that_is_named_exists() -> None:
    assert set(re.findall(r"OCEANBENCH_[A-Z0-9_]*[A-Z0-9]", TEXT)) <= known_variables() | {
        "OCEANBENCH_TOKEN",
        "OCEANBENCH_URL",
        "OCEANBENCH_ORCID_URL",
        "OCEANBENCH_GITHUB_URL",
    }


def test_the_limits_that_are_told_are_those_of_the_settings() -> None:
    limits = Limits()
    assert f"| `OCEANBENCH_LIMIT_UPLOAD_BYTES` | {limits.upload_bytes >> 30} GiB |" in TEXT
    assert f"| `OCEANBENCH_LIMIT_SUBMISSIONS_PER_DAY` | {limits.submissions_per_day} |" in TEXT
    assert f"| {limits.intake_seconds}, {limits.intake_memory >> 30} GiB |" in TEXT
    assert f"| {limits.scorer_seconds}, {limits.scorer_memory >> 30} GiB |" in TEXT
    assert f"| {limits.waiting_per_team}, {limits.waiting} |" in TEXT


def test_the_card_and_the_competition_that_are_shown_are_taken() -> None:
    card, competition = [tomllib.loads(text) for language, text in BLOCKS if language == "toml"]
    assert Card.model_validate(card).method == "my method"
    assert set(card) == set(Card.model_fields)
    assert Competition.model_validate(competition["competition"]).final_entries == 2


def test_every_route_that_is_named_exists(tmp_path: Path) -> None:
    from oceanbench_leaderboard.service import open_service
    from oceanbench_web.app import create_app

    service = open_service(Settings.from_environment(tmp_path, {}))
    paths = set(create_app(service).openapi()["paths"])
    service.close()
    (table,) = re.findall(r"## The API\n(.*?)\nErrors have", TEXT, re.DOTALL)
    table = table.partition("| |")[2]
    named = re.findall(r"`(?:[A-Z/]+ )?(/[a-z]+(?:/\{\w+\})?(?:/[a-z]+)?)", table)
    assert len(named) > 10
    generic = {re.sub(r"\{\w+\}", "{}", path.removeprefix("/api/v1")) for path in paths}
    assert {re.sub(r"\{\w+\}", "{}", path) for path in named} <= generic
