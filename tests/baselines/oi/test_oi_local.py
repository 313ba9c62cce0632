"""The local optimal interpolation against the one that uses all observations."""

from typing import Any

import numpy as np
import pytest
import xarray as xr

from oceanbench_baselines.oi import LocalOptimalInterpolation, OptimalInterpolation

START = np.datetime64("2012-10-21", "ns")


def cloud(size: int, seed: int = 0) -> xr.Dataset:
    draw = np.random.default_rng(seed)
    days = np.sort(draw.uniform(-16.0, 18.0, size))
    lon, lat = draw.uniform(-62.0, -56.0, size), draw.uniform(33.0, 38.0, size)
    columns = {"lon": lon, "lat": lat, "ssh": 0.3 * np.sin(1.5 * lon + 0.2 * days) * np.cos(lat)}
    return xr.Dataset(
        {
            "time": ("obs", START + np.round(days * 86400e9).astype("timedelta64[ns]")),
            **{name: ("obs", values) for name, values in columns.items()},
            "mission": ("obs", np.zeros(size, dtype=np.int8)),
            "line": ("obs", np.arange(size, dtype=np.int32)),
            "pixel": ("obs", np.zeros(size, dtype=np.int16)),
        },
        attrs={"missions": ["one"], "lines": [size], "pixels": [1]},
    )


def target(count: int = 3) -> xr.Dataset:
    times = START + np.arange(count) * np.timedelta64(1, "D")
    return xr.Dataset(coords={"time": times, "lat": np.arange(34.0, 37.1), "lon": np.arange(-61.0, -56.9)})


def test_with_all_observations_as_neighbours_it_equals_the_full_solution() -> None:
    scales: dict[str, Any] = {"Lx": 1.4, "Ly": 0.8, "Lt": 5.0, "noise": 0.04, "signal": 0.3, "thin_lines": 1}
    local = LocalOptimalInterpolation(**scales, neighbours=500, threads=1)(cloud(200), target())
    full = OptimalInterpolation(**scales, error=True)(cloud(200), target())
    np.testing.assert_allclose(local.ssh, full.ssh, atol=1e-9)
    np.testing.assert_allclose(local.ssh_error, full.ssh_error, atol=1e-9)


def test_more_neighbours_come_closer_to_the_full_solution() -> None:
    full = OptimalInterpolation(thin_lines=1)(cloud(600), target())
    apart = []
    for neighbours in (5, 20, 80, 320):
        local = LocalOptimalInterpolation(thin_lines=1, neighbours=neighbours, threads=1)(
            cloud(600), target()
        )
        apart.append(float(np.sqrt(((local.ssh - full.ssh) ** 2).mean())))
    assert apart == sorted(apart, reverse=True)
    assert apart[-1] < 5e-3 * float(full.ssh.std())


def test_knowing_fewer_observations_never_lowers_the_formal_error() -> None:
    full = OptimalInterpolation(thin_lines=1, error=True)(cloud(300), target())
    local = LocalOptimalInterpolation(thin_lines=1, neighbours=10, threads=1)(cloud(300), target())
    assert float((local.ssh_error - full.ssh_error).min()) > -1e-9
    assert float((local.ssh_error - full.ssh_error).max()) > 1e-3


def test_the_nearest_are_the_most_correlated_whatever_the_scales() -> None:
    # The first is 2 degrees east, 1/4 of Lx; the second only 0.4 degrees north, but 4/5 of Ly.
    rows = cloud(2).assign(
        time=("obs", [START, START]),
        lon=("obs", [-58.0, -60.0]),
        lat=("obs", [35.0, 35.4]),
        ssh=("obs", [1.0, 9.0]),
    )
    point = xr.Dataset(coords={"time": [START], "lat": [35.0], "lon": [-60.0]})
    method = LocalOptimalInterpolation(Lx=8.0, Ly=0.5, noise=0.1, thin_lines=1, neighbours=1, threads=1)
    assert float(method(rows, point).ssh.squeeze()) == pytest.approx(np.exp(-1 / 16) / 1.01, rel=1e-9)


def test_a_removed_mean_is_put_back() -> None:
    rows = cloud(100)
    raised = rows.assign(ssh=rows.ssh + 5.0)
    method = LocalOptimalInterpolation(mean="observations", thin_lines=1, threads=1)
    np.testing.assert_allclose(method(raised, target()).ssh, method(rows, target()).ssh + 5.0, atol=1e-9)


def test_maps_without_observations_are_zero_with_the_error_of_the_signal() -> None:
    method = LocalOptimalInterpolation(signal=0.3, threads=1)
    result = method(cloud(10).isel(obs=slice(0)), target(2))
    assert (result.ssh == 0).all()
    assert (result.ssh_error == 0.3).all()
    assert "2 maps have no observation" in result.ssh.attrs["comment"]


def test_progress_is_told_map_by_map() -> None:
    told: list[float] = []
    method = LocalOptimalInterpolation(thin_lines=1, threads=1, progress=lambda _, done: told.append(done))
    method(cloud(50), target(4))
    assert told == [0.25, 0.5, 0.75, 1.0]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"noise": 0.0}, "noise of LocalOptimalInterpolation is 0.0; it takes a number of metres above 0"),
        ({"neighbours": 0}, "neighbours of LocalOptimalInterpolation is 0; it takes a whole number from 1"),
        ({"threads": -2}, "threads of LocalOptimalInterpolation is -2"),
        ({"Lx": -1.0}, "Lx of LocalOptimalInterpolation is -1.0"),
    ],
)
def test_parameters_out_of_range_are_refused_by_name(changes: dict[str, float], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        LocalOptimalInterpolation(**changes)  # type: ignore[arg-type]
