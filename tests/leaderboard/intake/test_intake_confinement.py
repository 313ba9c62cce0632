"""What a process that reads a file cannot do, tried from inside one."""

import errno
import json
import os
import resource
import socket
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import h5py
import pytest

from oceanbench.catalog import shipped_challenges
from oceanbench.challenge import Challenge
from oceanbench.submission import open_map
from oceanbench_leaderboard.intake import Verdict, isolation_here, reader, run_intake
from oceanbench_leaderboard.intake._calls import ABSENT, FIRST_OF_OTHERS, NO_ACCESS, NOT_PERMITTED
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


# --- other processes and files of the same user


@pytest.fixture
def sibling() -> Iterator["subprocess.Popen[bytes]"]:
    """A process of the same user that has nothing to do with the reading."""
    with subprocess.Popen([sys.executable, "-I", "-S", "-c", "input()"], stdin=subprocess.PIPE) as process:
        yield process
        process.kill()


def _state_of(process: int) -> list[object]:
    stat = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    limits = resource.prlimit(process, resource.RLIMIT_NOFILE)
    return [limits, stat[15:17], os.sched_getscheduler(process), sorted(os.sched_getaffinity(process))]


ON_A_SIBLING = {
    "its limits": "resource.prlimit({pid}, resource.RLIMIT_NOFILE, (0, 0))",
    "its priority": "os.setpriority(os.PRIO_PROCESS, {pid}, 19)",
    "its class of scheduling": "os.sched_setscheduler({pid}, os.SCHED_IDLE, os.sched_param(0))",
    "the parameters of its scheduling": "os.sched_setparam({pid}, os.sched_param(0))",
    "its processors": "os.sched_setaffinity({pid}, {{0}})",
    "a signal": "os.kill({pid}, signal.SIGKILL)",
    "a signal to all": "os.kill(-1, signal.SIGKILL)",
    "a signal to its group": "os.killpg(os.getpgid({pid}), signal.SIGKILL)",
    "a handle of it": "os.pidfd_open({pid})",
    "signals of a file": "fcntl.fcntl(os.pipe()[0], fcntl.F_SETOWN, {pid})",
    "which signal of a file": "fcntl.fcntl(os.pipe()[0], 10, signal.SIGKILL)",
}


def _each(deeds: dict[str, str]) -> str:
    """Write a deed that does all of these, and gives what came of each."""
    return (
        "import fcntl, resource\ncame = {}\n"
        f"for name, deed in {deeds!r}.items():\n"
        "    try:\n        came[name] = repr(eval(deed))\n"
        "    except OSError as error:\n        came[name] = errno.errorcode[error.errno]\n"
        "return came"
    )


def test_it_does_nothing_to_another_process_of_its_user(
    tried: Callable[..., Any], sibling: "subprocess.Popen[bytes]"
) -> None:
    before = _state_of(sibling.pid)
    deeds = {what: deed.format(pid=sibling.pid) for what, deed in ON_A_SIBLING.items()}
    assert tried(_each(deeds)) == dict.fromkeys(ON_A_SIBLING, "EPERM")
    assert sibling.poll() is None
    assert _state_of(sibling.pid) == before


def test_without_the_filter_of_calls_it_would_reach_another_process(
    tried: Callable[..., Any], sibling: "subprocess.Popen[bytes]"
) -> None:
    without = "from oceanbench_leaderboard.intake import _confine\n_confine.filter_calls = lambda: None"
    deed = ON_A_SIBLING["its limits"].format(pid=sibling.pid)
    tried(f"import resource\nreturn {deed} and None", without)
    assert resource.prlimit(sibling.pid, resource.RLIMIT_NOFILE) == (0, 0)


ON_A_FILE = {
    "its mode": "os.chmod({path!r}, 0o777)",
    "its times": "os.utime({path!r}, (1, 1))",
    "its attributes": "os.setxattr({path!r}, 'user.a', b'b')",
    "fewer attributes": "os.removexattr({path!r}, 'user.a')",
    "its owner": "os.chown({path!r}, os.getuid(), os.getgid())",
    "its length": "os.truncate({path!r}, 0)",
    "its length by reading": "os.open({path!r}, os.O_RDONLY | os.O_TRUNC)",
    "another name": "os.link({path!r}, {path!r} + '2')",
    "another place": "os.rename({path!r}, {path!r} + '2')",
    "a link to it": "os.symlink({path!r}, {path!r} + '2')",
    "its end": "os.unlink({path!r})",
    "more of it": "os.open({path!r}, os.O_WRONLY)",
}


def test_it_changes_nothing_about_a_file_of_its_user(tried: Callable[..., Any], tmp_path: Path) -> None:
    path = tmp_path / "service.sqlite"
    path.write_text("rows")
    path.chmod(0o600)
    before = path.stat()
    deeds = {what: deed.format(path=str(path)) for what, deed in ON_A_FILE.items()}
    assert tried(_each(deeds)) == dict.fromkeys(ON_A_FILE, "EACCES")
    assert path.stat() == before
    assert path.read_text() == "rows"
    assert sorted(place.name for place in tmp_path.iterdir()) == ["job", "sent.nc", "service.sqlite"]


def test_where_landlock_is_absent_the_filter_still_keeps_files_from_being_written(
    tried: Callable[..., Any], tmp_path: Path
) -> None:
    path = tmp_path / "service.sqlite"
    path.write_text("rows")
    none = "raise OSError('this kernel has no Landlock')"
    without = (
        "from oceanbench_leaderboard.intake import _confine\n"
        f"def absent(*_):\n    {none}\n_confine.allow_reading = absent"
    )
    deeds = {what: deed.format(path=str(path)) for what, deed in ON_A_FILE.items()}
    assert tried(_each(deeds), without) == dict.fromkeys(ON_A_FILE, "EACCES")
    assert path.read_text() == "rows"


def test_every_call_that_is_listed_is_denied(tried: Callable[..., Any]) -> None:
    column = {"x86_64": 0, "aarch64": 1}[os.uname().machine]
    expected = [
        (name, numbers[column], error)
        for calls, error in (
            (NOT_PERMITTED | FIRST_OF_OTHERS, errno.EPERM),
            (NO_ACCESS, errno.EACCES),
            (ABSENT, errno.ENOSYS),
        )
        for name, numbers in calls.items()
        if numbers[column]
    ]
    assert len(expected) > 90
    deed = (
        "libc, others = ctypes.CDLL(None, use_errno=True), []\n"
        f"for name, number, error in {expected!r}:\n"
        "    if libc.syscall(number, os.getppid(), *(0,) * 5) != -1 or ctypes.get_errno() != error:\n"
        "        others.append([name, ctypes.get_errno()])\n"
        "return others"
    )
    assert tried(deed) == []


def test_it_may_signal_and_bound_itself(tried: Callable[..., Any]) -> None:
    deed = "import resource\nos.kill(os.getpid(), 0)\nreturn resource.getrlimit(resource.RLIMIT_CORE)"
    assert tried(deed) == [0, 0]


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


@pytest.fixture
def way_in() -> Iterator[None]:
    """Others get to the interpreter and to this checkout, should root keep them in a closed folder."""
    above = {parent for place in library_places() for parent in place.resolve().parents}
    modes = {folder: stat.S_IMODE(folder.stat().st_mode) for folder in above}
    closed = {folder: mode for folder, mode in modes.items() if not mode & 0o001} if os.getuid() == 0 else {}
    for folder, mode in closed.items():
        folder.chmod(mode | 0o011)
    yield
    for folder, mode in closed.items():
        folder.chmod(mode)


@pytest.mark.usefixtures("way_in")
def test_an_ordinary_user_is_confined_as_root_is(
    toy: Challenge, monkeypatch: pytest.MonkeyPatch, upload: Path
) -> None:
    # nobody may not be able to read all of the interpreter, so the libraries are loaded before
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
