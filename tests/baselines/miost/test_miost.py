"""MIOST: what it must give where the answer is known, alone and against dense algebra."""

import dataclasses
from typing import Any

import numpy as np
import pytest
import xarray as xr
from numpy.typing import NDArray

from oceanbench_baselines.mapping._anomalies import Heights, Target
from oceanbench_baselines.mapping._plane import Plane
from oceanbench_baselines.miost import Miost
from oceanbench_baselines.miost._inversion import Inversion
from oceanbench_baselines.miost._scene import Scene, cut_windows

type Floats = NDArray[np.float64]

# Two bands and the large scale in a small box: every step of the method, in milliseconds.
SMALL = Miost(
    shortest_km=200.0,
    longest_km=300.0,
    facns=1.0,
    lifetime_days=6.0,
    variances=(0.004, 0.01),
    tolerance=1e-10,
    window_days=30.0,
)
ORIGIN = np.datetime64("2012-10-22T12:00:00", "ns")


def grid(days: int = 3, step: float = 0.5, size: float = 3.0) -> xr.Dataset:
    time = ORIGIN + np.arange(days) * np.timedelta64(1, "D")
    lat, lon = np.arange(36.0, 36.01 + size, step), np.arange(-62.0, -61.99 + size, step)
    return xr.Dataset(coords={"time": time, "lat": lat, "lon": lon})


def observed(lon: Any, lat: Any, day: Any, ssh: Any, pixels: int = 1) -> xr.Dataset:
    """Nadir observations of one mission."""
    lon, lat, day, ssh = (np.asarray(each, dtype=np.float64) for each in (lon, lat, day, ssh))
    time = ORIGIN + (day * 86_400e9).astype("timedelta64[ns]")
    columns = {"time": time, "lon": lon, "lat": lat, "ssh": ssh}
    columns |= {"mission": np.zeros(lon.size, np.int8), "line": np.arange(lon.size)}
    columns |= {"pixel": np.zeros(lon.size, np.int16)}
    attrs = {"missions": ["Jason-3"], "lines": [lon.size], "pixels": [pixels], "error_free": True}
    return xr.Dataset({name: ("obs", values) for name, values in columns.items()}, attrs=attrs)


def scattered(count: int = 40, seed: int = 0) -> xr.Dataset:
    """Observations at random, a pass each, of a wave of 250 km."""
    random = np.random.default_rng(seed)
    lon, lat = random.uniform(-62.0, -59.0, count), random.uniform(36.0, 39.0, count)
    day = np.sort(random.uniform(-3.0, 5.0, count))
    return observed(lon, lat, day, 0.1 * np.sin(2 * np.pi * 90.0 * lon / 250.0))


def single(method: Miost) -> Miost:
    """Give the method with every sample as its own observation, about zero."""
    return dataclasses.replace(method, thin_lines=1, mean="none")


# --- no data, one datum, constants


def test_the_map_without_observations_is_the_mean() -> None:
    mean = xr.DataArray(
        np.linspace(0.0, 1.0, 8)[:, None] + np.zeros(8),
        dims=("lat", "lon"),
        coords={"lat": np.linspace(35.0, 40.0, 8), "lon": np.linspace(-63.0, -58.0, 8)},
    )
    none = scattered().isel(obs=slice(0, 0))
    found = SMALL(none, grid(), mean=mean)
    assert found.ssh.values == pytest.approx(
        np.broadcast_to(mean.interp(lat=grid().lat, lon=grid().lon).values, found.ssh.shape)
    )
    assert found.ssh.attrs["iterations"] == "0"


def test_the_error_without_observations_is_the_prior() -> None:
    method = dataclasses.replace(single(SMALL), error=True, members=60, facns=2.0, large_std=0.0)
    found = method(scattered().isel(obs=slice(0, 0)), grid())
    assert float(np.sqrt((found.ssh_error**2).mean())) == pytest.approx(np.sqrt(0.014), rel=0.1)


def test_one_observation_gives_the_closed_form_at_its_place() -> None:
    method = dataclasses.replace(single(SMALL), facns=2.0, representativity=0.05)
    found = method(observed([-60.5], [37.5], [1.0], [0.2]), grid())
    prior = 0.004 + 0.01 + method.large_std**2
    expected = prior / (prior + 0.05**2) * 0.2
    assert float(found.ssh.sel(lat=37.5, lon=-60.5)[1]) == pytest.approx(expected, rel=1e-5)


def test_one_observation_is_not_seen_beyond_the_reach_of_all_packets() -> None:
    method = dataclasses.replace(single(SMALL), large_std=0.0)
    found = method(observed([-60.5], [37.5], [-20.0], [0.2]), grid())
    assert found.ssh.values == pytest.approx(0.0, abs=1e-12)


def test_a_constant_height_is_mapped_as_that_constant_by_the_fitted_mean() -> None:
    constant = scattered().assign(ssh=("obs", np.full(40, 0.7)))
    found = dataclasses.replace(SMALL, mean="fit", thin_lines=1)(constant, grid())
    assert found.ssh.values == pytest.approx(0.7, abs=1e-6)


def test_one_pass_only_is_mapped() -> None:
    lat = np.linspace(36.0, 39.0, 50)
    track = observed(np.full(50, -60.5), lat, 1.0 + np.arange(50) / 86_400, 0.1 * np.cos(lat))
    found = single(SMALL)(track, grid())
    on_track = found.ssh.sel(lon=-60.5)[1]
    assert on_track.values == pytest.approx(0.1 * np.cos(on_track.lat.values), abs=0.02)


# --- algebra


def test_the_map_is_linear_in_the_heights() -> None:
    some, others = scattered(), scattered()
    others = others.assign(ssh=("obs", np.random.default_rng(1).standard_normal(40)))
    both = some.assign(ssh=2.0 * some.ssh + others.ssh)
    method = single(SMALL)
    maps = [method(each, grid()).ssh.values for each in (some, others, both)]
    assert maps[2] == pytest.approx(2.0 * maps[0] + maps[1], abs=1e-4)


def test_the_order_of_the_observations_is_nothing() -> None:
    some, method = scattered(), single(SMALL)
    turned = some.isel(obs=np.random.default_rng(2).permutation(40))
    assert method(turned, grid()).ssh.values == pytest.approx(method(some, grid()).ssh.values, abs=1e-5)


def heights(count: int = 60, seed: int = 0) -> Heights:
    random = np.random.default_rng(seed)
    days = np.sort(random.uniform(-3.0, 5.0, count))
    return Heights(
        lon=random.uniform(-62.0, -59.0, count),
        lat=random.uniform(36.0, 39.0, count),
        days=days,
        anomaly=0.1 * random.standard_normal(count),
        mean=np.zeros(count),
        variance=random.uniform(0.02, 0.05, count) ** 2,
        mission=np.zeros(count, np.int64),
        passes=np.arange(count),
        across_km=np.zeros(count),
        swath=np.zeros(count, bool),
        missions=("a",),
    )


def target(days: int = 3) -> Target:
    g = grid(days)
    lat, lon = g.lat.values, g.lon.values
    return Target(
        np.arange(float(days)), lat, lon, np.zeros((lat.size, lon.size)), lambda x, y: 0.0 * x + 0.0 * y
    )


def dense(method: Miost, seen: Heights, wanted: Target) -> tuple[Floats, Floats]:
    """Map and error variance by optimal interpolation with the covariance of the packets, (points,)."""
    scene = Scene.of(seen, wanted)
    window = cut_windows(wanted.days, method.window_days, method.overlap_days)[0]
    t, y, x = (each.ravel() for each in np.meshgrid(wanted.days, scene.grid_y, scene.grid_x, indexing="ij"))
    at_points, at_grid = [], []
    for band in method._bands(scene, window):
        at_points.append(band.sampled(scene.x, scene.y, scene.pass_days, np.float64).matrix().toarray())
        at_grid.append(band.sampled(x, y, t, np.float64).matrix().toarray())
    g, m = np.hstack(at_points), np.hstack(at_grid)
    errors = np.hstack([each.matrix.toarray() for each in method._errors(scene)])
    gain = np.linalg.solve(g @ g.T + errors @ errors.T + np.diag(seen.variance), g @ m.T).T
    variance = (m**2).sum(axis=1) - np.einsum("gn,gn->g", gain, m @ g.T)
    return gain @ seen.anomaly, variance


def test_the_iteration_gives_optimal_interpolation_with_the_covariance_of_the_packets() -> None:
    expected, _ = dense(SMALL, heights(), target())
    found = SMALL._map(heights(), target()).anomaly.ravel()
    assert np.std(expected) > 0.01
    assert found == pytest.approx(expected, abs=1e-5)  # packets are kept in single precision


def test_the_error_of_drawn_members_is_that_of_dense_algebra() -> None:
    method = dataclasses.replace(SMALL, error=True, members=150, tolerance=1e-4)
    _, variance = dense(method, heights(), target())
    found = method._map(heights(), target()).error
    assert found is not None
    ratio = found.ravel() ** 2 / variance
    assert ratio.mean() == pytest.approx(1.0, abs=0.05)
    assert ratio.std() < 2.0 * np.sqrt(2.0 / 150)


def test_the_error_does_not_depend_on_the_heights_but_on_the_seed() -> None:
    method = dataclasses.replace(SMALL, error=True, members=3, tolerance=1e-4)
    other = dataclasses.replace(heights(), anomaly=np.ones(60))
    errors = [each._map(h, target()).error for each, h in ((method, heights()), (method, other))]
    seeded = dataclasses.replace(method, seed=1)._map(heights(), target()).error
    assert errors[0] == pytest.approx(errors[1])
    assert errors[0] != pytest.approx(seeded, rel=1e-3)


def test_currents_are_the_slopes_of_the_map() -> None:
    from oceanbench.physics.geostrophy import geostrophic_currents

    fine = grid(1, step=0.05)
    found = dataclasses.replace(single(SMALL), currents=True)(scattered(), fine)
    expected = geostrophic_currents(found.ssh)
    inner = {"lat": slice(2, -2), "lon": slice(2, -2)}
    for name in ("ugos", "vgos"):
        size = float(np.abs(expected[name]).max())
        assert size > 0.02
        difference = (found[name] - expected[name]).isel(inner)
        assert float(np.abs(difference).max()) < 0.01 * size


# --- waves


def dense_plane(wavelength: float) -> tuple[Heights, Floats]:
    """One time, a grid of 20 km over 520 km, a plane wave of 10 cm going north-east."""
    line = np.arange(-260.0, 261.0, 20.0)
    x, y = (each.ravel() for each in np.meshgrid(line, line))
    plane, k = Plane(-60.5, 37.5), 2 * np.pi / wavelength / np.sqrt(2.0)
    wave = 0.1 * np.cos(k * (x + y))
    base = heights(x.size)
    seen = dataclasses.replace(
        base,
        lon=-60.5 + x / plane.km_per_degree_east,
        lat=37.5 + y / 111.2,
        days=np.zeros(x.size),
        passes=np.zeros(x.size, np.int64),
        anomaly=wave,
        variance=np.full(x.size, 0.02**2),
    )
    return seen, wave


def test_waves_longer_than_the_shortest_packets_pass_and_shorter_ones_do_not() -> None:
    method = Miost(
        facns=1.0,
        variances=(0.0005, 0.0015, 0.003, 0.005, 0.005, 0.004, 0.003),
        lifetime_exponent=0.5,
        lifetime_days=7.0,
        shortest_lifetime=3.0,
        longest_lifetime=10.0,
        large_std=0.0,
        tolerance=1e-4,
    )
    gains = {}
    for wavelength in (400.0, 100.0, 60.0, 45.0):
        seen, wave = dense_plane(wavelength)
        inner = (np.abs(seen.lon + 60.5) < 1.3) & (np.abs(seen.lat - 37.5) < 1.1)
        lat, lon = np.unique(seen.lat[inner].round(9)), np.unique(seen.lon[inner].round(9))
        wanted = Target(np.zeros(1), lat, lon, np.zeros((lat.size, lon.size)), lambda x, y: 0.0 * x)
        found = method._map(seen, wanted).anomaly.ravel()
        gains[wavelength] = float(found @ wave[inner] / (wave[inner] @ wave[inner]))
    assert gains[400.0] == pytest.approx(1.0, abs=0.005)
    assert gains[100.0] == pytest.approx(0.963, abs=0.02)
    assert gains[60.0] == pytest.approx(0.44, abs=0.08)
    assert gains[45.0] < 0.02


@pytest.mark.parametrize(("which", "std", "most"), [(0, 0.02, 0.01), (1, 0.02, 0.003), (1, 0.001, 2e-4)])
def test_the_map_of_one_packet_densely_observed_is_that_packet(which: int, std: float, most: float) -> None:
    seen, _ = dense_plane(100.0)
    method = dataclasses.replace(SMALL, large_std=0.0, tolerance=1e-7, nadir_error=0.0)
    inner = (np.abs(seen.lon + 60.5) < 1.3) & (np.abs(seen.lat - 37.5) < 1.1)
    lat, lon = np.unique(seen.lat[inner].round(9)), np.unique(seen.lon[inner].round(9))
    wanted = Target(np.zeros(1), lat, lon, np.zeros((lat.size, lon.size)), lambda x, y: 0.0 * x)
    scene = Scene.of(seen, wanted)
    band = method._bands(scene, cut_windows(wanted.days, 30.0, 5.0)[0])[which]
    coefficients = np.zeros(band.size)
    middle = (band.t.count // 2 * band.places + band.places // 2) * band.columns
    coefficients[middle] = 1.0
    sampled = band.sampled(scene.x, scene.y, scene.pass_days, np.float64)
    truth = sampled.forward(coefficients).astype(np.float64)
    seen = dataclasses.replace(seen, anomaly=truth, variance=np.full(truth.size, std**2))
    found = method._map(seen, wanted).anomaly.ravel()
    assert np.linalg.norm(found - truth[inner]) < most * np.linalg.norm(truth[inner])


# --- errors of instruments


def swath_over_a_drawn_ocean(seed: int = 5) -> tuple[Heights, Floats, Target]:
    """Swath of 400 km along, ten cells on each side, over an ocean of the prior, with a roll of 10 cm."""
    along, across = np.arange(-200.0, 201.0, 12.0), np.r_[-55.0:-9.0:9.0, 10.0:56.0:9.0]
    y, x = (each.ravel() for each in np.meshgrid(along, across, indexing="ij"))
    plane = Plane(-60.5, 37.5)
    base = dataclasses.replace(
        heights(x.size),
        lon=-60.5 + x / plane.km_per_degree_east,
        lat=37.5 + y / 111.2,
        days=y / (6.7 * 86_400.0),
        passes=np.zeros(x.size, np.int64),
        across_km=x,
        swath=np.ones(x.size, bool),
        variance=np.full(x.size, 0.02**2),
    )
    wanted = target(1)
    scene = Scene.of(base, wanted)
    random, ocean = np.random.default_rng(seed), np.zeros(x.size)
    maps = np.zeros((wanted.lat.size, wanted.lon.size))
    for band in SMALL._bands(scene, cut_windows(wanted.days, 30.0, 5.0)[0]):
        coefficients = random.standard_normal(band.size)
        ocean += band.sampled(scene.x, scene.y, scene.pass_days).forward(coefficients)
        maps += band.maps(coefficients, scene.grid_x, scene.grid_y, wanted.days)[0]
    noise = 0.02 * random.standard_normal(x.size)
    roll = 0.1 * x / 60.0
    return dataclasses.replace(base, anomaly=ocean + noise + roll), maps, wanted


def test_a_map_that_allows_for_roll_is_nearer_to_the_truth() -> None:
    seen, truth, wanted = swath_over_a_drawn_ocean()
    near = np.abs(wanted.lon + 60.5) < 0.7
    errors = []
    for slope in (0.0, 0.1):
        method = dataclasses.replace(SMALL, swath_slope=slope, tolerance=1e-5)
        missed = method._map(seen, wanted).anomaly[0] - truth
        errors.append(float(np.sqrt((missed[:, near] ** 2).mean())))
    assert errors[1] < 0.7 * errors[0]


def test_a_planted_roll_comes_back_within_its_posterior_deviation() -> None:
    method = dataclasses.replace(SMALL, swath_timing=0.0, swath_slope=0.1, swath_bend=0.0)
    deviations = []
    for seed in range(12):
        seen, _, wanted = swath_over_a_drawn_ocean(seed)
        scene = Scene.of(seen, wanted)
        bands = method._bands(scene, cut_windows(wanted.days, 30.0, 5.0)[0])
        ocean = [band.sampled(scene.x, scene.y, scene.pass_days, np.float64) for band in bands]
        (roll,) = method._errors(scene)
        inversion = Inversion([*ocean, roll], seen.variance, tolerance=1e-8)
        found = roll.forward(inversion.split(inversion.solve(seen.anomaly).x)[-1])
        e, g = roll.matrix.toarray(), np.hstack([each.matrix().toarray() for each in ocean])
        prior = e @ e.T
        known = prior - prior @ np.linalg.solve(g @ g.T + prior + np.diag(seen.variance), prior)
        edge = np.abs(seen.across_km) > 50.0
        std = np.sqrt(np.diag(known))[edge]
        assert (std < 0.6 * np.sqrt(np.diag(prior))[edge]).all()
        deviations.append((found - 0.1 * seen.across_km / 60.0)[edge] / std)
    assert 0.5 < np.sqrt(np.mean(np.square(deviations))) < 1.4


def test_errors_that_are_not_given_are_the_usual_ones_where_heights_have_errors() -> None:
    noisy = scattered().assign_attrs(error_free=False)
    usual = single(SMALL)(noisy, grid()).ssh
    given, none = (
        dataclasses.replace(single(SMALL), nadir_error=std)(noisy, grid()).ssh for std in (0.02, 0.0)
    )
    assert usual.values == pytest.approx(given.values)
    assert usual.values != pytest.approx(none.values, abs=1e-4)


def test_errors_that_are_not_given_are_none_where_heights_are_free_of_error() -> None:
    usual = single(SMALL)(scattered(), grid()).ssh
    none = dataclasses.replace(single(SMALL), nadir_error=0.0)(scattered(), grid()).ssh
    assert usual.values == pytest.approx(none.values)


def test_errors_that_are_given_count_even_where_heights_are_free_of_error() -> None:
    stds = dataclasses.replace(SMALL, nadir_error=0.03)._error_stds(error_free=True)
    assert stds == {"nadir_error": 0.03, "swath_timing": 0.0, "swath_slope": 0.0, "swath_bend": 0.0}


def test_a_long_wavelength_error_is_kept_out_of_the_map() -> None:
    lat = np.linspace(36.0, 39.0, 60)
    passes = [(lon, day) for day, lon in enumerate(np.linspace(-61.8, -59.2, 6))]
    offsets = 0.05 * np.array([1, -1, 1, -1, 1, -1])
    tracks = [
        observed(np.full(60, lon), lat, -2.0 + day + np.arange(60) / 86_400, np.full(60, offset))
        for (lon, day), offset in zip(passes, offsets, strict=True)
    ]
    seen = xr.concat(tracks, "obs")
    seen = seen.assign(line=("obs", np.arange(seen.sizes["obs"]))).assign_attrs(lines=[seen.sizes["obs"]])
    spread = [
        float(dataclasses.replace(single(SMALL), nadir_error=std)(seen, grid()).ssh.std())
        for std in (0.0, 0.2)
    ]
    assert spread[1] < 0.25 * spread[0]


# --- windows in time


def test_one_window_holds_a_short_period_whole() -> None:
    windows = cut_windows(np.arange(42.0), 90.0, 15.0)
    assert len(windows) == 1
    assert (windows[0].weight == 1.0).all()


@pytest.mark.parametrize(
    ("days", "length", "overlap"), [(100, 30.0, 10.0), (60, 30.0, 0.0), (365, 90.0, 15.0)]
)
def test_the_weights_of_all_windows_sum_to_one(days: int, length: float, overlap: float) -> None:
    windows = cut_windows(np.arange(float(days)), length, overlap)
    sums = np.zeros(days)
    for window in windows:
        sums[window.rows] += window.weight
        assert window.days[-1] - window.days[0] <= length
    assert len(windows) > 1
    assert sums == pytest.approx(1.0)


def test_maps_of_several_windows_that_see_the_same_observations_are_those_of_one() -> None:
    random = np.random.default_rng(4)
    day = np.r_[-4.0, np.sort(random.uniform(-4.0, 11.0, 58)), 11.0]
    lon, lat = random.uniform(-62.0, -59.0, 60), random.uniform(36.0, 39.0, 60)
    seen = observed(lon, lat, day, 0.1 * random.standard_normal(60))
    whole = single(SMALL)(seen, grid(8)).ssh
    cut = dataclasses.replace(single(SMALL), window_days=4.0, overlap_days=2.0)(seen, grid(8)).ssh
    assert len(str(cut.attrs["iterations"]).split(",")) > 1
    assert cut.values == pytest.approx(whole.values, abs=1e-6)


def test_maps_of_several_windows_are_near_those_of_one() -> None:
    seen, long = scattered(80), grid(8)
    whole = single(SMALL)(seen, long).ssh
    cut = dataclasses.replace(single(SMALL), window_days=4.0, overlap_days=2.0)(seen, long).ssh
    assert len(str(cut.attrs["iterations"]).split(",")) > 1
    assert float(np.abs(cut - whole).max()) < 0.15 * float(np.abs(whole).max())


# --- local variance


def test_the_relative_variance_follows_the_observed_squares_and_is_1_far_away() -> None:
    seen = heights(400)
    seen = dataclasses.replace(seen, anomaly=np.where(seen.lon < -60.5, 0.2, 0.05))
    scene = Scene.of(seen, target())
    west, east, far = scene.relative_variance(np.array([-130.0, 130.0, 5000.0]), np.zeros(3), 0.0)
    assert west > 1.3
    assert east < 0.6
    assert far == pytest.approx(1.0)


def test_a_local_variance_of_heights_that_are_zero_changes_nothing() -> None:
    flat = scattered().assign(ssh=("obs", np.zeros(40)))
    method = dataclasses.replace(single(SMALL), local_variance="observed")
    assert not method(flat, grid()).ssh.values.any()


# --- what it says, and what it refuses


def test_the_map_tells_of_its_iterations() -> None:
    told: list[tuple[str, float]] = []
    method = dataclasses.replace(single(SMALL), progress=lambda stage, done: told.append((stage, done)))
    attrs = method(scattered(), grid()).ssh.attrs
    assert int(attrs["iterations"]) == len(told)
    assert float(attrs["residual_ratio"]) < 1e-10
    assert int(attrs["unknowns"]) > 40
    assert "comment" not in attrs
    assert told[-1] == ("solving", 1.0)


def test_a_map_that_did_not_converge_says_so() -> None:
    attrs = dataclasses.replace(single(SMALL), most_iterations=2)(scattered(), grid()).ssh.attrs
    assert "1 of 1 windows did not come to the tolerance" in attrs["comment"]


def test_heights_that_are_nan_are_refused() -> None:
    broken = scattered()
    broken["ssh"][3] = np.nan
    with pytest.raises(ValueError, match="1 of 40 observations have no finite 'ssh'"):
        single(SMALL)(broken, grid())


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("variances", (0.1, 0.1, 0.1), "1 number or 2, for 200, 286 km"),
        ("variances", (0.1, -0.1), "0 m² or more"),
        ("shortest_km", 0.0, "above 0 km"),
        ("longest_km", 10.0, "200 km or more"),
        ("facns", 0.5, "leave gaps"),
        ("lifetime_days", -1.0, "above 0"),
        ("longest_lifetime", 1.0, "no less than shortest_lifetime"),
        ("nadir_error", -0.1, "0 m or more"),
        ("tolerance", 1.0, "between 0 and 1"),
        ("most_iterations", 0, "from 1"),
        ("overlap_days", 30.0, "less than window_days"),
        ("members", 1, "from 2"),
        ("representativity", 0.0, "above 0"),
        ("local_variance", "some", "'uniform' or 'observed'"),
    ],
)
def test_parameters_out_of_range_are_refused(name: str, value: Any, said: str) -> None:
    with pytest.raises(ValueError, match=f"{name} of Miost is .*{said}"):
        dataclasses.replace(SMALL, **{name: value})


def test_lifetimes_grow_with_the_wavelength_between_their_bounds() -> None:
    lifetimes = Miost(lifetime_days=8.0, lifetime_exponent=1.0).lifetimes_days()
    assert lifetimes == pytest.approx([80 / 300 * 8, 3.048, 4.354, 6.220, 8.885, 12.693, 15.0], abs=1e-3)
