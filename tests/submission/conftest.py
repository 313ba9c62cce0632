"""A small well-formed map, which tests spoil in one way each."""

from collections.abc import Callable

import numpy as np
import pytest
import xarray as xr

from oceanbench.submission import Expected, SubmissionError, open_map


def small_map(*, days: int = 6, step: float = 0.5, west: float = -65.0, name: str = "ssh") -> xr.Dataset:
    """Give a map of 10 x 10 degrees whose heights tell where they are."""
    count = round(10.0 / step) + 1
    lon, lat = west + step * np.arange(count), 33.0 + step * np.arange(count)
    time = np.datetime64("2012-10-22", "ns") + np.arange(days) * np.timedelta64(1, "D")
    ramp = np.arange(days * count * count, dtype=float).reshape(days, count, count)
    return xr.Dataset(
        {name: (("time", "lat", "lon"), ramp / ramp.size, {"units": "m"})},
        coords={"time": time, "lat": lat, "lon": lon},
        attrs={"title": "test"},
    )


@pytest.fixture(scope="session")
def make_map() -> Callable[..., xr.Dataset]:
    return small_map


@pytest.fixture(scope="session")
def expected() -> Expected:
    return Expected(
        west=-65.0,
        east=-55.0,
        south=33.0,
        north=43.0,
        start=np.datetime64("2012-10-22"),
        end=np.datetime64("2012-10-27"),
    )


@pytest.fixture(scope="session")
def problems() -> Callable[..., list[str]]:
    """Give the problems a source is refused for, as sentences."""

    def refused(source, **options):
        with pytest.raises(SubmissionError) as caught:
            open_map(source, **options)
        sentences = [str(problem) for problem in caught.value.problems]
        assert str(caught.value).splitlines()[1:] == [f"- {sentence}" for sentence in sentences]
        return sentences

    return refused
