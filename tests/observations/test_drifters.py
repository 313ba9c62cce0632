"""Velocities of drifters, in the layout of 2023a."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr

from oceanbench.observations import read_drifters

DAY = np.datetime64("2019-03-02", "ns")


def day(path: Path, first: np.datetime64 = DAY, **changes: Any) -> Path:
    """Six-hourly fixes of two drifters, each drifter after the other, as they are stored."""
    stamps = first + np.tile(np.arange(4) * np.timedelta64(6, "h"), 2)
    count = np.arange(8)
    dataset = xr.Dataset(
        {
            "latitude": ("time", (10.0 + count).astype("f4"), {"units": "degrees_north"}),
            "longitude": ("time", (-170.0 + 45.0 * count).astype("f4"), {"units": "degrees_east"}),
            "EWCT": ("time", 0.1 * count, {"units": "m s-1"}),
            "NSCT": ("time", -0.1 * count, {"units": "m s-1"}),
            "sensor_id": ("time", np.repeat([300234065617890.0, 4101655.0], 4)),
            **changes,
        },
        {"time": stamps},
    )
    dataset.to_netcdf(path, encoding={"time": {"units": "seconds since 1950-01-01", "dtype": "f8"}})
    return path


def test_drifters_come_in_order_of_time_with_their_numbers(tmp_path: Path) -> None:
    paths = [
        day(tmp_path / "uv_drifters_20190303.nc", DAY + np.timedelta64(1, "D")),
        day(tmp_path / "uv_drifters_20190302.nc"),
    ]
    drifters = read_drifters(paths)
    assert drifters.sizes == {"obs": 16}
    assert bool((np.diff(drifters.time.values) >= np.timedelta64(0, "ns")).all())
    np.testing.assert_array_equal(drifters.sensor[:2], [300234065617890, 4101655])
    assert drifters.sensor.dtype == np.int64
    np.testing.assert_allclose(drifters.u, -drifters.v)
    first = drifters.isel(obs=1)
    assert (float(first.lon), float(first.lat), float(first.u)) == pytest.approx((10.0, 14.0, 0.4))
    assert first.time.values == DAY


def test_one_file_may_be_given_by_its_path(tmp_path: Path) -> None:
    path = day(tmp_path / "a.nc")
    assert read_drifters(path).identical(read_drifters([path]))
    assert read_drifters(str(path)).sizes == {"obs": 8}


def test_box_and_period_choose_drifters(tmp_path: Path) -> None:
    path = day(tmp_path / "a.nc")
    east = read_drifters(path, box=(0.0, 60.0, -90.0, 90.0))
    np.testing.assert_allclose(np.sort(east.lon), [10.0, 55.0])
    across = read_drifters(path, box=(140.0, 200.0, -90.0, 90.0))
    np.testing.assert_allclose(np.sort(across.lon), [-170.0, 145.0])
    morning = read_drifters(path, period=(DAY, DAY + np.timedelta64(6, "h")))
    assert morning.sizes == {"obs": 4}
    assert read_drifters(path, period=("2020-01-01", None)).sizes == {"obs": 0}


def test_rows_that_lack_something_are_left_out(tmp_path: Path) -> None:
    holed = np.where(np.arange(8) == 3, np.nan, 0.1)
    drifters = read_drifters(day(tmp_path / "a.nc", EWCT=("time", holed, {"units": "m/s"})))
    assert drifters.sizes == {"obs": 7}


@pytest.mark.parametrize(
    ("changes", "match"),
    [
        (
            {"EWCT": ("time", np.ones(8), {"units": "cm/s"})},
            "unit 'cm/s' of a velocity is not metres per second",
        ),
        ({"EWCT": ("time", np.full(8, np.nan))}, r"no row of '.*a\.nc' has a time, a position, a velocity"),
        ({"sensor_id": ("time", np.arange(8) + 0.5)}, "sensor_id in .* are not whole numbers"),
        ({"latitude": ("time", np.full(8, 99.0))}, "latitude 99 at line 0"),
        ({"NSCT": ("depth", np.ones(3))}, r"NSCT has dims \('depth',\)"),
    ],
)
def test_what_is_wrong_with_a_file_of_drifters_is_told(
    tmp_path: Path, changes: dict[str, Any], match: str
) -> None:
    with pytest.raises(ValueError, match=match):
        read_drifters(day(tmp_path / "a.nc", **changes))


def test_no_file_and_missing_variables_are_told(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no file of drifters"):
        read_drifters([])
    path = tmp_path / "b.nc"
    xr.Dataset(
        {"latitude": ("time", [1.0]), "longitude": ("time", [1.0]), "EWCT": ("time", [1.0])}, {"time": [DAY]}
    ).to_netcdf(path)
    with pytest.raises(ValueError, match=r"b\.nc' has no variable NSCT; it holds EWCT, latitude, longitude"):
        read_drifters(path)
