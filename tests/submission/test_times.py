"""Times: decoding, order, days that must be there."""

from dataclasses import replace

import cftime
import numpy as np
import pytest
import xarray as xr

from oceanbench.submission import open_map

HOUR = np.timedelta64(1, "h")
DAYS = np.arange(6)


def with_numbers(dataset, values, **attributes):
    return dataset.assign_coords(time=("time", np.asarray(values), attributes))


@pytest.mark.parametrize(
    ("units", "values"),
    [
        ("days since 2012-10-22", np.arange(6)),
        ("hours since 2012-10-22 00:00:00", 24.0 * np.arange(6)),
        ("days since 1950-01-01", (22940.0 + np.arange(6)).astype("f4")),
        ("seconds since 1970-01-01T00:00:00", 1350864000 + 86400 * np.arange(6)),
        (
            "days since 0001-01-01",
            cftime.date2num(cftime.datetime(2012, 10, 22), "days since 0001-01-01") + DAYS,
        ),
    ],
)
def test_numbers_with_units_become_dates(tmp_path, make_map, units, values):
    path = tmp_path / "map.nc"
    with_numbers(make_map(), values, units=units, calendar="standard").to_netcdf(path)
    xr.testing.assert_identical(open_map(path).ssh, open_map(make_map()).ssh)


def test_numbers_without_units_are_refused_with_the_cure(tmp_path, make_map, problems):
    path = tmp_path / "map.nc"
    with_numbers(make_map(), np.arange(6.0)).to_netcdf(path)
    (sentence,) = problems(path)
    assert sentence.startswith("times are numbers from 0.0 to 5.0 with no units; expected units with a date")
    assert "'days since 2012-10-01'" in sentence


@pytest.mark.parametrize(
    ("units", "start"),
    [
        ("days", "times are numbers from 0 to 5 with units 'days'"),
        ("days since yesterday", "times in 'days since"),
    ],
)
def test_units_without_a_date_are_refused(make_map, problems, units, start):
    assert problems(with_numbers(make_map(), np.arange(6), units=units))[0].startswith(start)


@pytest.mark.parametrize("calendar", ["360_day", "noleap", "julian"])
def test_calendars_that_are_not_real_are_refused(make_map, problems, calendar):
    numbers = with_numbers(make_map(), np.arange(6), units="days since 2012-10-22", calendar=calendar)
    dates = make_map().assign_coords(time=cftime.num2date(np.arange(6), "days since 2012-10-22", calendar))
    for dataset in (numbers, dates):
        assert problems(dataset)[0].startswith(
            f"times follow the calendar {calendar!r}; expected one of standard"
        )


def test_calendar_dates_of_the_real_calendar_are_converted(make_map):
    dates = cftime.num2date(np.arange(6), "days since 2012-10-22", "gregorian")
    opened = open_map(make_map().assign_coords(time=dates))
    xr.testing.assert_identical(opened.ssh, open_map(make_map()).ssh)


@pytest.mark.parametrize("first", [-1000, 1_000_000])
def test_dates_out_of_range_are_refused(make_map, problems, first):
    numbers = with_numbers(make_map(), first * 365 + DAYS, units="days since 1950-01-01")
    assert "expected dates between 1678 and 2262" in problems(numbers)[0]
    old = cftime.num2date(DAYS, "days since 0900-01-01", "gregorian")
    assert "the date 0900-01-01T00:00:00 is out of range" in problems(make_map().assign_coords(time=old))[0]


def test_coarser_dates_become_nanoseconds(make_map):
    seconds = make_map().assign_coords(time=make_map()["time"].values.astype("M8[s]"))
    assert open_map(seconds).ssh["time"].dtype == np.dtype("M8[ns]")


def test_texts_and_missing_dates_are_refused(make_map, problems):
    texts = make_map().assign_coords(time=[f"2012-10-2{n}" for n in range(6)])
    assert problems(texts)[0].startswith("times are of type <U10; expected dates")
    times = make_map()["time"].values.copy()
    times[2] = np.datetime64("NaT", "ns")
    assert problems(make_map().assign_coords(time=times))[0].startswith("1 of 6 times are missing")


def test_scalar_time_makes_one_map(make_map):
    one = make_map().isel(time=2)
    opened = open_map(one)
    assert opened.ssh.dims == ("time", "lat", "lon")
    xr.testing.assert_identical(opened.ssh, open_map(make_map().isel(time=[2])).ssh)


def test_unsorted_times_are_sorted_with_a_note(make_map):
    opened = open_map(make_map().isel(time=[3, 0, 5, 1, 2, 4]))
    xr.testing.assert_identical(opened.ssh, open_map(make_map()).ssh)
    assert opened.notes == ["The times were put in order, oldest first."]


def test_repeated_times_with_the_same_heights_are_dropped_with_a_note(make_map, expected):
    dataset = make_map()
    dataset["ssh"].values[3, 0, 0] = np.nan
    opened = open_map(dataset.isel(time=[0, 1, 2, 3, 3, 4, 5]))
    assert opened.ssh.sizes["time"] == 6
    assert opened.notes[0] == "Repeated times with the same heights were dropped: 2012-10-25."


def test_repeated_times_with_different_heights_are_refused_by_name(make_map, problems):
    times = make_map()["time"].values.copy()
    times[3] = times[2]
    (sentence,) = problems(make_map().assign_coords(time=times))
    assert sentence.startswith("times occur twice with different heights: 2012-10-24; expected each once")


def test_missing_days_are_named(make_map, expected, problems):
    (sentence,) = problems(make_map().isel(time=[0, 1, 3, 5]), expected=expected)
    assert sentence.startswith(
        "2 of 6 days have no map: 2012-10-24, 2012-10-26; expected every day from 2012-10-22 to 2012-10-27, "
        "maps at most 24 hours apart"
    )


def test_many_missing_days_are_named_in_part(make_map, expected, problems):
    late = replace(expected, end=np.datetime64("2012-11-20"))
    (sentence,) = problems(make_map(), expected=late)
    assert sentence.startswith("24 of 30 days have no map: 2012-10-28, ")
    assert "2012-11-06 and 14 more" in sentence


@pytest.mark.parametrize("hour", [0, 12, 23])
def test_daily_maps_of_any_hour_cover_their_days(make_map, expected, hour):
    shifted = make_map().assign_coords(time=make_map()["time"] + hour * HOUR)
    assert open_map(shifted, expected=expected).ssh.sizes["time"] == 6


def test_longer_steps_pass_where_the_challenge_lets_them(make_map, expected, problems):
    every_other = make_map(days=7).isel(time=slice(None, None, 2))
    assert len(problems(every_other, expected=expected)) == 1
    relaxed = replace(expected, max_step=np.timedelta64(48, "h"))
    assert open_map(every_other, expected=relaxed).ssh.sizes["time"] == 4


def test_hourly_maps_pass(make_map, expected):
    hourly = make_map(days=144)
    hourly["time"] = np.datetime64("2012-10-22", "ns") + np.arange(144) * HOUR
    assert open_map(hourly, expected=expected).ssh.sizes["time"] == 144
