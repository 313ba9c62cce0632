"""Whatever the process that reads a file does: the intake ends in time, and says what happened."""

import json
import os
import re
import signal
import subprocess
import sys
import textwrap
import threading
import time
import zlib
from collections.abc import Callable
from math import prod
from pathlib import Path

import h5py
import numpy as np
import pytest

from oceanbench.catalog import challenge_names, load_challenge
from oceanbench.challenge import Challenge
from oceanbench_leaderboard.errors import Unavailable
from oceanbench_leaderboard.intake import Reader, Verdict, isolation_here, reader, run_intake
from oceanbench_leaderboard.intake._job import MOST_ANSWER, MOST_TRACE
from oceanbench_leaderboard.intake._memory import memory_for
from oceanbench_leaderboard.intake._needs import most_read, most_values
from oceanbench_leaderboard.settings import Limits

Intake = Callable[..., Verdict]
Misbehaving = Callable[..., Verdict]


def test_a_reader_started_for_one_file_takes_a_map(toy: Challenge, upload: Path, job: Path) -> None:
    verdict = run_intake(upload, job, toy, "half", Limits())
    assert verdict.accepted, verdict.reason
    assert verdict.isolation == isolation_here()


def test_a_second_attempt_replaces_what_the_first_left(intake: Intake, upload: Path, job: Path) -> None:
    job.mkdir()
    for name in ("header.json", "values.f8"):
        (job / name).write_text("left by a worker that was killed")
    (job / "reading").mkdir()
    (job / "reading" / "answer").write_text('{"network": "none"}\n{"problems": []}')
    assert intake(upload).accepted
    assert (job / "values.f8").stat().st_size == 8 * 14 * 13 * 21


def test_one_reader_reads_many_files_each_in_a_new_process(
    intake: Intake, upload: Path, warm: Reader
) -> None:
    assert intake(upload).accepted
    waiting = warm.process_id
    assert not intake(Path(__file__)).accepted
    assert intake(upload).accepted
    assert warm.process_id == waiting


def test_a_process_that_hangs_is_ended_in_time(misbehaving: Misbehaving) -> None:
    began = time.monotonic()
    verdict = misbehaving("time.sleep(60)", intake_seconds=1)
    assert verdict.reason == "reading it took more than 1 s"
    assert verdict.fault == "submission"
    assert time.monotonic() - began < 15.0


def test_a_reader_goes_on_after_a_process_that_hung(misbehaving: Misbehaving) -> None:
    with Reader(warm=False) as patient:
        first = misbehaving("time.sleep(60)", intake_seconds=1, using=patient)
        waiting = patient.process_id
        second = misbehaving("time.sleep(60)", intake_seconds=1, using=patient)
        assert [first.reason, second.reason] == ["reading it took more than 1 s"] * 2
        assert patient.process_id == waiting


def test_a_process_that_computes_for_ever_is_ended_in_time(misbehaving: Misbehaving) -> None:
    assert misbehaving("while True: pass", intake_seconds=1).reason == "reading it took more than 1 s"


def test_the_processor_time_is_bounded_too(misbehaving: Misbehaving) -> None:
    bound = "str(resource.getrlimit(resource.RLIMIT_CPU))"
    deed = f"import resource\nreturn {{'problems': [{{'what_given': {bound}}}]}}"
    assert misbehaving(deed, intake_seconds=7).reason == "(7, 7)"


@pytest.mark.parametrize(
    ("deed", "words"),
    [
        ("ctypes.string_at(0)", "crashed the reader (SIGSEGV)"),
        ("os.kill(os.getpid(), signal.SIGABRT)", "crashed the reader (SIGABRT)"),
        ("bytearray(1 << 40)", f"needed more memory than {memory_for(Limits())} bytes"),
        ("raise KeyError('surprise')", "reading it failed: KeyError: 'surprise'"),
        ("sys.exit(3)", "reading it failed"),
        ("os._exit(0)", "no answer that can be understood"),
        ("os.write(1, b'{]'); os._exit(0)", "no answer that can be understood"),
        ("os.write(1, b'[' * 100_000); os._exit(0)", "no answer that can be understood"),
        ("return {}", "no answer that can be understood"),
        ("return {'problems': 'none'}", "no answer that can be understood"),
        ("return {'problems': [3, None]}", "no answer that can be understood"),
        ("return {'header': 3}", "makes no map"),
        ("for _ in range(40): os.write(1, b'x' * (1 << 20))", "no answer that can be understood"),
    ],
)
def test_what_a_file_makes_of_its_reader_is_told_and_is_its_fault(
    deed: str, words: str, misbehaving: Misbehaving, job: Path
) -> None:
    verdict = misbehaving(deed)
    assert not verdict.accepted
    assert words in verdict.reason
    assert verdict.fault == "submission"
    assert verdict.isolation["network"]
    assert not list(job.iterdir())


def test_a_header_that_does_not_fit_the_values_is_refused(misbehaving: Misbehaving, job: Path) -> None:
    header = {
        "kind": "map",
        "shape": [1, 1, 2],
        "lon": [0.0, 1.0],
        "lat": [0.0],
        "time_ns": [0],
        "variable": "ssh",
        "notes": [],
        "attributes": {},
        "canonical_sha256": "0" * 64,
    }
    verdict = misbehaving(f"values.write(b'12345678')\nvalues.flush()\nreturn {{'header': {header!r}}}")
    assert verdict.reason == "it was read, but its header and its values do not fit each other"
    assert not list(job.iterdir())


def test_what_is_said_is_kept_as_plain_words_and_not_too_many(misbehaving: Misbehaving) -> None:
    deed = "return {'problems': [{'what_given': chr(27) + '[31m' + 'x' * 9999, 'more': 'y'}] * 99}"
    verdict = misbehaving(deed)
    assert len(verdict.problems) == 50
    assert verdict.problems[0] == {"what_given": "[31m" + "x" * 1995 + "…", "expected": "", "fix": ""}


@pytest.mark.parametrize(
    ("deed", "words"),
    [
        ("os.kill(os.getpid(), signal.SIGKILL)", "ended from outside"),
        ("return {'no_room': 'No space left on device'}", "could not be kept: No space left"),
    ],
)
def test_what_the_service_lacks_is_its_own_fault(deed: str, words: str, misbehaving: Misbehaving) -> None:
    verdict = misbehaving(deed)
    assert words in verdict.reason
    assert verdict.fault == "service"


def test_a_reader_that_cannot_start_is_the_fault_of_the_service(
    toy: Challenge, upload: Path, job: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reader, "_command", lambda warm: [sys.executable, "-c", "raise SystemExit(1)"])
    verdict = run_intake(upload, job, toy, "all", Limits())
    assert (verdict.accepted, verdict.fault) == (False, "service")
    assert "does not start" in verdict.reason
    with pytest.raises(Unavailable, match="does not start"):
        isolation_here()


def test_a_file_that_is_not_there_is_the_fault_of_the_service(intake: Intake, tmp_path: Path) -> None:
    verdict = intake(tmp_path / "absent.nc")
    assert (verdict.accepted, verdict.fault) == (False, "service")
    assert "absent.nc" in verdict.reason


def test_a_map_that_is_read_piece_by_piece_needs_no_threads(
    toy: Challenge, upload: Path, job: Path, intake: Intake, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_once = intake(upload)
    script = (
        "from oceanbench.submission import _values; from oceanbench_leaderboard.intake import _host; "
        "_values.LARGE_BYTES = 1000; _host.main()"
    )
    monkeypatch.setattr(reader, "_command", lambda warm: [sys.executable, "-I", "-c", script])
    in_pieces = run_intake(upload, job, toy, "all", Limits())
    assert in_pieces.accepted, in_pieces.reason
    assert in_pieces.header == at_once.header


def test_a_map_larger_than_may_be_written_is_refused(intake: Intake, upload: Path) -> None:
    verdict = intake(upload, upload_bytes=5000)
    assert verdict.reason == "its values are larger than 20000 bytes in float64"
    assert verdict.fault == "submission"


def test_a_reader_gets_no_more_than_half_of_the_memory_of_the_machine(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert memory_for(Limits(intake_memory=3 << 30)) == 3 << 30
    monkeypatch.setattr(os, "sysconf", {"SC_PHYS_PAGES": (6 << 30) // 4096, "SC_PAGE_SIZE": 4096}.get)
    assert memory_for(Limits()) == 3 << 30
    monkeypatch.setattr(os, "sysconf", {"SC_PHYS_PAGES": (1 << 30) // 4096, "SC_PAGE_SIZE": 4096}.get)
    assert memory_for(Limits()) == 2 << 30


def test_the_process_that_reads_is_the_first_to_go_where_memory_runs_out(misbehaving: Misbehaving) -> None:
    before = (
        "from oceanbench_leaderboard.intake import _confine\n"
        "apart = _confine._apart\n"
        "def look(readable):\n"
        "    global score\n"
        "    score = open('/proc/self/oom_score_adj').read()\n"
        "    return apart(readable)\n"
        "_confine._apart = look"
    )
    deed = "return {'problems': [{'what_given': score}]}"
    assert misbehaving(deed, before=before).reason == "1000"


def test_words_without_end_fill_no_disk(misbehaving: Misbehaving, job: Path) -> None:
    said = "for _ in range(34): os.write(1, b'x' * (1 << 20)); os.write(2, b'y' * (1 << 13))\n"
    with Reader(warm=False) as talking:
        verdicts: list[Verdict] = []
        deed = said + "time.sleep(60)"
        waiting = threading.Thread(target=lambda: verdicts.append(misbehaving(deed, using=talking)))
        waiting.start()
        _grown(job / "reading" / "trace", MOST_TRACE)
        _grown(job / "reading" / "answer", MOST_ANSWER)
        time.sleep(0.2)
        sizes = [(job / "reading" / name).stat().st_size for name in ("answer", "trace")]
        os.kill(_child_of(talking), signal.SIGKILL)
        waiting.join(15.0)
    assert sizes == [MOST_ANSWER, MOST_TRACE]


def test_after_a_crash_the_next_file_is_read_by_another_copy(misbehaving: Misbehaving) -> None:
    with Reader(warm=False) as reading:
        for _ in range(2):
            assert "SIGSEGV" in misbehaving("ctypes.string_at(0)", using=reading).reason
            assert reading.process_id is None


def test_an_answer_for_which_there_is_no_room_is_the_fault_of_the_service(misbehaving: Misbehaving) -> None:
    full = (
        "from oceanbench_leaderboard.intake import _hearing\n"
        "class Full:\n"
        "    def write(self, words): raise OSError(errno.ENOSPC, 'No space left on device')\n"
        "    def close(self): pass\n"
        "class Ear(_hearing.Ear):\n"
        "    def __init__(self, *given):\n"
        "        super().__init__(*given)\n"
        "        self._file.close()\n"
        "        self._file = Full()\n"
        "_host.Ear = Ear"
    )
    verdict = misbehaving("return {'problems': [{'what_given': 'x'}]}", before=full)
    assert (verdict.accepted, verdict.fault) == (False, "service")
    assert "cannot be kept: No space left on device" in verdict.reason


def test_a_refusal_names_no_place_of_this_machine(
    intake: Intake, misbehaving: Misbehaving, tmp_path: Path, job: Path
) -> None:
    path = tmp_path / "upload.nc"
    path.write_bytes(b"\x89HDF\r\n\x1a\n" + b"\0" * 2000)
    damaged = intake(path)
    deed = "raise ValueError(f'{upload!s} is odd: {str(upload)!r}, 3 m/s of 1 / 2')"
    odd = misbehaving(deed)
    for verdict in (damaged, odd):
        told = json.dumps([verdict.reason, verdict.problems])
        assert str(tmp_path) not in told
        assert not re.search(r"/\w+/", told), told
    assert odd.reason == "reading it failed: ValueError: upload.nc is odd: 'upload.nc', 3 m/s of 1 / 2"


def test_a_chunk_that_inflates_beyond_its_size_meets_the_bound_of_memory(
    intake: Intake, upload: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _inflate(upload)
    refused = intake(upload)
    assert "declares 30576 bytes, and stores" in refused.reason
    script = (
        "from oceanbench_leaderboard.intake import _host, _scan; "
        "_scan.scan = lambda path, most: None; _host.main()"
    )
    monkeypatch.setattr(reader, "_command", lambda warm: [sys.executable, "-I", "-c", script])
    with Reader(warm=False) as careless:
        verdict = intake(upload, using=careless, intake_memory=700 << 20)
    assert not verdict.accepted
    assert "cannot be read" in verdict.reason


def _inflate(upload: Path) -> None:
    with h5py.File(upload, "a") as file:
        del file["ssh"]
        made = file.create_dataset("ssh", (14, 13, 21), "<f8", chunks=(14, 13, 21), compression="gzip")
        for axis, name in enumerate(("time", "lat", "lon")):
            made.dims[axis].attach_scale(file[name])
        packer = zlib.compressobj(1)
        bomb = b"".join(packer.compress(bytes(1 << 20)) for _ in range(600)) + packer.flush()
        made.id.write_direct_chunk((0, 0, 0), bomb)


def test_a_reader_killed_while_it_reads_ends_the_reading_and_starts_anew(
    misbehaving: Misbehaving, job: Path
) -> None:
    with Reader() as fragile:
        verdicts: list[Verdict] = []
        deed = "time.sleep(60)"
        waiting = threading.Thread(target=lambda: verdicts.append(misbehaving(deed, using=fragile)))
        waiting.start()
        reading = _child_of(fragile)
        _written(job / "reading" / "answer")
        os.kill(fragile.process_id or 0, signal.SIGKILL)
        waiting.join(15.0)
        assert "ended from outside" in verdicts[0].reason
        assert verdicts[0].fault == "service"
        _gone(reading)
        assert misbehaving("return {'problems': [{'what_given': 'x'}]}", using=fragile).reason == "x"


def _child_of(reading: Reader) -> int:
    """Give the number of the process that reads, as soon as there is one."""
    for _ in range(300):
        parent = reading.process_id
        children = Path(f"/proc/{parent}/task/{parent}/children")
        if parent is not None and children.exists() and (found := children.read_text().split()):
            return int(found[0])
        time.sleep(0.05)
    raise AssertionError("no process reads")


def _written(path: Path) -> None:
    for _ in range(600):
        if path.exists() and path.stat().st_size:
            return
        time.sleep(0.05)
    raise AssertionError(f"nothing in {path}")


def _grown(path: Path, size: int) -> None:
    for _ in range(600):
        if path.exists() and path.stat().st_size >= size:
            return
        time.sleep(0.05)
    raise AssertionError(f"{path} does not grow to {size}")


def _gone(process: int) -> None:
    for _ in range(200):
        state = Path(f"/proc/{process}/stat")
        if not state.exists() or state.read_text().rpartition(")")[2].split()[0] == "Z":
            return
        time.sleep(0.05)
    raise AssertionError(f"{process} still runs")


def test_nothing_runs_on_when_the_worker_is_killed(toy: Challenge, upload: Path, tmp_path: Path) -> None:
    (tmp_path / "toy.json").write_text(toy.model_dump_json())
    script = f"""
        import sys
        from pathlib import Path
        from oceanbench.challenge import Challenge
        from oceanbench_leaderboard.intake import reader, Reader, run_intake
        from oceanbench_leaderboard.settings import Limits
        hang = "from oceanbench_leaderboard.intake import _child, _host; import time;"
        hang += "_child._read = lambda *_: time.sleep(60); _host.main()"
        reader._command = lambda warm: [sys.executable, "-I", "-c", hang]
        challenge = Challenge.model_validate_json(Path({str(tmp_path / "toy.json")!r}).read_text())
        run_intake(Path({str(upload)!r}), Path({str(tmp_path / "job")!r}), challenge, "all", Limits())
    """
    worker = subprocess.Popen([sys.executable, "-c", textwrap.dedent(script)])
    host = _only_child(worker.pid)
    reading = _only_child(host)
    worker.kill()
    worker.wait()
    _gone(reading)
    _gone(host)


def _only_child(process: int) -> int:
    for _ in range(300):
        found = Path(f"/proc/{process}/task/{process}/children").read_text().split()
        if found:
            return int(found[0])
        time.sleep(0.05)
    raise AssertionError(f"{process} started nothing")


def test_the_bound_of_values_grows_with_the_challenge(toy: Challenge) -> None:
    days = toy.periods.evaluation.days
    assert most_read(toy, "all") == (5 * 60 + 3) * (3 * 60 + 3) * (24 * days + 3)
    wide = toy.model_copy(update={"domain": toy.domain.model_copy(update={"lon": (-60.0, -20.0)})})
    assert most_read(wide, "all") == (40 * 60 + 3) * (3 * 60 + 3) * (24 * days + 3)


@pytest.mark.parametrize("degrees", [12, 4])
def test_a_map_of_the_globe_may_be_sent(degrees: int, toy: Challenge) -> None:
    days = {12: toy.periods.evaluation.days + 60, 4: 366}[degrees]
    assert most_values(toy, "all") >= 360 * degrees * (180 * degrees + 1) * days


def test_the_maps_of_each_shipped_challenge_are_far_below_the_bounds() -> None:
    for name in challenge_names():
        challenge = load_challenge(name)
        for track in [] if challenge.filters else challenge.tracks:
            scored = challenge.on(track)
            box, days = scored.domain, scored.periods.evaluation.days
            nodes = prod(
                (high - low) / scored.submission.step_degrees + 1 for low, high in (box.lon, box.lat)
            )
            assert 2 * nodes * days < most_read(challenge, track.id) <= 1 << 30
            assert most_read(challenge, track.id) < most_values(challenge, track.id)


def _write_fill(path: Path, shape: tuple[int, int, int], first_day: str = "2015-06-01") -> Path:
    """Write a map of nothing but fill values, none of them stored, all within the toy box and its days."""
    axes = {
        "time": np.arange(shape[0]) * 14 / shape[0],
        "lat": np.linspace(20.0, 23.0, shape[1]),
        "lon": np.linspace(-40.0, -35.0, shape[2]),
    }
    with h5py.File(path, "w") as file:
        made = file.create_dataset("ssh", shape, "<f8", chunks=(1, *shape[1:]))
        for axis, (name, values) in enumerate(axes.items()):
            file[name] = values
            file[name].make_scale(name)
            made.dims[axis].attach_scale(file[name])
        file["time"].attrs["units"] = f"days since {first_day}"
        file["ballast"] = np.zeros(8 * prod(shape) // 190, dtype="u1")
    return path


@pytest.mark.parametrize("first_day", ["2015-06-01", "1990-06-01"])
def test_half_a_milliard_of_fill_values_in_the_box_are_refused_at_once(
    first_day: str, intake: Intake, tmp_path: Path
) -> None:
    path = _write_fill(tmp_path / "upload.nc", (500, 1000, 1000), first_day)
    began = time.monotonic()
    verdict = intake(path, intake_seconds=30)
    assert "x 1000 x 1000 = " in verdict.reason
    assert "heights at or in the box and the days of the track" in verdict.reason
    assert time.monotonic() - began < 20.0


def test_times_that_are_all_the_same_are_not_compared_one_by_one(intake: Intake, tmp_path: Path) -> None:
    path = _write_fill(tmp_path / "upload.nc", (200, 300, 300))
    with h5py.File(path, "a") as file:
        file["time"][...] = np.repeat(np.arange(2.0), 100)
    verdict = intake(path, intake_seconds=30)
    assert verdict.reason == "198 times, latitudes or longitudes are repeated"
