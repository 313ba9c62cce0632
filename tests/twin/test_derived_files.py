"""The digest of values, and files that are kept only if they have it."""

from collections.abc import Callable
from pathlib import Path

import netCDF4
import numpy as np
import pytest

from oceanbench.twin import DigestError
from oceanbench.twin.derived_files import announce, announced_digest, values_digest, write_checked


def write(path: Path, heights: np.ndarray, *, level: int = 0) -> None:
    """A file of heights, compressed or not."""
    with netCDF4.Dataset(path, "w") as dataset:
        dataset.createDimension("time", heights.size)
        dataset.createVariable("ssh", "f8", ("time",), zlib=level > 0, complevel=level or 1)[:] = heights
        dataset.createVariable("remark", "f8", ("time",))[:] = np.arange(heights.size)


def maker(heights: np.ndarray, *, level: int = 0) -> Callable[[Path], None]:
    """What writes ``obs.nc`` into a folder."""
    return lambda folder: write(folder / "obs.nc", heights, level=level)


def digest(folder: Path) -> str:
    """Digest of the heights in millimetres."""
    return values_digest({"obs": folder / "obs.nc"}, {"ssh": 1e-3})


HEIGHTS = np.array([0.1234, -0.5, 1.0])


def test_the_digest_sees_rounded_values_and_not_the_bytes(tmp_path: Path) -> None:
    digests = []
    for number, (heights, level) in enumerate([(HEIGHTS, 0), (HEIGHTS + 1e-5, 9), (HEIGHTS + 1e-3, 0)]):
        write(tmp_path / f"{number}.nc", heights, level=level)
        digests.append(values_digest({"obs": tmp_path / f"{number}.nc"}, {"ssh": 1e-3}))
    assert digests[0] == digests[1] != digests[2]


def test_files_with_the_announced_digest_are_kept(tmp_path: Path) -> None:
    made = announce(tmp_path, make=maker(HEIGHTS), digest=digest)
    assert announced_digest(tmp_path) == made
    write_checked(tmp_path, tmp_path / "out", make=maker(HEIGHTS, level=4), digest=digest)
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["obs.nc"]


def test_files_with_another_digest_are_refused_and_leave_nothing(tmp_path: Path) -> None:
    made = announce(tmp_path, make=maker(HEIGHTS), digest=digest)
    with pytest.raises(DigestError, match=made):
        write_checked(tmp_path, tmp_path / "out", make=maker(HEIGHTS + 0.01), digest=digest)
    assert list((tmp_path / "out").iterdir()) == []


def test_a_folder_that_announces_nothing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"OBSERVATIONS\.sha256"):
        write_checked(tmp_path, tmp_path / "out", make=maker(HEIGHTS), digest=digest)
