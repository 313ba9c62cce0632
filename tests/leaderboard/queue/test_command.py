"""The command ``oceanbench worker``: what it reads, what it says, when it does not start."""

import threading
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from oceanbench_leaderboard.queue import command, running


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """What a worker was started with; none is."""
    calls: list[tuple[Any, ...]] = []

    def run(settings: Any, workers: int, stop: threading.Event, *, isolated_by: dict[str, str]) -> None:
        calls.append((settings.data, workers, stop.is_set(), isolated_by))

    monkeypatch.setattr(running, "run_worker", run)
    monkeypatch.setattr(command, "_stop_on_signal", threading.Event)
    monkeypatch.setattr("oceanbench_leaderboard.logs.configure_logs", lambda *_: None)
    return calls


def say(monkeypatch: pytest.MonkeyPatch, **isolated_by: str) -> None:
    monkeypatch.setattr(running, "isolation", lambda: isolated_by)


def test_a_worker_starts_with_its_folder_and_tells_its_isolation(
    ran: list[tuple[Any, ...]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    say(monkeypatch, network="namespace")
    done = CliRunner().invoke(command.worker, ["--data", str(tmp_path), "--workers", "3"])
    assert done.exit_code == 0, done.output
    assert ran == [(tmp_path, 3, False, {"network": "namespace"})]


def test_a_machine_without_isolation_is_used_unless_one_is_asked_for(
    ran: list[tuple[Any, ...]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    say(monkeypatch, network="none: the kernel has no namespaces", files="landlock")
    words = ["--data", str(tmp_path)]
    assert CliRunner().invoke(command.worker, words).exit_code == 0
    assert len(ran) == 1
    for asked in (["--require-isolation"], []):
        environment = {} if asked else {"OCEANBENCH_REQUIRE_ISOLATION": "1"}
        done = CliRunner().invoke(command.worker, [*words, *asked], env=environment)
        assert done.exit_code == 1
        assert "network: none: the kernel has no namespaces" in done.output
        assert "files: landlock" not in done.output
    assert len(ran) == 1


def test_in_production_a_machine_without_isolation_is_used_only_where_that_is_allowed(
    ran: list[tuple[Any, ...]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    say(monkeypatch, network="namespace, seccomp", files="none: no Landlock")
    words, production = ["--data", str(tmp_path)], {"OCEANBENCH_MODE": "production"}
    refused = CliRunner().invoke(command.worker, words, env=production)
    assert refused.exit_code == 1
    assert "files: none: no Landlock" in refused.output
    assert "OCEANBENCH_REQUIRE_ISOLATION=0" in refused.output
    assert not ran
    knowingly = production | {"OCEANBENCH_REQUIRE_ISOLATION": "0"}
    assert CliRunner().invoke(command.worker, words, env=knowingly).exit_code == 0
    assert (
        CliRunner().invoke(command.worker, [*words, "--no-require-isolation"], env=production).exit_code == 0
    )
    assert len(ran) == 2


def test_a_worker_takes_one_run_at_least(tmp_path: Path) -> None:
    done = CliRunner().invoke(command.worker, ["--data", str(tmp_path), "--workers", "0"])
    assert done.exit_code == 2
    assert "0 is not in the range" in done.output
