"""What a process that reads a file cannot do, tried from inside one."""

import json
import os
import socket
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import pytest

from oceanbench.catalog import shipped_challenges
from oceanbench.challenge import Challenge
from oceanbench.submission import open_map
from oceanbench_leaderboard.intake import Verdict, isolation_here, reader, run_intake
from oceanbench_leaderboard.intake._places import library_places
from oceanbench_leaderboard.settings import Limits
from tests.toy_sea import write_map

Misbehaving = Callable[..., Verdict]


@pytest.fixture(autouse=True, scope="module")
def _kernel() -> None:
    """Where the kernel has a means, it must be used; where it has none, that is said, not hidden."""
    lacking = [way for way in isolation_here().values() if way.startswith("none")]
    if lacking:
        pytest.skip(f"this kernel cannot confine a process: {'; '.join(lacking)}")


@pytest.fixture
def tried(misbehaving: Misbehaving, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """Do something in a confined process, and give what came of it: a value, or the name of an error."""
    monkeypatch.setenv("OCEANBENCH_SECRET_KEY", "a secret")

    def do(deed: str, before: str = "") -> Any:
        lines = "\n".join(f"    {line}" for line in deed.splitlines())
        whole = (
            f"def deed():\n{lines}\n"
            "try:\n    found = deed()\n"
            "except OSError as error:\n    found = type(error).__name__ + ' ' + str(error.errno)\n"
            "return {'problems': [{'what_given': json.dumps(found)}]}"
        )
        return json.loads(misbehaving(whole, before=before).reason)

    return do


@pytest.fixture
def listener() -> Any:
    """A server of this machine that would take a connection."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server


def test_it_reaches_no_server_of_this_machine(tried: Callable[..., Any], listener: socket.socket) -> None:
    port = listener.getsockname()[1]
    assert tried(f"socket.create_connection(('127.0.0.1', {port}), 5)") == "PermissionError 1"


def test_it_has_no_other_network_either_where_the_filter_of_calls_is_absent(
    tried: Callable[..., Any], listener: socket.socket
) -> None:
    port = listener.getsockname()[1]
    without = "from oceanbench_leaderboard.intake import _confine\n_confine.filter_calls = lambda: None"
    found = tried(f"socket.create_connection(('127.0.0.1', {port}), 5)", without)
    assert found in ("OSError 101", "PermissionError 13")  # no route: its network is empty; or Landlock


@pytest.mark.parametrize(
    "deed",
    [
        "open({truth!r}).read()",
        "open({beside!r}, 'w')",
        "open('upload.nc', 'ab')",
        "os.unlink('upload.nc')",
        "os.mkdir('more')",
        "open('/etc/hostname').read()",
        "open('/proc/self/environ').read()",
        "open('/proc/%d/environ' % os.getppid()).read()",
        "os.listdir('/')",
        "os.listdir({folder!r})",
        "open({challenges!r} + '/2020a/challenge.toml').read()",
    ],
)
def test_it_opens_no_file_but_the_one_it_reads(deed: str, tried: Callable[..., Any], tmp_path: Path) -> None:
    (tmp_path / "truth.nc").write_text("the truth")
    places = {
        "truth": str(tmp_path / "truth.nc"),
        "beside": str(tmp_path / "job" / "more"),
        "folder": str(tmp_path),
        "challenges": str(shipped_challenges()),
    }
    assert tried(f"return {deed.format(**places)}") == "PermissionError 13"


def test_it_reads_the_file_it_is_given(tried: Callable[..., Any]) -> None:
    assert tried("return open('upload.nc', 'rb').read(4).hex()") == b"\x89HDF".hex()


@pytest.mark.parametrize(
    "deed",
    [
        "os.fork()",
        "subprocess.run(['/bin/true'])",
        "os.execv('/bin/true', ['true'])",
        "os.kill(os.getppid(), 0)",
        "os.unshare(os.CLONE_NEWUSER)",
        "socket.socketpair()",
        "ctypes.CDLL(None, use_errno=True).ptrace(16, os.getppid(), 0, 0) and 0 or "
        "(_ for _ in ()).throw(OSError(ctypes.get_errno(), ''))",
    ],
)
def test_it_starts_and_reaches_no_process(deed: str, tried: Callable[..., Any]) -> None:
    assert tried(f"return {deed}") == "PermissionError 1"


def test_it_holds_no_file_open_but_its_own(tried: Callable[..., Any]) -> None:
    deed = "def held(number):\n    try: return bool(os.fstat(number))\n    except OSError: return False\n"
    assert len(tried(deed + "return [number for number in range(64) if held(number)]")) == 4


def test_it_knows_no_secret(tried: Callable[..., Any]) -> None:
    assert sorted(set(tried("return sorted(os.environ)")) - {"LC_CTYPE", "LD_LIBRARY_PATH"}) == [
        "DASK_SCHEDULER",
        "HDF5_USE_FILE_LOCKING",
        "HOME",
        "LANG",
        "MKL_NUM_THREADS",
        "OMP_NUM_THREADS",
        "OPENBLAS_NUM_THREADS",
    ]


def test_it_may_do_nothing_as_a_privileged_user(tried: Callable[..., Any]) -> None:
    said = "import resource\nreturn [resource.getrlimit(resource.RLIMIT_NPROC), "
    assert tried(said + "resource.getrlimit(resource.RLIMIT_CORE)]") == [[0, 0], [0, 0]]
    deed = "head = (ctypes.c_uint32 * 2)(0x20080522, 0)\nsets = (ctypes.c_uint32 * 6)()\n"
    number = {"x86_64": 125, "aarch64": 90}[os.uname().machine]
    assert tried(f"{deed}ctypes.CDLL(None).syscall({number}, head, sets)\nreturn list(sets)") == [0] * 6


def test_an_ordinary_user_is_confined_as_root_is(
    toy: Challenge, monkeypatch: pytest.MonkeyPatch, upload: Path
) -> None:
    # nobody may not be able to enter the folder of the interpreter, so the libraries are loaded before
    here = isolation_here()
    nobody = "os.getuid() or (_host._load(), os.setgroups([]), os.setgid(65534), os.setuid(65534))"
    script = f"import os\nfrom oceanbench_leaderboard.intake import _host\n{nobody}\n_host.main()"
    monkeypatch.setattr(reader, "_command", lambda warm: [sys.executable, "-I", "-c", script])
    kept = os.umask(0)
    try:
        with tempfile.TemporaryDirectory() as folder:
            Path(folder).chmod(0o777)
            verdict = run_intake(upload, Path(folder) / "job", toy, "all", Limits())
    finally:
        os.umask(kept)
    assert verdict.accepted, verdict.reason
    assert verdict.isolation == here


def test_what_may_be_read_holds_no_folder_of_data() -> None:
    places = {place.resolve() for place in library_places()}
    shipped = shipped_challenges().resolve()
    assert not places & {shipped, *shipped.parents}


def test_an_attack_that_the_scan_does_not_know_reaches_no_truth(
    toy: Challenge, tmp_path: Path, job: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    truth, attack = write_map(tmp_path / "truth.nc", error_m=0.0), write_map(tmp_path / "sent.nc")
    with h5py.File(attack, "a") as file:
        del file["ssh"]
        file["ssh"] = h5py.ExternalLink(str(truth), "/ssh")
    assert open_map(attack).ssh.notnull().all()  # whoever may read the truth gets it, without a word
    script = (
        "from oceanbench_leaderboard.intake import _host, _scan; "
        "_scan.scan = lambda path, most: None; _host.main()"
    )
    monkeypatch.setattr(reader, "_command", lambda warm: [sys.executable, "-I", "-c", script])
    verdict = run_intake(attack, job, toy, "all", Limits())
    assert not verdict.accepted
    assert "no variable is known as a height" in verdict.reason or "cannot be" in verdict.reason
