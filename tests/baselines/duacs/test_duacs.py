"""The mapping method as it is called: observations and grid in, maps out."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
import xarray as xr

from oceanbench.physics.geostrophy import geostrophic_currents
from oceanbench_baselines.duacs import Duacs, latitude_law

START = np.datetime64("2012-10-22", "ns")


def nadir(
    lon: Any, lat: Any, days: Any, ssh: Any, *, line: Any = None, error_free: bool = True
) -> xr.Dataset:
    """Observations of one nadir altimeter in the canonical form."""
    lon, lat, days, ssh = (np.atleast_1d(np.asarray(each, np.float64)) for each in (lon, lat, days, ssh))
    size = lon.size
    return xr.Dataset(
        {
            "time": ("obs", START + np.round(days * 86400e9).astype("timedelta64[ns]")),
            **{name: ("obs", values) for name, values in (("lon", lon), ("lat", lat), ("ssh", ssh))},
            "mission": ("obs", np.zeros(size, dtype=np.int8)),
            "line": ("obs", np.arange(size, dtype=np.int32) if line is None else line),
            "pixel": ("obs", np.zeros(size, dtype=np.int16)),
        },
        attrs={"missions": ["Jason-1"], "lines": [size], "pixels": [1], "error_free": error_free},
    )


def tracks(count: int = 40, samples: int = 24, seed: int = 0, height: Any = None) -> xr.Dataset:
    """Meridional passes across the box, one after another, over 30 days."""
    draw = np.random.default_rng(seed)
    starts = np.sort(draw.uniform(-12.0, 18.0, count))
    west = draw.uniform(-66.0, -54.0, count)
    lat = np.tile(np.linspace(32.0, 44.0, samples), (count, 1))
    lon = west[:, None] + 0.1 * (lat - 32.0)
    days = starts[:, None] + np.arange(samples) * 6.0 / 86400.0
    ssh = height(lon, lat, days) if height else 0.3 * np.sin(1.3 * lon) * np.cos(1.7 * lat + 0.2 * days)
    return nadir(lon.ravel(), lat.ravel(), days.ravel(), ssh.ravel())


def target(days: Sequence[float] = (0.0, 1.0, 2.0), step: float = 1.0) -> xr.Dataset:
    times = START + np.round(np.array(days) * 86400e9).astype("timedelta64[ns]")
    lat, lon = np.arange(33.0, 43.01, step), np.arange(-65.0, -54.99, step)
    return xr.Dataset(coords={"time": times, "lat": lat, "lon": lon})


def plain(**changes: Any) -> Duacs:
    """Without a mean, so that heights are the anomalies, and with each sample as it is."""
    return Duacs(**({"mean": "none", "thin_lines": 1, "signal": 0.25, "wide": 0.0, "workers": 1} | changes))


def test_without_observations_the_map_is_the_mean_and_the_error_that_of_the_prior() -> None:
    mean = xr.DataArray(
        np.full((3, 3), 0.7), {"lat": [30.0, 38, 46], "lon": [-70.0, -60, -50]}, ("lat", "lon")
    )
    method = Duacs(signal=0.25, error=True, currents=True)
    result = method(tracks().isel(obs=slice(0)), target(), mean=mean)
    assert result.ssh.values == pytest.approx(0.7)
    assert result.ssh_error.values == pytest.approx(0.25)
    assert result.ugos.values == pytest.approx(0.0, abs=1e-12)


def test_far_from_observations_in_time_the_map_is_the_mean() -> None:
    result = plain(error=True)(tracks(), target(days=(2.0, 150.0)))
    assert float(np.abs(result.ssh[0]).max()) > 0.1
    assert result.ssh[1].values == pytest.approx(0.0, abs=1e-12)
    assert result.ssh_error[1].values == pytest.approx(0.25)


def test_one_observation_has_the_gain_of_the_closed_form() -> None:
    one = nadir(-60.0, 38.0, 0.0, 0.2)
    result = plain(representativity=0.05, error=True)(one, target(days=(0.0, 5.0)))
    gain = 0.25**2 / (0.25**2 + 0.05**2)
    at = result.sel(lon=-60.0, lat=38.0)
    rho = np.exp(-0.25)
    assert at.ssh.values == pytest.approx([0.2 * gain, 0.2 * gain * rho])
    assert at.ssh_error.values**2 == pytest.approx([0.25**2 * (1 - gain), 0.25**2 * (1 - gain * rho**2)])


def test_one_pass_only_is_mapped_and_drawn_on_both_sides() -> None:
    pass_only = tracks(count=1)
    result = plain()(pass_only, target())
    assert np.isfinite(result.ssh).all()
    assert float(np.abs(result.ssh).max()) > 0.0


def test_a_constant_field_comes_back_with_a_mean_and_with_a_fitted_one() -> None:
    flat = tracks(height=lambda lon, lat, days: np.full(lon.shape, 0.4))
    mean = xr.DataArray(
        np.full((3, 3), 0.4), {"lat": [30.0, 38, 46], "lon": [-70.0, -60, -50]}, ("lat", "lon")
    )
    assert Duacs()(flat, target(), mean=mean).ssh.values == pytest.approx(0.4, abs=1e-9)
    assert Duacs(mean="fit")(flat, target()).ssh.values == pytest.approx(0.4, abs=1e-3)


def test_the_map_is_linear_in_the_heights() -> None:
    first, second = tracks(), tracks(height=lambda lon, lat, days: 0.1 * np.cos(lon - days))
    both = first.assign(ssh=2.0 * first.ssh - 3.0 * second.ssh)
    maps = [plain(most=400)(each, target()).ssh.values for each in (first, second, both)]
    np.testing.assert_allclose(maps[2], 2.0 * maps[0] - 3.0 * maps[1], atol=1e-9)


def test_the_mean_height_is_removed_and_put_back() -> None:
    lat, lon = np.arange(25.0, 51.0), np.arange(-75.0, -45.0)
    slope = xr.DataArray(0.05 * lat[:, None] + 0.02 * lon, {"lat": lat, "lon": lon}, ("lat", "lon"))
    rows = tracks()
    raised = rows.assign(ssh=rows.ssh + 0.05 * rows.lat + 0.02 * rows.lon)
    expected = plain()(rows, target()).ssh + slope.interp(lat=target().lat, lon=target().lon)
    np.testing.assert_allclose(plain(mean="given")(raised, target(), mean=slope).ssh, expected, atol=1e-9)


def test_the_estimated_signal_grows_with_the_heights_so_that_the_formal_error_does() -> None:
    rows = tracks()
    once = plain(signal=None, representativity=0.0, instrument=0.0, error=True)(rows, target())
    twice = plain(signal=None, representativity=0.0, instrument=0.0, error=True)(
        rows.assign(ssh=2.0 * rows.ssh), target()
    )
    np.testing.assert_allclose(twice.ssh, 2.0 * once.ssh, atol=1e-9)
    np.testing.assert_allclose(twice.ssh_error, 2.0 * once.ssh_error, rtol=1e-9)


def test_the_signal_is_stronger_where_the_heights_vary_more() -> None:
    rows = tracks(height=lambda lon, lat, days: np.where(lat > 38.0, 0.3, 0.03) * np.sin(3 * lon + days))
    far = plain(signal=None, signal_km=150.0, error=True)(rows, target(days=(150.0,)))
    south, north = (far.ssh_error.sel(lat=lat).mean().item() for lat in (34.0, 42.0))
    assert north == pytest.approx(0.3 / np.sqrt(2), rel=0.3)
    assert south < 0.5 * north


@pytest.mark.slow
def test_tiles_agree_with_one_solution_for_the_whole_region() -> None:
    rows, grid = tracks(samples=72), target(days=range(0, 8, 2))
    whole = plain(tile=20.0, block=60.0, halo=4.0)(rows, grid)
    cut = plain(tile=2.0, block=4.0)(rows, grid)
    apart = np.abs(cut.ssh - whole.ssh)
    assert float(apart.max()) < 0.05 * 0.25
    assert float(np.sqrt((apart**2).mean())) < 0.02 * 0.25


def test_all_observations_in_reach_make_tiles_agree_to_rounding() -> None:
    # All lie within one scale of each tile: every tile solves the same system.
    rows, grid = tracks(count=12, samples=16), target().sel(lat=[38.0])  # one latitude, so one tangent plane
    method: dict[str, Any] = {"L": 2000.0, "T": 60.0, "representativity": 0.05, "error": True}
    whole = plain(**method, tile=9.0, block=99.0)(rows, grid)
    cut = plain(**method, tile=0.2, block=1.0)(rows, grid)
    np.testing.assert_allclose(cut.ssh, whole.ssh, atol=1e-9)
    np.testing.assert_allclose(cut.ssh_error, whole.ssh_error, atol=1e-9)


def test_blocks_of_days_make_no_steps() -> None:
    hours, rows = np.arange(0.0, 12.0, 0.25), tracks(samples=72)
    blocks = plain(block=3.0, T=6.0)(rows, target(days=hours, step=5.0)).ssh
    one = plain(block=60.0, T=6.0, halo=4.0)(rows, target(days=hours, step=5.0)).ssh
    assert float(np.abs(blocks - one).max()) < 0.05 * 0.25
    bends = [float(np.abs(maps.diff("time", 2)).max()) for maps in (blocks, one)]
    assert bends[0] < bends[1] + 0.02 * 0.25


def test_currents_are_the_slopes_of_the_map() -> None:
    grid = target(days=(1.0,), step=0.05).sel(lat=slice(36, 38), lon=slice(-61, -59))
    exact = plain(currents=True, tile=9.0)(tracks(), grid)
    f = 2 * 7.2921e-5 * np.sin(np.deg2rad(grid.lat.values))[:, None]
    north = np.gradient(exact.ssh[0].values, 111.2e3 * grid.lat.values, axis=0)
    degree = 111.2e3 * np.cos(np.deg2rad(grid.lat.values))[:, None]
    east = np.gradient(exact.ssh[0].values, grid.lon.values, axis=1) / degree
    inner = np.s_[2:-2, 2:-2]
    np.testing.assert_allclose(exact.ugos[0].values[inner], (-9.81 / f * north)[inner], atol=2e-3)
    np.testing.assert_allclose(exact.vgos[0].values[inner], (9.81 / f * east)[inner], atol=2e-3)


def test_currents_hold_far_from_the_middle_of_a_tile() -> None:
    grid = target(days=(1.0,), step=0.05).sel(lat=slice(36, 40), lon=slice(-60.3, -59.7))
    exact = plain(currents=True)(tracks(), grid)
    differences = geostrophic_currents(exact.ssh)
    inner = {"lat": slice(2, -2), "lon": slice(2, -2)}
    for name in ("ugos", "vgos"):
        assert exact[name].isel(inner).values == pytest.approx(
            differences[name].isel(inner).values, abs=0.01 * float(np.abs(differences[name]).max())
        )


def test_a_field_that_travels_is_followed_by_the_velocity() -> None:
    def wave(lon: Any, lat: Any, days: Any) -> Any:
        km = 111.2 * np.cos(np.deg2rad(38.0)) * (lon + 60.0)
        return 0.2 * np.sin(2 * np.pi * (km - 12.0 * days) / 350.0) * np.cos(2 * np.pi * 111.2 * lat / 400.0)

    grid = target()
    truth = wave(grid.lon.values, grid.lat.values[:, None], np.arange(3.0)[:, None, None])
    errors = [
        float(np.sqrt(((plain(cx=cx, T=12.0)(tracks(height=wave), grid).ssh.values - truth) ** 2).mean()))
        for cx in (-12.0, 0.0, 12.0)
    ]
    assert errors[2] < 0.6 * errors[1] < errors[0]


def test_the_errors_of_passes_are_not_drawn_as_tracks() -> None:
    rows = tracks(height=lambda lon, lat, days: 0.0 * lon)
    number = np.repeat(np.arange(40), 24)
    offsets = np.random.default_rng(3).normal(scale=0.05, size=40)[number]
    shifted = rows.assign(ssh=("obs", rows.ssh.values + offsets)).assign_attrs(error_free=False)
    with_errors = plain(pass_error=0.05, signal=0.05)(shifted, target()).ssh
    without = plain(pass_error=0.0, signal=0.05)(shifted, target()).ssh
    assert float(with_errors.std()) < 0.5 * float(without.std())


def test_error_free_observations_have_no_pass_error_unless_it_is_given() -> None:
    rows = tracks()
    assert plain()(rows, target()).ssh.equals(plain(pass_error=0.0)(rows, target()).ssh)
    with_error = rows.assign_attrs(error_free=False)
    assert plain()(with_error, target()).ssh.equals(plain(pass_error=0.02)(with_error, target()).ssh)


def test_a_wide_component_holds_what_the_first_cannot() -> None:
    # A basin that rises and falls as one.
    rows = tracks(height=lambda lon, lat, days: 0.1 * np.cos(days / 5.0) + 0.0 * lon)
    truth = 0.1 * np.cos(np.arange(3.0) / 5.0)[:, None, None]
    alone = plain(signal=0.1)(rows, target()).ssh.values - truth
    wide = plain(signal=0.1, wide=0.5, wide_L=3000.0, wide_T=5.0)(rows, target()).ssh.values - truth
    assert np.sqrt((wide**2).mean()) < 0.3 * np.sqrt((alone**2).mean())


def test_scales_follow_the_law_of_latitude_and_the_atlas(tmp_path: Any) -> None:
    assert [round(latitude_law(lat)) for lat in (0, 10, 20, 38, 50, 60)] == [300, 275, 223, 146, 116, 100]
    assert Duacs(scales="latitude", L=160.0)._length(-60.0, 38.0) == pytest.approx(160.0)
    assert Duacs(scales="latitude", L=160.0)._length(-60.0, 60.0) == pytest.approx(
        160.0 * 100 / 146.4, rel=5e-3
    )
    rows = ((38.5, 300.5, 2.7, 30.0), (10.5, 300.5, 3.0, 480.0), (60.5, 300.5, 1.0, 7.5))
    atlas = tmp_path / "rossrad.dat"
    atlas.write_text("".join(" ".join(map(str, row)) + "\n" for row in rows))
    by_atlas = Duacs(scales="atlas", L=160.0, atlas=str(atlas))
    lengths = [by_atlas._length(-59.5, lat) for lat in (38.5, 10.5, 60.5)]
    assert lengths == pytest.approx([160.0, 350.0, 80.0])  # bounded near the equator
    result = by_atlas(tracks(), target())
    assert np.isfinite(result.ssh).all()


def test_without_the_atlas_the_error_names_it(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OCEANBENCH_DATA", str(tmp_path))
    with pytest.raises(FileNotFoundError, match=r"rossrad\.dat"):
        Duacs(scales="atlas")(tracks(), target())


def test_the_speed_of_long_rossby_waves_is_westward_and_that_of_the_theory() -> None:
    from oceanbench_baselines.duacs._method import _long_wave_speed

    # 2.7 m/s at 10, 20, 38 and 50 degrees: 22, 5.4, 1.4 and 0.7 km/day westward.
    radius = [2.7 / (2 * 7.2921e-5 * np.sin(np.deg2rad(lat))) / 1000.0 for lat in (10, 20, 38, 50)]
    speeds = [_long_wave_speed(lat, km) for lat, km in zip((10, 20, 38, 50), radius, strict=True)]
    assert speeds == pytest.approx([-22.0, -5.4, -1.4, -0.7], rel=0.07)


def test_the_limit_of_observations_holds_and_changes_little() -> None:
    rows = tracks(count=90)
    full, few = (plain(most=most, tile=9.0)(rows, target()).ssh for most in (5000, 700))
    assert 0.0 < float(np.abs(full - few).max()) < 0.5 * 0.25


def test_workers_do_not_change_the_map() -> None:
    one, two = (plain(workers=workers, tile=2.0)(tracks(), target()).ssh for workers in (1, 2))
    assert one.equals(two)


def test_progress_rises_to_one() -> None:
    told: list[float] = []
    plain(tile=2.0, progress=lambda what, share: told.append(share))(tracks(), target())
    assert told == sorted(told)
    assert told[-1] == pytest.approx(1.0)


def test_heights_that_are_not_numbers_are_refused() -> None:
    rows = tracks()
    rows["ssh"][5] = np.nan
    with pytest.raises(ValueError, match="1 of 960 observations have no finite 'ssh'"):
        plain()(rows, target())


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"L": 0.0}, "L of Duacs is 0.0; it takes a number above 0"),
        ({"T": -1.0}, "T of Duacs is -1.0"),
        ({"signal": 0.0}, "signal of Duacs is 0.0; it takes none, or a number above 0"),
        ({"anisotropy": 0.0}, "anisotropy of Duacs is 0.0"),
        ({"pass_error": -0.1}, "pass_error of Duacs is -0.1; it takes none, or 0 m or more"),
        ({"wide": 1.0}, "wide of Duacs is 1.0; it takes a share from 0 to below 1"),
        ({"scales": "map"}, "scales of Duacs is 'map'; it takes constant, latitude or atlas"),
        ({"halo": 0.5}, "halo of Duacs is 0.5; it takes a number from 1"),
        ({"most": 3}, "most of Duacs is 3; it takes a whole number from 10"),
        ({"tile": 0.0}, "tile of Duacs is 0.0"),
        ({"representativity": -1.0}, "representativity of Duacs is -1.0"),
    ],
)
def test_parameters_out_of_range_are_refused_by_name(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Duacs(**changes)
