"""The files of the deployment name commands, options and settings that exist, and leave no door open."""

import re
import shlex
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from oceanbench.cli import cli
from oceanbench_leaderboard.settings import Limits, Settings
from oceanbench_web.security.production import check_production
from oceanbench_web.settings import WebSettings

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
UNITS = sorted(DEPLOY.glob("*.service"))
OURS = ("web", "worker")
ELSEWHERE = {  # read by other parts than the settings
    *("OCEANBENCH_SERVICE", "OCEANBENCH_DATA", "OCEANBENCH_PATH", "OCEANBENCH_REQUIRE_ISOLATION"),
    *(f"OCEANBENCH_{name}_{what}" for name in ("ORCID", "GITHUB") for what in ("ID", "SECRET")),
    "OCEANBENCH_TRUTH",  # of compose alone
}


def known_variables() -> set[str]:
    own = {f"OCEANBENCH_{name.upper()}" for name in ("mode", "secret_key", "base_url", "log_format")}
    urls = {"OCEANBENCH_DATABASE_URL", "OCEANBENCH_QUEUE_URL", "OCEANBENCH_STORE"}
    limits = {f"OCEANBENCH_LIMIT_{name.upper()}" for name in Limits.model_fields}
    web = {f"OCEANBENCH_WEB_{name.upper()}" for name in WebSettings.model_fields}
    return own | urls | limits | web | ELSEWHERE


def compose() -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
    return content


def parse(words: list[str]) -> None:
    """Let click read a command, without running it."""
    command = cli.get_command(click.Context(cli), words[0])
    assert command is not None, words
    command.make_context(words[0], words[1:], resilient_parsing=False)


@pytest.mark.parametrize("path", sorted(DEPLOY.iterdir()), ids=lambda path: path.name)
def test_every_setting_that_is_named_exists(path: Path) -> None:
    named = set(re.findall(r"OCEANBENCH_[A-Z0-9_]*[A-Z0-9]", path.read_text()))
    assert named <= known_variables()


@pytest.mark.parametrize("name", OURS)
def test_compose_runs_commands_that_exist(name: str) -> None:
    parse([str(word) for word in compose()["services"][name]["command"]])


@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.name)
def test_units_run_commands_that_exist(unit: Path) -> None:
    (line,) = re.findall(r"^ExecStart=(.+)$", unit.read_text(), re.MULTILINE)
    program, *words = shlex.split(line)
    assert program == "/opt/oceanbench/bin/oceanbench"
    parse(words)


def test_the_image_runs_a_command_that_exists() -> None:
    (line,) = re.findall(r"^CMD (\[.+\])$", (DEPLOY / "Dockerfile").read_text(), re.MULTILINE)
    parse(yaml.safe_load(line))


def test_every_container_has_bounds_and_gains_no_rights() -> None:
    for name, service in compose()["services"].items():
        assert "no-new-privileges:true" in service["security_opt"], name
        assert service["cap_drop"] == ["ALL"], name
        assert service["mem_limit"], name
        assert service["pids_limit"], name


def test_only_the_web_process_is_reached_from_outside_and_only_from_this_machine() -> None:
    services = compose()["services"]
    assert compose()["networks"]["inside"] == {"internal": True}
    assert [name for name, service in services.items() if "outside" in service["networks"]] == ["web"]
    assert {name: service["ports"] for name, service in services.items() if "ports" in service} == {
        "web": ["127.0.0.1:8000:8000"]
    }


def test_only_workers_see_the_truth() -> None:
    services = compose()["services"]
    assert [name for name, one in services.items() if any("/truth" in v for v in one.get("volumes", []))] == [
        "worker"
    ]


def test_two_workers_are_started() -> None:
    assert compose()["services"]["worker"]["deploy"]["replicas"] == 2


def test_the_settings_of_compose_are_safe_for_production(tmp_path: Path) -> None:
    given = {
        **{
            name: "k" * 8 + "0123456789abcdefghijklmnopqrstuvwxyz"
            for name in ("OCEANBENCH_SECRET_KEY", "S3_SECRET")
        },
        **dict.fromkeys(("POSTGRES_PASSWORD", "REDIS_PASSWORD"), "secret"),
        "OCEANBENCH_BASE_URL": "https://board.example.org",
    }
    said = {
        name: re.sub(r"\$\{(\w+)[^}]*\}", lambda found: given.get(found.group(1), ""), str(value))
        for name, value in compose()["services"]["web"]["environment"].items()
    }
    folder = tmp_path / "service"
    folder.mkdir(mode=0o700)
    settings = Settings.from_environment(folder, said)
    assert settings.mode == "production"
    check_production(settings, WebSettings.from_environment(said), said)


@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.name)
def test_units_give_up_all_rights(unit: Path) -> None:
    lines = unit.read_text().splitlines()
    for wanted in (
        "NoNewPrivileges=yes",
        "CapabilityBoundingSet=",
        "ProtectSystem=strict",
        "UMask=0077",
        "StateDirectoryMode=0700",
        "User=oceanbench",
    ):
        assert wanted in lines


def test_the_worker_unit_leaves_what_confines_uploaded_files() -> None:
    text = (DEPLOY / "oceanbench-worker.service").read_text()
    assert "RestrictNamespaces=user net" in text
    assert "--require-isolation" in text
    for call in (
        "landlock_create_ruleset",
        "landlock_add_rule",
        "landlock_restrict_self",
        "seccomp",
        "unshare",
    ):
        assert re.search(rf"^SystemCallFilter=.*\b{call}\b", text, re.MULTILINE)
