"""Fields as packed files."""

from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from oceanbench.twin.height_files import height_array, write_heights


def test_heights_that_do_not_fit_their_file_are_refused(tmp_path: Path) -> None:
    axis, time = np.arange(3.0), np.array(["2012-10-01"], "datetime64[ns]")
    for bad in (40.0, np.nan):
        with pytest.raises(ValueError, match=f"largest height is {bad}"):
            write_heights(height_array(np.full((1, 3, 3), bad), axis, axis, time), tmp_path / "bad.nc")


def test_heights_and_times_come_back_from_their_file(tmp_path: Path) -> None:
    axis, time = np.arange(3.0), np.array(["2017-01-01T03", "2017-01-01T09"], "datetime64[ns]")
    ssh = np.linspace(-1, 1, 18).reshape(2, 3, 3)
    write_heights(height_array(ssh, axis, axis, time), tmp_path / "day.nc", unit=1e-4, since="2016-12-01")
    with xr.open_dataset(tmp_path / "day.nc") as back:
        np.testing.assert_allclose(back["sossheig"], ssh, atol=5.1e-5)
        np.testing.assert_array_equal(back["time"], time)
