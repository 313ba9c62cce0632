"""The baseline optimal interpolation against closed forms, a dense formula and the official code."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr

from oceanbench.methods import run_method
from oceanbench_baselines.oi import OptimalInterpolation

START = np.datetime64("2012-10-21", "ns")


def observed(days: Any, lon: Any, lat: Any, ssh: Any, pixels: int = 1) -> xr.Dataset:
    """Canonical observations of one mission, ``days`` after START."""
    days, lon, lat, ssh = (np.asarray(values, dtype=float) for values in (days, lon, lat, ssh))
    stamps = START + np.round(days * 86400e9).astype("timedelta64[ns]")
    return xr.Dataset(
        {
            "time": ("obs", stamps),
            "lon": ("obs", lon),
            "lat": ("obs", lat),
            "ssh": ("obs", ssh),
            "mission": ("obs", np.zeros(ssh.size, dtype=np.int8)),
            "line": ("obs", (np.arange(ssh.size) // pixels).astype(np.int32)),
            "pixel": ("obs", (np.arange(ssh.size) % pixels).astype(np.int16)),
        },
        attrs={"missions": ["one"], "lines": [-(-ssh.size // pixels)], "pixels": [pixels]},
    )


def target(days: Any = (0.0,), lon: Any = (-60.0, -59.0, -58.0), lat: Any = (35.0, 36.0)) -> xr.Dataset:
    stamps = START + np.round(np.asarray(days) * 86400e9).astype("timedelta64[ns]")
    return xr.Dataset(coords={"time": stamps, "lat": np.asarray(lat, float), "lon": np.asarray(lon, float)})


def cloud(size: int = 60, seed: int = 0, days: tuple[float, float] = (-16.0, 20.0)) -> xr.Dataset:
    draw = np.random.default_rng(seed)
    lon, lat = draw.uniform(-61.5, -56.5, size), draw.uniform(33.5, 37.5, size)
    return observed(draw.uniform(*days, size), lon, lat, draw.normal(0.0, 0.2, size))


def dense(observations: xr.Dataset, grid: xr.Dataset, method: OptimalInterpolation) -> xr.Dataset:
    """Gaussian-process regression, written from its definition."""
    o, m = observations, method
    keep = (o.lon >= grid.lon.min() - m.Lx) & (o.lon <= grid.lon.max() + m.Lx)
    keep &= (o.lat >= grid.lat.min() - m.Ly) & (o.lat <= grid.lat.max() + m.Ly)
    maps, errors = [], []
    for day in grid.time.values:
        lag = (o.time.values - day) / np.timedelta64(1, "D")
        rows = np.flatnonzero(keep.values & (np.abs(lag) < 2 * m.Lt))
        seen = np.stack([lag[rows] / m.Lt, o.lat.values[rows] / m.Ly, o.lon.values[rows] / m.Lx], axis=1)
        lat, lon = (axis.ravel() for axis in np.meshgrid(grid.lat / m.Ly, grid.lon / m.Lx, indexing="ij"))
        wanted = np.stack([np.zeros(lat.size), lat, lon], axis=1)
        among = m.signal**2 * np.exp(-((seen[:, None] - seen) ** 2).sum(-1))
        across = m.signal**2 * np.exp(-((wanted[:, None] - seen) ** 2).sum(-1))
        gain = np.linalg.solve(among + m.noise**2 * np.eye(rows.size), across.T).T
        maps.append(gain @ o.ssh.values[rows])
        errors.append(np.sqrt(m.signal**2 - (gain * across).sum(axis=1)))
    shape = (grid.time.size, grid.lat.size, grid.lon.size)
    dims = ("time", "lat", "lon")
    return xr.Dataset(
        {"ssh": (dims, np.reshape(maps, shape)), "ssh_error": (dims, np.reshape(errors, shape))}
    )


def test_one_observation_spreads_with_its_correlation() -> None:
    method = OptimalInterpolation(Lx=2.0, Ly=1.5, Lt=5.0, noise=0.3, thin_lines=1, error=True)
    grid = target()
    result = method(observed([3.0], [-59.5], [35.25], [0.7]), grid)
    correlation = np.exp(
        -((3.0 / 5.0) ** 2) - ((grid.lat - 35.25) / 1.5) ** 2 - ((grid.lon + 59.5) / 2.0) ** 2
    )
    np.testing.assert_allclose(result.ssh[0], correlation / (1 + 0.3**2) * 0.7, rtol=1e-12)
    np.testing.assert_allclose(result.ssh_error[0], np.sqrt(1 - correlation**2 / (1 + 0.3**2)), rtol=1e-12)


def test_two_observations_give_the_map_and_the_error_worked_out_by_hand() -> None:
    # Correlation 0.5 between them, 0.8 and 0.6 with the point, noise variance 0.1, heights 1 and 2.
    far, near, other = np.sqrt(-np.log([0.5, 0.8, 0.6]))
    along = (far**2 + near**2 - other**2) / (2 * far)
    aside = np.sqrt(near**2 - along**2)
    method = OptimalInterpolation(noise=np.sqrt(0.1), thin_lines=1, error=True)
    observations = observed([0, 0], [-60.0, -60.0 + far], [35.0, 35.0], [1.0, 2.0])
    result = method(observations, target(lon=[-60.0 + along], lat=[35.0 + aside]))
    assert float(result.ssh.squeeze()) == pytest.approx(55 / 48, rel=1e-12)
    assert float(result.ssh_error.squeeze()) == pytest.approx(np.sqrt(17 / 48), rel=1e-12)


def test_coincident_observations_average_their_noise() -> None:
    method = OptimalInterpolation(noise=0.5, thin_lines=1)
    result = method(observed([0] * 4, [-60] * 4, [35] * 4, [1, 2, 3, 4]), target(lon=[-60], lat=[35]))
    assert float(result.ssh.squeeze()) == pytest.approx(2.5 / (1 + 0.5**2 / 4), rel=1e-12)


def test_no_observation_gives_zeros_and_says_so() -> None:
    method = OptimalInterpolation(thin_lines=1, error=True)
    result = method(observed([], [], [], []), target(days=[0, 1]))
    assert (result.ssh == 0).all()
    assert (result.ssh_error == 1).all()
    assert "2 maps have no observation in reach" in result.ssh.attrs["comment"]


def test_no_observation_thinned_gives_zeros_too() -> None:
    assert (OptimalInterpolation()(observed([], [], [], []), target()).ssh == 0).all()


def test_only_the_maps_without_observation_are_named() -> None:
    result = OptimalInterpolation(thin_lines=1)(observed([0], [-60], [35], [1]), target(days=[0, 30]))
    assert float(abs(result.ssh[0]).max()) > 0.5
    assert (result.ssh[1] == 0).all()
    assert result.ssh.attrs["comment"].startswith("1 maps")
    assert result.ssh.attrs["comment"].endswith("2012-11-20T00")


def test_the_window_is_open_at_two_time_scales() -> None:
    grid, method = target(lon=[-60], lat=[35]), OptimalInterpolation(Lt=3.0, thin_lines=1)
    for edge in (-6.0, 6.0):
        inside = edge * (1 - 1e-9)
        assert float(method(observed([edge], [-60], [35], [1]), grid).ssh.squeeze()) == 0.0
        assert float(method(observed([inside], [-60], [35], [1]), grid).ssh.squeeze()) > 0.0


def test_the_box_reaches_one_scale_beyond_the_grid_bounds_included() -> None:
    grid, method = target(), OptimalInterpolation(Lx=0.5, Ly=0.25, thin_lines=1)
    for lon, lat in ((-60.5, 35.0), (-57.5, 35.0), (-59.0, 34.75), (-59.0, 36.25)):
        assert float(abs(method(observed([0], [lon], [lat], [1]), grid).ssh).max()) > 0.0
    for lon, lat in ((-60.51, 35.0), (-57.49, 35.0), (-59.0, 34.74), (-59.0, 36.26)):
        assert float(abs(method(observed([0], [lon], [lat], [1]), grid).ssh).max()) == 0.0


def test_it_is_linear_in_the_observations() -> None:
    method, grid, first = OptimalInterpolation(thin_lines=1), target(days=[0, 1, 2]), cloud()
    second = first.assign(ssh=first.ssh[::-1].variable)
    both = first.assign(ssh=2.0 * first.ssh - 3.0 * second.ssh)
    expected = 2.0 * method(first, grid).ssh - 3.0 * method(second, grid).ssh
    np.testing.assert_allclose(method(both, grid).ssh, expected, atol=1e-12)


def test_the_order_of_the_observations_does_not_matter() -> None:
    method, grid, rows = OptimalInterpolation(thin_lines=1), target(days=[0, 1]), cloud()
    shuffled = rows.isel(obs=np.random.default_rng(3).permutation(rows.sizes["obs"]))
    np.testing.assert_allclose(method(shuffled, grid).ssh, method(rows, grid).ssh, atol=1e-12)


@pytest.mark.parametrize("days", [[0.0], [0, 1, 2, 3, 4, 5, 6, 7, 8], [0, 3.5, 14, 90, 91], [2, 1, 0]])
def test_maps_and_errors_equal_gaussian_process_regression_one_map_at_a_time(days: list[float]) -> None:
    method = OptimalInterpolation(
        Lx=1.3, Ly=0.9, Lt=4.0, noise=0.06, signal=0.3, thin_lines=1, error=True, workers=2
    )
    grid, observations = target(days=days), cloud(150, days=(-10.0, 100.0 if max(days) > 50 else 20.0))
    result, expected = method(observations, grid), dense(observations, grid, method)
    np.testing.assert_allclose(result.ssh, expected.ssh, atol=1e-11)
    np.testing.assert_allclose(result.ssh_error, expected.ssh_error, atol=1e-11)


def test_maps_that_share_no_observation_are_solved_all_the_same() -> None:
    observations = observed([-13, 13], [-60, -60], [35, 35], [1, 2])
    method, grid = OptimalInterpolation(Lt=7.0, thin_lines=1), target(days=[-6, -0.5], lon=[-60], lat=[35])
    result = method(observations, grid)
    np.testing.assert_allclose(result.ssh, dense(observations, grid, method).ssh, atol=1e-12)
    assert float(result.ssh[0].squeeze()) == pytest.approx(np.exp(-1) / 1.0025, rel=1e-12)


def test_without_noise_the_map_passes_through_the_observations() -> None:
    observations = observed([0, 0, 0], [-60, -59, -58], [35, 36, 35], [0.1, -0.2, 0.3])
    result = OptimalInterpolation(noise=0.0, thin_lines=1, error=True)(observations, target())
    np.testing.assert_allclose(
        [result.ssh[0, 0, 0], result.ssh[0, 1, 1], result.ssh[0, 0, 2]], [0.1, -0.2, 0.3]
    )
    assert float(result.ssh_error[0, 1, 1]) == pytest.approx(0.0, abs=1e-7)


def test_noise_and_signal_act_on_the_map_by_their_ratio_and_on_the_error_by_their_size() -> None:
    observations, grid = cloud(), target()
    one = OptimalInterpolation(noise=0.05, signal=1.0, thin_lines=1, error=True)(observations, grid)
    small = OptimalInterpolation(noise=0.01, signal=0.2, thin_lines=1, error=True)(observations, grid)
    np.testing.assert_allclose(small.ssh, one.ssh, atol=1e-12)
    np.testing.assert_allclose(small.ssh_error, 0.2 * one.ssh_error, rtol=1e-9)


def test_a_removed_mean_is_what_the_map_tends_to_far_from_data() -> None:
    observations = observed([0, 1, 2], [-66, -66.5, -66], [35, 35.5, 36], [0.4, 0.5, 0.6])
    grid = target(lon=np.linspace(-66, -40, 27))
    removed = OptimalInterpolation(mean="observations", thin_lines=1)(observations, grid)
    kept = OptimalInterpolation(thin_lines=1)(observations, grid)
    np.testing.assert_allclose(removed.ssh[0, :, -1], 0.5)
    np.testing.assert_allclose(kept.ssh[0, :, -1], 0.0, atol=1e-12)


def test_an_observation_across_the_date_line_counts() -> None:
    grid, method = target(lon=[178.0, 179.0, 180.0]), OptimalInterpolation(thin_lines=1)
    across = method(observed([0], [-179.5], [35], [1.0]), grid)
    shifted = method(observed([0], [-59.5], [35], [1.0]), target(lon=[-62.0, -61.0, -60.0]))
    np.testing.assert_allclose(across.ssh, shifted.ssh.values, rtol=1e-12)


def test_nadir_samples_are_thinned_along_and_swath_samples_across_too() -> None:
    nadir = observed(np.zeros(4), [-60.2, -60.0, -59.4, -59.2], [35] * 4, [1, 3, 5, 7])
    means = observed([0, 0], [-60.1, -59.3], [35, 35], [2, 6])
    grid = target()
    thinned = OptimalInterpolation(thin_lines=2)(nadir, grid)
    np.testing.assert_allclose(thinned.ssh, OptimalInterpolation(thin_lines=1)(means, grid).ssh, atol=1e-9)
    swath = observed(np.zeros(8), [-60.2, -60, -59.4, -59.2] * 2, [35] * 4 + [35.5] * 4, np.arange(8), 4)
    means = observed([0, 0], [-60.1, -59.3], [35.25, 35.25], [2.5, 4.5])
    thinned = OptimalInterpolation(thin_swath_lines=2, thin_swath_pixels=2)(swath, grid)
    np.testing.assert_allclose(thinned.ssh, OptimalInterpolation(thin_lines=1)(means, grid).ssh, atol=1e-9)


def test_thinning_within_passes_never_joins_two_of_them() -> None:
    days = np.r_[np.arange(6), 86400 * 3 + np.arange(4)] / 86400
    two = observed(days, np.linspace(-60, -58, 10), np.full(10, 35.5), np.r_[np.ones(6), -np.ones(4)])
    grid = target(days=[0.0, 3.0])
    within = OptimalInterpolation(thin_lines=5, thinning="within-pass")(two, grid)
    across = OptimalInterpolation(thin_lines=5)(two, grid)
    assert float(abs(within.ssh - across.ssh).max()) > 0.05


def test_progress_grows_to_the_whole() -> None:
    told: list[float] = []
    method = OptimalInterpolation(thin_lines=1, workers=2, progress=lambda _, done: told.append(done))
    method(cloud(), target(days=np.arange(11.0)))
    assert len(told) > 1
    assert told == sorted(told)
    assert told[-1] == 1.0


def test_a_nan_among_the_observations_is_refused() -> None:
    rows = cloud()
    rows.ssh[3] = np.nan
    with pytest.raises(ValueError, match="1 of 60 observations have no finite 'ssh'"):
        OptimalInterpolation(thin_lines=1)(rows, target())


def test_coincident_observations_without_noise_are_refused() -> None:
    with pytest.raises(
        ValueError, match="2 observations that a map sees is not positive definite with noise=0 m"
    ):
        OptimalInterpolation(noise=0.0, thin_lines=1)(
            observed([0, 0], [-60, -60], [35, 35], [1, 2]), target()
        )


def test_a_window_too_large_for_the_memory_is_refused_before_it_is_solved() -> None:
    with pytest.raises(ValueError, match="memory_gb is 1e-06; thin more"):
        OptimalInterpolation(thin_lines=1, memory_gb=1e-6)(cloud(), target())


def test_little_memory_changes_the_grouping_and_not_the_maps() -> None:
    rows, grid = cloud(), target(days=np.arange(6.0))
    least = 8e-9 * 60**2
    tight = OptimalInterpolation(thin_lines=1, memory_gb=least)(rows, grid)
    np.testing.assert_allclose(tight.ssh, OptimalInterpolation(thin_lines=1)(rows, grid).ssh, atol=1e-12)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"Lx": 0.0}, "Lx of OptimalInterpolation is 0.0; it takes a number above 0"),
        ({"Ly": -1.0}, "Ly of OptimalInterpolation is -1.0"),
        ({"Lt": float("nan")}, "Lt of OptimalInterpolation is nan"),
        ({"noise": -0.1}, "noise of OptimalInterpolation is -0.1; it takes 0 m or more"),
        ({"signal": 0.0}, "signal of OptimalInterpolation is 0.0"),
        ({"thin_lines": 0}, "thin_lines of OptimalInterpolation is 0"),
        ({"thinning": "none"}, "it takes 'official' or 'within-pass'"),
        ({"mean": "zonal"}, "it takes 'none' or 'observations'"),
        ({"workers": -1}, "workers of OptimalInterpolation is -1"),
        ({"memory_gb": 0.0}, "memory_gb of OptimalInterpolation is 0.0"),
    ],
)
def test_parameters_out_of_range_are_refused_by_name(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        OptimalInterpolation(**changes)


def golden_observations(golden: Path, count: int) -> xr.Dataset:
    """The nadir files of the golden case as canonical observations."""
    files = [xr.load_dataset(golden / "cases" / f"oi_nadir{code}.nc") for code in range(count)]
    pieces = []
    for code, file in enumerate(files):
        days = (file.time.values - START) / np.timedelta64(1, "D")
        lon = (file.lon.values + 180.0) % 360.0 - 180.0
        rows = observed(days, lon, file.lat.values, file.ssh_model.values)
        rows["time"] = ("obs", file.time.values.astype("datetime64[ns]"))
        rows["mission"] = ("obs", np.full(file.sizes["time"], code, dtype=np.int8))
        pieces.append(rows)
    joined = xr.concat(pieces, "obs", combine_attrs="drop")
    joined.attrs = {
        "missions": [f"nadir{code}" for code in range(count)],
        "lines": [file.sizes["time"] for file in files],
        "pixels": [1] * count,
    }
    return joined


def test_the_field_is_that_of_the_official_code(golden: Path) -> None:
    expected = json.loads((golden / "expected.json").read_text())["cases"]["oi"]["expected"]["field"]
    axis = 0.2 * np.arange(50)
    grid = target(days=[0, 1, 2], lon=-65.0 + axis, lat=33.0 + axis)
    ssh = run_method(OptimalInterpolation(), golden_observations(golden, 2), grid).ssh.values
    summary = [ssh.mean(), ssh.std(), ssh.min(), ssh.max(), np.abs(ssh).sum()]
    wanted = [expected[name] for name in ("mean", "std", "min", "max", "sum_abs")]
    np.testing.assert_allclose(summary, wanted, rtol=1e-8)
    indices, values = zip(*expected["samples"], strict=True)
    np.testing.assert_allclose([ssh[tuple(index)] for index in indices], values, rtol=1e-8, atol=1e-12)
