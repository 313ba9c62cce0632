"""The process that scores: its limits, its end, and what is told of it."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from oceanbench_leaderboard.scorer import NotScored, Scored, WarmScorer, run_scorer
from oceanbench_leaderboard.scorer.running import run_module
from oceanbench_leaderboard.settings import Limits
from tests.leaderboard.scorer.jobs import JOB, Canonical
from tests.toy_sea import map_of

type Run = Callable[..., Scored | NotScored]

QUICK = Limits(scorer_seconds=20)


@pytest.fixture
def misbehave(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Let another program stand for the scorer."""
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))

    def run(program: str, limits: Limits = QUICK) -> Scored | NotScored:
        (tmp_path / "stand_in.py").write_text(textwrap.dedent(program))
        return run_scorer(tmp_path, tmp_path / "out", JOB, limits, start=partial(run_module, "stand_in"))

    return run


def failed(outcome: Scored | NotScored) -> NotScored:
    assert isinstance(outcome, NotScored)
    assert outcome.fault == "service"
    return outcome


def gone(process: int) -> bool:
    try:
        status = Path(f"/proc/{process}/stat").read_text()
    except FileNotFoundError:
        return True
    return status.rpartition(")")[2].split()[0] == "Z"


def wait_until(true: Callable[[], bool], seconds: float = 10.0) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if true():
            return True
        time.sleep(0.02)
    return False


@pytest.mark.slow
@pytest.mark.usefixtures("toy_board")
def test_a_process_of_its_own_scores_and_writes_the_report(canonical: Canonical, tmp_path: Path) -> None:
    (tmp_path / "out" / "report").mkdir(parents=True)
    (tmp_path / "out" / "report" / "left.html").write_text("of an earlier attempt")
    outcome = run_scorer(canonical(map_of()), tmp_path / "out", JOB, Limits())
    assert isinstance(outcome, Scored)
    assert 0.6 < outcome.results["public"]["evaluation"]["official"]["mu"] < 0.7
    assert tmp_path / "out" / "report" / "index.html" in outcome.report
    assert all(file.is_file() and file.name != "left.html" for file in outcome.report)


@pytest.mark.slow
def test_a_folder_without_a_map_is_the_fault_of_the_service(toy_board: Path, tmp_path: Path) -> None:
    outcome = failed(run_scorer(tmp_path / "nothing", tmp_path / "out", JOB, Limits()))
    assert outcome.again
    assert str(tmp_path) not in outcome.reason
    assert "FileNotFoundError" in outcome.log


def test_a_scorer_that_takes_too_long_is_ended_with_all_that_it_started(
    misbehave: Run, tmp_path: Path
) -> None:
    outcome = failed(
        misbehave(
            """
            import subprocess, sys, time
            child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
            print(child.pid, flush=True)
            time.sleep(60)
            """,
            Limits(scorer_seconds=2),
        )
    )
    assert outcome.reason == "scoring took more than 2 s"
    assert not outcome.again
    assert wait_until(lambda: gone(int(outcome.log)))


def test_a_scorer_that_is_killed_may_be_tried_again(misbehave: Run) -> None:
    outcome = failed(misbehave("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)"))
    assert outcome.again
    assert outcome.reason == "the scorer was ended by signal 9"


def test_a_scorer_with_a_bug_keeps_its_trace_for_administrators(misbehave: Run) -> None:
    outcome = failed(misbehave("print('x' * 20000)\nraise RuntimeError('in /a/secret/place')"))
    assert outcome.reason == "the scorer failed"
    assert not outcome.again
    assert "RuntimeError: in /a/secret/place" in outcome.log
    assert len(outcome.log) <= 8192


def test_a_scorer_cannot_take_more_memory_than_allowed(misbehave: Run) -> None:
    outcome = failed(
        misbehave(
            """
            from oceanbench_leaderboard.scorer._child import _bound
            _bound(20, 400 << 20)
            bytearray(1 << 30)
            """,
            Limits(scorer_seconds=20, scorer_memory=400 << 20),
        )
    )
    assert outcome.reason == f"scoring needed more memory than {400 << 20} bytes"


@pytest.mark.parametrize("words", ["", "{", "[1, 2]", '{"flags": []}', '{"not_scored": {"fine": 1}}'])
def test_an_answer_that_is_none_is_the_fault_of_the_service(misbehave: Run, words: str) -> None:
    outcome = failed(misbehave(f"open('answer.json', 'w').write({words!r})"))
    assert outcome.again
    assert "gave no answer" in outcome.reason


def test_a_scorer_that_says_nothing_gave_no_answer(misbehave: Run) -> None:
    assert "gave no answer (FileNotFoundError)" in failed(misbehave("")).reason


def test_the_scorer_sees_the_data_and_none_of_the_secrets(
    misbehave: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OCEANBENCH_SECRET_KEY", "hush")
    monkeypatch.setenv("OCEANBENCH_DATABASE_URL", "postgresql://me:hush@there/base")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "hush")
    monkeypatch.setenv("OCEANBENCH_DATA", "/the/data")
    outcome = failed(misbehave("import os\nprint(dict(os.environ))\nraise SystemExit(1)"))
    assert "hush" not in outcome.log
    assert "'OCEANBENCH_DATA': '/the/data'" in outcome.log
    assert "'OMP_NUM_THREADS': '1'" in outcome.log


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a process that its parent is gone")
def test_the_scorer_does_not_outlive_the_worker(tmp_path: Path) -> None:
    child = (
        "import os, time; from oceanbench_leaderboard.scorer._child import die_with; "
        "die_with(os.getppid()); open('ready', 'w').write(str(os.getpid())); time.sleep(60)"
    )
    worker = subprocess.Popen(
        [sys.executable, "-c", f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}])"],
        cwd=tmp_path,
    )
    ready = tmp_path / "ready"
    assert wait_until(lambda: ready.exists() and ready.read_text() != "", 30)
    os.kill(worker.pid, signal.SIGKILL)
    worker.wait()
    assert wait_until(lambda: gone(int(ready.read_text())))


def test_a_scorer_whose_worker_is_gone_already_does_not_begin(tmp_path: Path) -> None:
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "from oceanbench_leaderboard.scorer._child import die_with; die_with(1); print('began')",
        ],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        check=False,
    )
    assert done.returncode == 1
    assert "the worker was gone" in done.stderr
    assert done.stdout == ""


# --- a scorer that waits


@pytest.fixture(scope="module")
def warm() -> Iterator[WarmScorer]:
    """A scorer that waits with all libraries loaded."""
    with WarmScorer() as scorer:
        yield scorer


@pytest.mark.slow
@pytest.mark.usefixtures("toy_board")
def test_a_waiting_scorer_scores_one_map_after_another(
    canonical: Canonical, tmp_path: Path, warm: WarmScorer
) -> None:
    place = canonical(map_of())
    outcomes = [warm(place, tmp_path / name, JOB, Limits()) for name in ("one", "two")]
    assert warm.process_id is not None
    numbers = []
    for outcome, name in zip(outcomes, ("one", "two"), strict=True):
        assert isinstance(outcome, Scored)
        numbers.append(outcome.results["public"]["evaluation"]["official"])
        assert tmp_path / name / "report" / "index.html" in outcome.report
    assert numbers[0] == numbers[1]


@pytest.mark.slow
def test_a_waiting_scorer_sees_the_data_of_each_job(
    canonical: Canonical, toy_board: Path, tmp_path: Path, warm: WarmScorer, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = canonical(map_of())
    monkeypatch.setenv("OCEANBENCH_PATH", str(tmp_path))
    outcome = failed(warm(place, tmp_path / "out", JOB, Limits()))
    assert "no challenge is called 'toy'" in outcome.log


@pytest.mark.slow
@pytest.mark.usefixtures("toy_board")
def test_a_waiting_scorer_ends_what_takes_too_long_and_goes_on(
    canonical: Canonical, tmp_path: Path, warm: WarmScorer
) -> None:
    place = canonical(map_of())
    assert isinstance(warm(place, tmp_path / "out", JOB, Limits()), Scored)
    before = warm.process_id
    told = {"out": str(tmp_path / "out"), "seconds": 20, "memory": 1 << 40, "canonical": "", "job": {}}
    assert warm._start(told, tmp_path / "out", 0.001) is None
    assert isinstance(warm(place, tmp_path / "out", JOB, Limits()), Scored)
    assert warm.process_id == before


@pytest.mark.slow
@pytest.mark.usefixtures("toy_board")
def test_a_waiting_scorer_that_was_killed_is_started_anew(
    canonical: Canonical, tmp_path: Path, warm: WarmScorer
) -> None:
    place = canonical(map_of())
    assert isinstance(warm(place, tmp_path / "out", JOB, Limits()), Scored)
    assert warm.process_id is not None
    os.kill(warm.process_id, signal.SIGKILL)
    outcome = warm(place, tmp_path / "out", JOB, Limits())
    assert isinstance(outcome, Scored) or outcome.again
    assert isinstance(warm(place, tmp_path / "out", JOB, Limits()), Scored)


@pytest.mark.slow
def test_a_bug_in_a_waiting_scorer_ends_one_job_only(tmp_path: Path, warm: WarmScorer) -> None:
    bad = JOB.model_copy(update={"card": {}, "challenge": "none of this name"})
    first = failed(warm(tmp_path / "nothing", tmp_path / "out", bad, Limits()))
    assert "no challenge is called" in first.log
    before = warm.process_id
    with_less = Limits(scorer_memory=1 << 20)
    second = failed(warm(tmp_path / "nothing", tmp_path / "out", bad, with_less))
    assert "more memory than" in second.reason or second.reason == "the scorer failed"
    assert warm.process_id == before


def test_a_scorer_that_was_never_asked_has_started_nothing() -> None:
    with WarmScorer() as scorer:
        assert scorer.process_id is None
