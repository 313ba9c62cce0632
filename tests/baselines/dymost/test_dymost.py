"""Dynamic mapping: the inversion against closed forms, and what it does with little or odd input."""

import dataclasses

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from oceanbench.physics.geostrophy import geostrophic_currents
from oceanbench_baselines.dymost import Dymost, DymostStatic
from oceanbench_baselines.dymost._drift import Drift
from oceanbench_baselines.dymost._gauss_newton import gauss_newton
from oceanbench_baselines.dymost._lattice import Lattice
from oceanbench_baselines.dymost._sine_prior import SinePrior
from oceanbench_baselines.dymost._trajectories import Carried, Kept
from oceanbench_baselines.dymost._window import Window

SMALL = {"spacing_km": 40.0, "margin_km": 80.0, "shortest_km": 80.0, "window": 4.0, "outer": 2, "inner": 30}
TIMES = np.arange("2012-10-22T12", "2012-10-27T12", 24, dtype="datetime64[h]").astype("datetime64[ns]")


def _grid(lat0: float = 36.0) -> xr.Dataset:
    lat, lon = lat0 + np.arange(0.0, 4.1, 0.5), np.arange(-64.0, -59.9, 0.5)
    return xr.Dataset(coords={"time": TIMES, "lat": lat, "lon": lon})


def _observations(lon, lat, hours, ssh) -> xr.Dataset:
    """One nadir altimeter; hours since noon of the first map."""
    count = len(lon)
    time = TIMES[0] + (np.asarray(hours, float) * 3.6e12).astype("timedelta64[ns]")
    values = {"time": time, "lon": np.asarray(lon, float), "lat": np.asarray(lat, float), "ssh": ssh}
    fields = {name: ("obs", np.asarray(value)) for name, value in values.items()}
    fields |= {"mission": ("obs", np.zeros(count, np.int8)), "line": ("obs", np.arange(count))}
    fields |= {"pixel": ("obs", np.zeros(count, np.int16))}
    attrs = {"missions": ["Jason-3"], "pixels": [1], "lines": [count], "error_free": True}
    return xr.Dataset(fields, attrs=attrs)


def _pass(ssh: float, hours: float = 48.0) -> xr.Dataset:
    lat = np.arange(36.0, 40.0, 0.06)
    return _observations(
        -62 + 0.3 * (lat - 38), lat, hours + np.arange(lat.size) / 3600, np.full(lat.size, ssh)
    )


def _mean(slope: float = 0.0) -> xr.DataArray:
    lat, lon = np.arange(30.0, 46.1, 0.5), np.arange(-72.0, -51.9, 0.5)
    return xr.DataArray(0.3 + slope * (lat[:, None] - 38) + 0 * lon, coords={"lat": lat, "lon": lon})


class Linear:
    """Observation operator that is a matrix."""

    def __init__(self, matrix):
        self.matrix = matrix

    def run(self, coefficients):
        return self.matrix @ coefficients

    tangent = run

    def adjoint(self, weights):
        return self.matrix.T @ weights


class Quadratic(Linear):
    """A little of the square of each value beside it: curved, as dynamics are."""

    def run(self, coefficients):
        self.values = self.matrix @ coefficients
        return self.values + 0.05 * self.values**2

    def tangent(self, change):
        return (1 + 0.1 * self.values) * (self.matrix @ change)

    def adjoint(self, weights):
        return self.matrix.T @ ((1 + 0.1 * self.values) * weights)


def _solved(operator, values, variance, size, **settings):
    settings = {"outer": 1, "inner": 200, "tolerance": 1e-12} | settings
    return gauss_newton(operator, values, variance, size=size, **settings)


# --- the inversion


def test_linear_dynamics_give_optimal_interpolation_with_the_carried_covariance():
    random = np.random.default_rng(0)
    carried, values = random.normal(size=(30, 12)), random.normal(size=30)
    variance = random.uniform(0.1, 1.0, 30)
    solution = _solved(Linear(carried), values, variance, 12)
    weights = np.linalg.solve(carried @ carried.T + np.diag(variance), values)
    assert solution.coefficients == pytest.approx(carried.T @ weights, abs=1e-8)


def test_second_linearisation_of_linear_dynamics_changes_nothing():
    random = np.random.default_rng(1)
    operator, values = Linear(random.normal(size=(30, 12))), random.normal(size=30)
    once = _solved(operator, values, np.ones(30), 12)
    twice = _solved(operator, values, np.ones(30), 12, outer=2)
    assert twice.coefficients == pytest.approx(once.coefficients, abs=1e-9)


def test_curved_dynamics_end_where_the_gradient_vanishes_and_cost_never_rises():
    random = np.random.default_rng(2)
    operator, values = Quadratic(random.normal(size=(40, 10))), random.normal(size=40)
    solution = _solved(operator, values, np.full(40, 0.2), 10, outer=12)
    misfit = values - operator.run(solution.coefficients)
    gradient = solution.coefficients - operator.adjoint(misfit / 0.2)
    assert np.abs(gradient).max() < 1e-6
    assert all(np.diff(solution.costs) <= 1e-9)


def test_carried_covariance_beats_a_static_one_on_linear_rossby_waves():
    """Circle of 2000 km, 11 epochs 2 days apart with 4 points each; 1.8 cm against 2.7 cm over 60 seeds."""
    cells, epochs, kept = 64, np.arange(-10.0, 10.1, 2.0), 40
    x = 2000.0 / cells * np.arange(cells)
    apart = np.abs(x[:, None] - x)
    prior = np.linalg.cholesky(
        0.01 * np.exp(-((np.minimum(apart, 2000 - apart) / 150) ** 2)) + 1e-9 * np.eye(cells)
    )
    k = 2e3 * np.pi * np.fft.rfftfreq(cells, 2000.0 / cells)  # per 1000 km
    speed = -1.80e-11 / ((1e-6 * k) ** 2 + 30.1e3**-2) * 86.4  # km/day
    errors = np.zeros((kept, 2))
    for seed in range(kept):
        random = np.random.default_rng(seed)
        start = prior @ random.normal(size=cells)
        rows = []
        for day in epochs:
            turned = np.fft.irfft(
                np.fft.rfft(np.eye(cells), axis=0) * np.exp(-1e-3j * k * speed * day)[:, None], cells, axis=0
            )
            rows.append(turned[random.choice(cells, 4, replace=False)])
        moving = np.concatenate(rows)
        values = moving @ start + 0.02 * random.normal(size=len(moving))
        carried = _solved(Linear(moving @ prior), values, np.full(len(moving), 4e-4), cells)
        # Static: every point stays, and its correlation with the middle decays over 10 days.
        places = np.stack([np.abs(row).argmax() for row in moving])
        times = np.repeat(epochs, 4)
        decay = np.exp(-(((times[:, None] - times) / 10) ** 2))
        covariance = prior @ prior.T
        static = (covariance[:, places] * np.exp(-((times / 10) ** 2))) @ np.linalg.solve(
            covariance[np.ix_(places, places)] * decay + 4e-4 * np.eye(times.size), values
        )
        errors[seed] = [
            np.sqrt(np.mean((prior @ carried.coefficients - start) ** 2)),
            np.sqrt(np.mean((static - start) ** 2)),
        ]
    mean = errors.mean(axis=0)
    assert mean[0] == pytest.approx(0.0182, rel=0.15)
    assert mean[1] == pytest.approx(0.0265, rel=0.15)
    assert (errors[:, 0] < errors[:, 1]).mean() > 0.9


# --- the prior


def test_prior_has_the_covariance_of_arhan_and_colin_de_verdiere_in_the_middle():
    prior = SinePrior(81, 81, 10.0, std=0.1, length_km=150.0, shortest_km=20.0)
    middle = np.zeros((81, 81))
    middle[40, 40] = 1.0
    covariance = prior.field(prior.adjoint(middle))[40, 40:61]
    a = 3.34 * np.arange(21) * 10.0 / 150.0
    expected = 0.01 * (1 + a + a**2 / 6 - a**3 / 6) * np.exp(-a)
    assert covariance == pytest.approx(expected, abs=0.01 * 0.03)


def test_prior_vanishes_on_the_rim_and_its_adjoint_is_its_transpose():
    prior = SinePrior(14, 20, 20.0, std=0.1, length_km=150.0, shortest_km=60.0)
    random = np.random.default_rng(0)
    coefficients, field = random.normal(size=prior.size), random.normal(size=(14, 20))
    drawn = prior.field(coefficients)
    assert np.abs(drawn[[0, -1]]).max() == np.abs(drawn[:, [0, -1]]).max() == 0
    assert (drawn * field).sum() == pytest.approx(coefficients @ prior.adjoint(field), rel=1e-12)


def test_prior_leaves_out_waves_shorter_than_it_is_told():
    long = SinePrior(31, 31, 20.0, std=0.1, length_km=150.0, shortest_km=100.0)
    all_of_them = SinePrior(31, 31, 20.0, std=0.1, length_km=150.0, shortest_km=10.0)
    assert long.size < all_of_them.size < 29 * 29
    assert long.size == pytest.approx(np.pi / 4 * (600 / 50) ** 2, rel=0.15)


# --- the lattice


@given(lon=st.floats(-63.5, -60.5), lat=st.floats(36.5, 39.5), day=st.floats(-1.0, 1.0))
def test_sampling_is_exact_for_cubic_fields_that_change_steadily(lon, lat, day):
    lattice = Lattice.around(
        np.array([-64.0, -60.0]), np.array([36.0, 40.0]), spacing_km=20.0, margin_km=50.0
    )
    times = np.array([-1.0, 0.0, 1.0])

    def field(x, y, t):
        return (1 + 0.3 * t) * (0.1 + (x / 100) ** 3 - (y / 100) ** 2 * (x / 100))

    heights = np.stack([field(lattice.x_km[None, :], lattice.y_km[:, None], t) for t in times])
    sampling = lattice.sampling(np.array([lon]), np.array([lat]), np.array([day]), times)
    expected = field(lattice.plane.x(lon), lattice.plane.y(lat), day)
    assert (sampling @ heights.ravel())[0] == pytest.approx(float(expected), abs=1e-9)


def test_lattice_covers_the_box_and_its_margin():
    lattice = Lattice.around(
        np.array([-65.0, -55.0]), np.array([33.0, 43.0]), spacing_km=20.0, margin_km=200.0
    )
    assert (lattice.rows, lattice.columns) == (77, 65)
    assert lattice.y_km[-1] - lattice.y_km[0] >= 10 * 111.2 + 400
    assert lattice.contains(np.array([-65.0, -55.0, -40.0]), np.array([33.0, 43.0, 38.0])).tolist() == [
        True,
        True,
        False,
    ]


# --- windows


def _window(trajectories, growth=0.05):
    lattice = Lattice.around(
        np.array([-63.0, -60.0]), np.array([36.0, 39.0]), spacing_km=30.0, margin_km=60.0
    )
    random = np.random.default_rng(5)
    background = np.cumsum(0.01 * random.normal(size=(9, lattice.rows, lattice.columns)), axis=0)
    background += 0.3 * np.tanh(lattice.y_km[:, None] / 100)
    places = random.uniform(-62.5, -60.5, 25), random.uniform(36.5, 38.5, 25), random.uniform(-1, 1, 25)
    sampling = lattice.sampling(*places, np.arange(-4, 5) / 4)
    prior = SinePrior(lattice.rows, lattice.columns, 30.0, std=0.1, length_km=150.0, shortest_km=60.0)
    drift = Drift(dataclasses.replace(prior, std=growth), np.arange(-4, 5) / 4, memory=3.0)
    return Window(trajectories(lattice), prior, drift, background, 0.2 + 0 * background[0], sampling)


def _carried(lattice):
    qg = pytest.importorskip("oceanbench.physics.open_qg")
    model = qg.OpenQG(lattice.rows, lattice.columns, spacing=30e3)
    return Carried(model, seconds=21600.0, double=True)


@pytest.fixture
def _double():
    jax = pytest.importorskip("jax")
    with jax.enable_x64(True):
        yield


@pytest.mark.parametrize("trajectories", [lambda _: Kept(), pytest.param(_carried, marks=pytest.mark.slow)])
@pytest.mark.usefixtures("_double")
def test_window_s_adjoint_is_the_transpose_of_its_tangent(trajectories):
    window, random = _window(trajectories), np.random.default_rng(6)
    change, weights = random.normal(size=window.size), random.normal(size=25)
    window.run(0.5 * change)
    assert weights @ window.tangent(change) == pytest.approx(change @ window.adjoint(weights), rel=1e-10)


@pytest.mark.slow
@pytest.mark.usefixtures("_double")
def test_perfect_model_and_observations_give_back_the_truth():
    window = _window(_carried)
    truth = np.random.default_rng(7).normal(size=window.size)
    values = window.run(truth)
    solution = _solved(window, values, np.full(25, 1e-10), window.size, outer=6, inner=400)
    assert window.run(solution.coefficients) == pytest.approx(values, abs=1e-4)
    assert solution.costs[-1] <= truth @ truth / 2 * 1.001


def test_without_dynamics_it_is_optimal_interpolation_with_an_error_that_grows_with_the_days():
    window = _window(lambda _: Kept())
    start = window.prior.field
    fields = np.stack([np.tile(start(row).ravel(), 9) for row in np.eye(window.prior.size)], axis=-1)
    drifts = np.stack([window.drift.heights(row).ravel() for row in np.eye(window.drift.size)], axis=-1)
    seen = window.sampling @ np.concatenate([fields, drifts], axis=-1)
    values, variance = np.random.default_rng(8).normal(size=25), np.linspace(0.01, 0.1, 25)
    innovations = values - window.run(np.zeros(window.size))
    solution = _solved(window, values, variance, window.size)
    gain = seen.T @ np.linalg.solve(seen @ seen.T + np.diag(variance), innovations)
    assert solution.coefficients == pytest.approx(gain, abs=1e-8)


# --- what the trajectories get wrong


FIELDS = SinePrior(12, 14, 20.0, std=0.04, length_km=150.0, shortest_km=60.0)


def test_drift_of_long_memory_grows_in_proportion_to_time_and_changes_sign_in_the_past():
    courses = Drift(FIELDS, np.arange(-3.0, 3.1, 0.25), memory=1e4).courses
    days = np.arange(-3.0, 3.1, 0.25)
    assert courses.T @ courses == pytest.approx(np.outer(days, days), abs=1e-3 * 9)


def test_drift_of_short_memory_grows_with_the_root_of_time():
    days = np.arange(-6.0, 6.1, 0.05)
    variance = (Drift(FIELDS, days, memory=0.5).courses ** 2).sum(axis=0)
    late = days >= 2
    exact = days[late] * 0.5 * np.sqrt(np.pi) - 0.25  # the double integral of exp(-((s - s')/0.5)^2)
    assert variance[late] == pytest.approx(exact, rel=0.02)


def test_drift_is_nothing_at_the_analysis_and_its_adjoint_is_its_transpose():
    drift, random = Drift(FIELDS, np.arange(-2.0, 2.1, 0.5), memory=2.0), np.random.default_rng(0)
    coefficients, weights = random.normal(size=drift.size), random.normal(size=(9, 12, 14))
    heights = drift.heights(coefficients)
    assert np.abs(heights[4]).max() < 1e-9 * np.abs(heights).max()
    assert (heights * weights).sum() == pytest.approx(coefficients @ drift.adjoint(weights), rel=1e-12)


# --- the method


@pytest.mark.parametrize("method", [Dymost, DymostStatic])
def test_no_observation_gives_the_mean_height(method):
    pytest.importorskip("jax")
    nothing = _pass(1.0).isel(obs=slice(0))
    result = method(**SMALL)(nothing, _grid(), mean=_mean(slope=0.05))
    expected = 0.3 + 0.05 * (_grid().lat.values[:, None] - 38) + 0 * _grid().lon.values
    assert result["ssh"].values == pytest.approx(np.broadcast_to(expected, (5, 9, 9)), abs=1e-9)
    assert result["ssh"].attrs["analyses_without_observations"] == result["ssh"].attrs["analyses"]


def test_one_observation_at_the_time_of_an_analysis_is_weighted_as_its_error_says():
    method = DymostStatic(**SMALL, std=0.1, thin_lines=1, representativity=0.05, length_km=200.0, every=4.0)
    point = _observations([-62.0], [38.0], [0.0], [0.5])
    height = method(point, _grid(), mean=_mean())["ssh"].isel(time=0).sel(lat=38.0, lon=-62.0)
    assert float(height) == pytest.approx(0.3 + 0.2 * 0.01 / (0.01 + 0.0025), abs=0.2 * 0.06)


@pytest.mark.parametrize("dt", [0.0, 1.0, -2.0, 3.0])
def test_one_observation_counts_less_the_further_in_time_it_is(dt):
    method = DymostStatic(
        **SMALL, std=0.1, thin_lines=1, representativity=0.05, length_km=200.0, growth=0.04, memory=1e3
    )
    point = _observations([-62.0], [38.0], [24 * dt], [0.5])
    height = method(point, _grid().isel(time=[0]), mean=_mean())["ssh"].sel(lat=38.0, lon=-62.0)
    weight = 0.01 / (0.01 + 0.0025 + (0.04 * dt) ** 2)
    assert float(height[0]) == pytest.approx(0.3 + 0.2 * weight, abs=0.2 * 0.06)


def test_only_days_near_a_wanted_map_are_analysed():
    grid = _grid().isel(time=[0, 4])
    result = DymostStatic(**SMALL, every=1.0)(_pass(0.4), grid, mean=_mean())["ssh"]
    assert result.attrs["analyses"] == 2
    all_days = DymostStatic(**SMALL, every=1.0)(_pass(0.4), _grid(), mean=_mean())["ssh"]
    assert result.values == pytest.approx(all_days.values[[0, 4]], abs=1e-12)


@pytest.mark.slow
def test_one_pass_moves_the_map_near_it_and_not_far_away():
    pytest.importorskip("jax")
    result = Dymost(**SMALL, every=4.0, std=0.1)(_pass(0.4), _grid(), mean=_mean())["ssh"]
    middle = result.isel(time=2)
    assert 0.05 < float(middle.sel(lat=38.0, lon=-62.0)) - 0.3 < 0.1
    assert abs(float(middle.sel(lat=38.0, lon=-64.0)) - 0.3) < 0.04


@pytest.mark.parametrize("method", [Dymost, DymostStatic])
def test_constant_height_equal_to_the_mean_stays_constant(method):
    pytest.importorskip("jax")
    result = method(**SMALL, every=4.0)(_pass(0.3), _grid(), mean=_mean())
    assert result["ssh"].values == pytest.approx(0.3, abs=1e-6)


def test_currents_are_the_slopes_of_the_map():
    method = DymostStatic(**SMALL, every=4.0, currents=True, std=0.1)
    result = method(_pass(0.4), _grid(), mean=_mean())
    inner = {"lat": slice(1, -1), "lon": slice(1, -1)}
    differences = geostrophic_currents(result["ssh"]).isel(inner)
    for name in ("ugos", "vgos"):
        ours, theirs = result[name].isel(inner).values.ravel(), differences[name].values.ravel()
        assert np.corrcoef(ours, theirs)[0, 1] > 0.95
        assert (ours @ theirs) / (theirs @ theirs) == pytest.approx(1.0, abs=0.3)


def test_a_height_that_is_missing_is_refused():
    heights = _pass(0.4)
    heights["ssh"][:] = np.nan
    with pytest.raises(ValueError, match="no finite 'ssh'"):
        DymostStatic(**SMALL, thin_lines=1)(heights, _grid(), mean=_mean())


@pytest.mark.parametrize("lat0", [-2.0, 2.0])
def test_a_box_near_the_equator_is_refused(lat0):
    observations = _pass(0.4).assign(lat=("obs", np.linspace(lat0, lat0 + 4, 67)))
    with pytest.raises(ValueError, match="degrees north; quasi-geostrophic dynamics hold between 5"):
        DymostStatic(**SMALL)(observations, _grid(lat0), mean=_mean())


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"window": 0.0}, "window of Dymost is 0.0"),
        ({"every": 9.0}, "every of Dymost is 9.0; it takes at most the window of 5"),
        ({"wave_speed": -2.0}, "wave_speed of Dymost is -2.0"),
        ({"growth": -1.0}, "growth of Dymost is -1.0"),
        ({"memory": 0.0}, "memory of Dymost is 0.0"),
        ({"shortest_km": 20.0}, "shortest_km of Dymost is 20.0; it takes two grid steps"),
        ({"std": 0.0}, "std of Dymost is 0.0"),
        ({"inner": 0}, "inner of Dymost is 0"),
        ({"background": "oi"}, "background of Dymost is 'oi'; it takes 'mean' or 'duacs'"),
        ({"error": True}, "error of Dymost is True; it takes false only"),
    ],
)
def test_parameters_that_mean_nothing_are_refused(wrong, told):
    with pytest.raises(ValueError, match=told):
        Dymost(**wrong)
