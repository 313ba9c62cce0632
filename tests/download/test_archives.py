"""Archives: what is wanted arrives whole, and what would do harm leaves everything as it was."""

import bz2
import gzip
import hashlib
import io
import lzma
import os
import signal
import subprocess
import sys
import tarfile
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from oceanbench.download import unpack
from oceanbench.download.archives import ArchiveError, DamagedArchiveError, Limits

FILES = {"data/a.nc": b"aaa" * 50_000, "data/sub/b.nc": os.urandom(70_000), "README": b"read me"}


def _member(name: str, content: bytes = b"data", **facts: object) -> tuple[tarfile.TarInfo, bytes]:
    info = tarfile.TarInfo(name)
    info.size = len(content)
    for key, value in facts.items():
        setattr(info, key, value)
    return info, content


@pytest.fixture
def tar(tmp_path) -> Callable[..., Path]:
    """Write a tar of members, after those of ``FILES``."""

    def write(*members: tuple[tarfile.TarInfo, bytes], mode: str = "w", name: str = "all.tar") -> Path:
        path = tmp_path / name
        with tarfile.open(path, mode) as archive:
            for info, content in (*(_member(*item) for item in FILES.items()), *members):
                archive.addfile(info, io.BytesIO(content) if info.isreg() else None)
        return path

    return write


@pytest.fixture
def into(tmp_path) -> Path:
    return tmp_path / "data"


def by_name(name: str) -> Path | None:
    """Take what is a NetCDF file, without its folders."""
    return Path(Path(name).name) if name.endswith(".nc") else None


def everything(name: str) -> Path:
    return Path(name)


@pytest.mark.parametrize("mode", ["w", "w:gz", "w:bz2", "w:xz"])
def test_wanted_members_arrive_and_others_do_not(tar, into, mode):
    placed = unpack(tar(mode=mode), into, by_name)
    assert sorted(path.name for path in into.iterdir()) == ["a.nc", "b.nc"]
    assert (into / "b.nc").read_bytes() == FILES["data/sub/b.nc"]
    assert [one.member for one in placed] == ["data/a.nc", "data/sub/b.nc"]
    assert placed[1].sha256 == hashlib.sha256(FILES["data/sub/b.nc"]).hexdigest()
    assert placed[1].mtime_ns == (into / "b.nc").stat().st_mtime_ns


def test_folders_of_targets_are_made(tar, into):
    unpack(tar(), into, everything)
    assert (into / "data" / "sub" / "b.nc").read_bytes() == FILES["data/sub/b.nc"]


def test_a_file_that_is_there_is_replaced(tar, into):
    into.mkdir()
    (into / "a.nc").write_bytes(b"older")
    unpack(tar(), into, by_name)
    assert (into / "a.nc").read_bytes() == FILES["data/a.nc"]


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress])
def test_a_single_packed_file_is_unpacked(tmp_path, into, pack):
    suffix = {gzip.compress: "gz", bz2.compress: "bz2", lzma.compress: "xz"}[pack]
    path = tmp_path / f"map.nc.{suffix}"
    path.write_bytes(pack(b"CDF" * 1000))
    assert [one.member for one in unpack(path, into, everything)] == ["map.nc"]
    assert (into / "map.nc").read_bytes() == b"CDF" * 1000


def test_what_is_no_archive_is_told(tmp_path, into):
    path = tmp_path / "x.tar.gz"
    path.write_bytes(b"<html>" * 200)
    with pytest.raises(ArchiveError, match=r"x\.tar\.gz is not an archive"):
        unpack(path, into, everything)


def test_an_empty_archive_says_that_it_holds_nothing(tmp_path, into):
    with tarfile.open(tmp_path / "x.tar", "w"):
        pass
    with pytest.raises(ArchiveError, match="it holds nothing"):
        unpack(tmp_path / "x.tar", into, everything)


def test_where_nothing_is_wanted_the_first_members_are_listed(tar, into):
    extra = [_member(f"{number}.txt") for number in range(20)]
    with pytest.raises(
        ArchiveError, match=r"it holds data/a\.nc, data/sub/b\.nc, README, 0\.txt, .*6\.txt, …$"
    ):
        unpack(tar(*extra), into, lambda name: None)


HARM = {
    "an absolute path": _member("/etc/passwd"),
    "a path out of its folder": _member("data/../../passwd"),
    "a Windows drive": _member("C:/windows/system.ini"),
    "a Windows path out of its folder": _member("..\\system.ini"),
    "a share": _member("\\\\server\\share\\x.nc"),
    "a symbolic link": _member("link.nc", b"", type=tarfile.SYMTYPE, linkname="/etc/passwd"),
    "a symbolic link to a sibling": _member("link.nc", b"", type=tarfile.SYMTYPE, linkname="README"),
    "a hard link": _member("link.nc", b"", type=tarfile.LNKTYPE, linkname="README"),
    "a device": _member("disk.nc", b"", type=tarfile.BLKTYPE, devmajor=8),
    "a terminal": _member("tty.nc", b"", type=tarfile.CHRTYPE, devmajor=5),
    "a pipe": _member("pipe.nc", b"", type=tarfile.FIFOTYPE),
    "a name that comes twice": _member("data/a.nc"),
    "a name that comes twice in disguise": _member("./data//a.nc"),
    "a name with control characters": _member("a\x1b[2Jb.nc"),
    "two members for one target": _member("other/a.nc"),
}


def test_an_archive_that_would_do_harm_is_not_called_damaged(tar, into):
    """Deleting it and fetching it again would not help."""
    for member in HARM.values():
        with pytest.raises(ArchiveError) as caught:
            unpack(tar(member), into, by_name)
        assert not isinstance(caught.value, DamagedArchiveError)


@pytest.mark.parametrize("harm", HARM)
def test_an_archive_with_one_bad_member_leaves_everything_as_it_was(tar, tmp_path, into, harm):
    into.mkdir()
    (into / "a.nc").write_bytes(b"older")
    path = tar(HARM[harm])
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(ArchiveError, match="nothing of it is placed"):
        unpack(path, into, by_name)
    assert sorted(tmp_path.rglob("*")) == before
    assert (into / "a.nc").read_bytes() == b"older"


def test_a_bad_member_is_refused_even_if_it_is_not_wanted(tar, into):
    with pytest.raises(ArchiveError, match=r"'\.\./passwd', a path out of its folder"):
        unpack(tar(_member("../passwd")), into, by_name)


@pytest.mark.parametrize("target", ["/etc/passwd", "../x.nc"])
def test_a_target_outside_is_refused_as_well(tar, into, target):
    with pytest.raises(ValueError, match="is not below"):
        unpack(tar(), into, lambda name: Path(target))


def test_a_bomb_is_refused(tmp_path, into):
    path = tmp_path / "bomb.gz"
    path.write_bytes(gzip.compress(bytes(30_000_000)))
    with pytest.raises(ArchiveError, match=r"to more than 10000000 bytes, 200 times its own size: .*bomb"):
        unpack(path, into, everything, limits=Limits(always_allowed=10**7))
    assert list(into.iterdir()) == []


def test_a_bomb_that_is_not_wanted_is_refused_too(tar, into):
    path = tar(_member("zeros.txt", bytes(30_000_000)), mode="w:gz")
    with pytest.raises(ArchiveError, match="bomb"):
        unpack(path, into, by_name, limits=Limits(always_allowed=10**7))
    assert list(into.iterdir()) == []


def test_headers_that_would_fill_the_memory_are_refused(tmp_path, into):
    """A note of 60 MB before a member: tar reads notes into memory as a whole."""
    info = tarfile.TarInfo("x.nc")
    info.pax_headers = {"comment": "x" * 60_000_000}
    path = tmp_path / "all.tar"
    with tarfile.open(path, "w", format=tarfile.PAX_FORMAT) as archive:
        archive.addfile(info)
    with pytest.raises(ArchiveError, match="headers beyond all measure"):
        unpack(path, into, everything)


def test_too_many_members_are_refused(tar, into):
    with pytest.raises(ArchiveError, match="more than 5 members"):
        unpack(
            tar(*(_member(f"{number}.nc") for number in range(3))), into, by_name, limits=Limits(members=5)
        )
    assert list(into.iterdir()) == []


def test_the_limit_grows_with_the_archive():
    assert Limits().bytes_of(0) == 2**30
    assert Limits().bytes_of(10**9) == 200 * 10**9


def test_a_member_larger_than_the_disk_is_refused_before_it_is_written(tar, into, monkeypatch):
    monkeypatch.setattr("oceanbench.download.space.free_bytes", lambda folder: 100_000)
    monkeypatch.setattr("oceanbench.download.space.MARGIN", 0)
    with pytest.raises(OSError, match="150 kB are needed"):
        unpack(tar(), into, by_name)
    assert list(into.iterdir()) == []


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(data=st.data(), mode=st.sampled_from(["w", "w:gz", "w:bz2", "w:xz"]))
def test_an_archive_that_is_cut_anywhere_is_refused(tar, into, data, mode):
    path = tar(mode=mode)
    whole = path.read_bytes()
    # a tar is padded with zeros after its mark of two blocks: those may be missing
    content = tarfile.RECORDSIZE if mode == "w" else 0
    cut = data.draw(st.integers(0, len(whole) - 1 - content))
    path.write_bytes(whole[:cut])
    kind = ArchiveError if cut < tarfile.BLOCKSIZE else DamagedArchiveError
    with pytest.raises(kind, match=r"damaged|cut|not an archive"):
        unpack(path, into, by_name)
    assert list(into.iterdir()) == []


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(data=st.data(), mode=st.sampled_from(["w:gz", "w:bz2", "w:xz"]))
def test_a_compressed_archive_with_one_wrong_byte_never_gives_another_content(tar, into, data, mode):
    path = tar(mode=mode)
    content = bytearray(path.read_bytes())
    content[data.draw(st.integers(0, len(content) - 1))] ^= data.draw(st.integers(1, 255))
    path.write_bytes(content)
    for left in into.glob("*"):
        left.unlink()
    try:
        unpack(path, into, by_name)
    except ArchiveError:
        assert list(into.iterdir()) == []
    else:  # the name and the date in the head of a gz are guarded by nothing, and mean nothing
        assert (into / "a.nc").read_bytes() == FILES["data/a.nc"]
        assert (into / "b.nc").read_bytes() == FILES["data/sub/b.nc"]


def test_a_tar_with_a_damaged_header_is_not_taken_for_one_that_ends_there(tar, into):
    path = tar()
    content = bytearray(path.read_bytes())
    second = tarfile.BLOCKSIZE + -(-len(FILES["data/a.nc"]) // tarfile.BLOCKSIZE) * tarfile.BLOCKSIZE
    content[second] ^= 1
    path.write_bytes(content)
    with pytest.raises(DamagedArchiveError, match="is damaged after 1 members"):
        unpack(path, into, by_name)
    assert list(into.iterdir()) == []


def test_a_run_that_was_killed_leaves_nothing_in_the_way(tar, into):
    staging = into / ".unpacking-all.tar"
    staging.mkdir(parents=True)
    (staging / "1").write_bytes(b"half")
    unpack(tar(), into, by_name)
    assert sorted(path.name for path in into.iterdir()) == ["a.nc", "b.nc"]


class Died(BaseException):
    """The process dies here."""


def _is_whole_or_absent(into: Path) -> None:
    for path in into.rglob("*"):
        if path.is_file() and ".unpacking-" not in str(path) and path.suffix != ".guard":
            assert path.read_bytes() == FILES[path.relative_to(into).as_posix()]


@pytest.mark.parametrize("after", range(len(FILES) + 1))
def test_an_error_after_any_member_was_placed_leaves_no_half_file_and_the_next_run_all(
    tar, into, monkeypatch, after
):
    left, place = iter(range(after)), os.replace

    def replace(source: Path, target: Path) -> None:
        if next(left, None) is None:
            raise Died
        place(source, target)

    with monkeypatch.context() as patched:
        patched.setattr("oceanbench.download.archives.os.replace", replace)
        with pytest.raises(Died) if after < len(FILES) else nullcontext():
            unpack(tar(), into, everything)
    _is_whole_or_absent(into)
    assert sum(path.is_file() for path in into.rglob("*")) == after
    assert {one.member for one in unpack(tar(), into, everything)} == set(FILES)
    assert {path.relative_to(into).as_posix() for path in into.rglob("*") if path.is_file()} == set(FILES)
    _is_whole_or_absent(into)


# Unpacks in children, of which each is killed at a later call that writes to the folder.
_KILLED = """
import os, signal, sys
from pathlib import Path
from oceanbench.download import archives
archive, folder = Path(sys.argv[1]), Path(sys.argv[2])
calls = 0
def deadly(call, last):
    def run(*args, **options):
        global calls
        calls += 1
        if calls > last:
            os.kill(os.getpid(), signal.SIGKILL)
        return call(*args, **options)
    return run
for last in range(int(sys.argv[3])):
    child = os.fork()
    if child == 0:
        os.replace = deadly(os.replace, last)
        Path.mkdir, Path.open = deadly(Path.mkdir, last), deadly(Path.open, last)
        archives.unpack(archive, folder / str(last), Path)
        os._exit(0)
    print(last, os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_process_that_is_killed_at_any_step_leaves_no_half_file_and_the_next_one_unpacks_all(tar, into):
    path, steps = tar(), 30
    command = [sys.executable, "-c", _KILLED, str(path), str(into), str(steps)]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    codes = [int(code) for code in told[1::2]]
    killed = codes.index(0)
    assert killed > 3 * len(FILES)
    assert codes == [-signal.SIGKILL] * killed + [0] * (steps - killed)
    for last in range(steps):
        folder = into / str(last)
        _is_whole_or_absent(folder)
        assert len(unpack(path, folder, everything)) == len(FILES)
        _is_whole_or_absent(folder)
        left = {one.relative_to(folder).as_posix() for one in folder.rglob("*") if one.is_file()}
        assert left == set(FILES)


def test_an_interruption_leaves_nothing_half(tar, into):
    def interrupted(sentence: str, done: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        unpack(tar(), into, by_name, progress=interrupted)
    assert list(into.iterdir()) == []


def test_progress_rises_to_one(tar, into):
    told: list[tuple[str, float]] = []
    unpack(tar(mode="w:gz"), into, by_name, progress=lambda sentence, done: told.append((sentence, done)))
    assert {sentence for sentence, _ in told} == {"unpacking all.tar"}
    assert [done for _, done in told] == sorted(done for _, done in told)
    assert told[-1][1] == 1.0
