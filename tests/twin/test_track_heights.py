"""Heights along tracks, packed in one file."""

from pathlib import Path

import numpy as np
import pytest

from oceanbench.twin.track_heights import read_track_heights, write_track_heights


def test_heights_come_back_as_millimetres_of_each_altimeter(tmp_path: Path) -> None:
    write_track_heights(tmp_path / "h.nc", {"j3": np.array([0.1234, -1.5]), "c2": np.array([2.0])})
    back = read_track_heights(tmp_path / "h.nc")
    assert {name: values.tolist() for name, values in back.items()} == {"j3": [123, -1500], "c2": [2000]}


@pytest.mark.parametrize("bad", [np.nan, 33.0])
def test_a_height_outside_the_truth_is_refused(bad: float, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="j3: a height is not finite or exceeds"):
        write_track_heights(tmp_path / "h.nc", {"j3": np.array([0.0, bad])})


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"gone\.nc"):
        read_track_heights(tmp_path / "gone.nc")
