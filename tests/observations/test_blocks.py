"""Reading in blocks, within a box and a period: the same as reading all and selecting, in little memory."""

import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import netCDF4
import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

from oceanbench.observations import LAYOUTS, from_grid, read_observations, select
from oceanbench.observations._samples import BLOCK_SAMPLES, open_samples

START = np.datetime64("2012-10-01", "ns")
LINES, PIXELS = 97, 7
MINUTE = np.timedelta64(1, "m")


@pytest.fixture(scope="module")
def swath(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A swath that goes round the globe, with holes, not in order of time, stored in chunks of 10 lines."""
    rng = np.random.default_rng(4)
    dims = ("time", "nC")
    heights = rng.normal(size=(LINES, PIXELS))
    heights[rng.random(heights.shape) < 0.2] = np.nan
    lon = (7.0 * np.arange(LINES)[:, None] + 0.5 * np.arange(PIXELS)) % 360.0
    lon[11] = np.nan
    lat = 80.0 * np.sin(0.2 * np.arange(LINES))[:, None] + 0.1 * np.arange(PIXELS)
    dataset = xr.Dataset(
        {
            "lon": (dims, lon),
            "lat": (dims, lat),
            "ssh": (dims, heights),
            "flag": ("time", np.arange(LINES) % 2),
        },
        {"time": START + rng.permutation(LINES) * MINUTE},
    )
    path = tmp_path_factory.mktemp("swath") / "swath.nc"
    dataset.to_netcdf(path, encoding={"ssh": {"chunksizes": (10, PIXELS)}})
    return path


@pytest.fixture(autouse=True, scope="module")
def small_blocks() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("oceanbench.observations._samples.BLOCK_SAMPLES", 23 * PIXELS)
        patch.setattr("oceanbench.observations._grids.BLOCK_SAMPLES", 50)
        yield


def read(path: Path, **given: Any) -> xr.Dataset:
    return read_observations(path, layout="swath-2020a", mission="swot", height={"ssh": 1.0}, **given)


def whole(path: Path, *, keep_missing: bool = False) -> xr.Dataset:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("oceanbench.observations._samples.BLOCK_SAMPLES", 1 << 18)
        return read(path, keep_missing=keep_missing)


@pytest.mark.parametrize("keep_missing", [False, True])
def test_blocks_do_not_change_what_is_read(swath: Path, keep_missing: bool) -> None:
    assert read(swath, keep_missing=keep_missing).identical(whole(swath, keep_missing=keep_missing))


@settings(max_examples=40)
@given(
    west=st.floats(-400.0, 400.0),
    width=st.floats(0.0, 400.0),
    south=st.floats(-90.0, 90.0),
    height=st.floats(0.0, 180.0),
    minutes=st.tuples(st.integers(-5, 100), st.integers(0, 100)),
    keep_missing=st.booleans(),
)
def test_reading_within_a_window_is_reading_all_and_selecting(
    swath: Path,
    west: float,
    width: float,
    south: float,
    height: float,
    minutes: tuple[int, int],
    keep_missing: bool,
) -> None:
    box = (west, west + width, south, min(south + height, 90.0))
    start = START + minutes[0] * MINUTE
    end = start + minutes[1] * MINUTE
    expected = select(
        whole(swath, keep_missing=keep_missing),
        west=box[0],
        east=box[1],
        south=box[2],
        north=box[3],
        start=start,
        end=end,
    )
    assert read(swath, box=box, period=(start, end), keep_missing=keep_missing).identical(expected)


def test_period_may_be_open_at_one_end(swath: Path) -> None:
    later = START + 40 * MINUTE
    for period, bounds in (((later, None), {"start": later}), ((None, later), {"end": later})):
        assert read(swath, period=period).identical(select(whole(swath), **bounds))
    assert read(swath, period=("2013-01-01", None)).sizes["obs"] == 0


def test_flag_of_each_line_holds_for_its_pixels(swath: Path) -> None:
    rows = read(swath, good={"flag": (1,)})
    expected = whole(swath)
    assert rows.identical(expected.isel(obs=np.flatnonzero(expected.line.values % 2 == 1)))


@pytest.mark.parametrize(
    ("window", "match"),
    [
        ({"box": (10.0, 5.0, 0.0, 1.0)}, r"west 10\.0 is greater than east 5\.0"),
        ({"box": (0.0, 5.0, 2.0, 1.0)}, r"south 2\.0 lies north of north 1\.0"),
        ({"period": ("2012-10-03", "2012-10-02")}, "start 2012-10-03.* lies after end 2012-10-02"),
        ({"period": ("NaT", None)}, "a bound of the period is NaT; give a date"),
    ],
)
def test_reversed_windows_are_refused(swath: Path, window: dict[str, Any], match: str) -> None:
    with pytest.raises(ValueError, match=match):
        read(swath, **window)


def test_blocks_are_whole_chunks_of_the_file(swath: Path) -> None:
    """A chunk that lies in two blocks would be unpacked twice."""
    with open_samples(swath, LAYOUTS["swath-2020a"], {"ssh": 1.0}) as samples:
        blocks = list(samples.blocks())
    assert {block.start % 20 for block in blocks} == {0}
    assert blocks[-1].stop == LINES
    assert [block.stop for block in blocks[:-1]] == [block.start for block in blocks[1:]]


def field() -> xr.DataArray:
    lat, lon = np.arange(30.0, 34.0, 0.5), np.arange(-180.0, 180.0, 15.0)
    values = np.random.default_rng(1).normal(size=(5, lat.size, lon.size))
    values[values > 1.0] = np.nan
    time = START + np.arange(5) * np.timedelta64(1, "D")
    return xr.DataArray(values, {"time": time, "lat": lat, "lon": lon}, ("time", "lat", "lon"), name="ssh")


@settings(max_examples=40)
@given(
    west=st.floats(-400.0, 400.0),
    width=st.floats(0.0, 400.0),
    south=st.floats(29.0, 35.0),
    height=st.floats(0.0, 6.0),
    days=st.tuples(st.integers(-1, 5), st.integers(0, 5)),
)
def test_field_within_a_window_is_the_whole_field_selected(
    west: float, width: float, south: float, height: float, days: tuple[int, int]
) -> None:
    start = START + days[0] * np.timedelta64(1, "D")
    end = start + days[1] * np.timedelta64(1, "D")
    box = (west, west + width, south, south + height)
    rows = from_grid(field().chunk(time=2), mission="fields", box=box, period=(start, end))
    every = from_grid(field(), mission="fields")
    expected = select(every, west=box[0], east=box[1], south=box[2], north=box[3], start=start, end=end)
    assert rows.identical(expected)


def test_field_without_a_time_is_no_set_of_observations() -> None:
    with pytest.raises(ValueError, match=r"'ssh' has dims \('lat', 'lon'\); expected time, lat and lon"):
        from_grid(field()[0], mission="fields")


# --- memory


def large(path: Path, lines: int, pixels: int) -> None:
    """Write a file of doubles in one piece: longitudes go round the globe every 3600 lines."""
    with netCDF4.Dataset(path, "w") as file:
        file.createDimension("time", lines)
        dims = ("time",) if pixels == 1 else ("time", "nC")
        file.createDimension("nC", pixels)
        time = file.createVariable("time", "f8", ("time",))
        time.units = "seconds since 2012-10-01"
        time[:] = np.arange(lines, dtype="f8")
        variables = {name: file.createVariable(name, "f8", dims) for name in ("lon", "lat", "ssh_model")}
        step = 100_000
        for first in range(0, lines, step):
            line = np.arange(first, min(first + step, lines), dtype="f8")
            line = line if pixels == 1 else np.broadcast_to(line[:, None], (line.size, pixels))
            variables["lon"][first : first + step] = (0.1 * line) % 360.0
            variables["lat"][first : first + step] = 60.0 * np.sin(0.001 * line)
            variables["ssh_model"][first : first + step] = 0.001 * line


def peak_mb(path: Path, layout: str, **given: Any) -> tuple[xr.Dataset, float]:
    """Read a file; give also the most memory that was held at once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("oceanbench.observations._samples.BLOCK_SAMPLES", BLOCK_SAMPLES)
        tracemalloc.start()
        rows = read_observations(path, layout=layout, mission="m", height={"ssh_model": 1.0}, **given)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    return rows, peak / 1e6


@pytest.mark.slow
@pytest.mark.parametrize(
    ("layout", "lines", "pixels"), [("swath-2020a", 80_000, 52), ("nadir-2020a", 4_000_000, 1)]
)
def test_large_file_is_read_in_the_memory_that_is_promised(
    tmp_path: Path, layout: str, lines: int, pixels: int
) -> None:
    path = tmp_path / "large.nc"
    large(path, lines, pixels)
    assert path.stat().st_size > 90e6
    rows, peak = peak_mb(path, layout, box=(-66.0, -64.0, -90.0, 90.0))
    inside = np.abs((0.1 * np.arange(lines)) % 360.0 - 295.0) <= 1.0
    assert rows.sizes["obs"] == np.count_nonzero(inside) * pixels
    assert peak < 32.0 + 1.3 * rows.nbytes / 1e6
    rows, peak = peak_mb(path, layout)
    assert rows.sizes["obs"] == lines * pixels
    assert peak < 32.0 + 1.3 * rows.nbytes / 1e6
