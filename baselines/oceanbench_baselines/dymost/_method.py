r"""Dynamic mapping: observations constrain one height field through the trajectory that it implies.

Around an analysis time t0 the ocean is one field h0, carried to the time of every observation within W days
by quasi-geostrophic dynamics, forward and backward (`oceanbench.physics.open_qg`; the total height is
propagated, as without the mean jet nothing advects):

.. math::

    y_i = (M_{t_i - t_0}(h_0))(x_i) + \delta(x_i, t_i) + e_i, \qquad h_0 \sim N(h_b, B), \qquad
    \langle e_i^2\rangle = s_i^2

where :math:`\delta` is what the dynamics get wrong, of standard deviation :math:`\epsilon\,|t_i - t_0|` at
first. The most probable h0 and :math:`\delta` are found by Gauss-Newton. Linearised, it is optimal
interpolation with the covariance :math:`B` carried by the dynamics to the places and times of the
observations. Between two analyses their trajectories, not their maps alone, are blended.

Choices.

- *Background.* The mean height, so that the prior is that of optimal interpolation as in Ubelmann et al.
  2016; each linearisation starts from the last estimate. Maps of `oceanbench_baselines.duacs` can be given
  instead, but then the observations are used twice, and nothing is gained: on three days of 2011 in the twin
  the RMSE is 6.4 cm either way. Where anomalies are wider than the basin they are needed, as B holds no such
  scales: in the Western Mediterranean, without dynamics, heights of missions left out are missed by 5 to 6 cm
  with them, by 10 to 16 cm without.
- *Basis and solver.* B is the covariance of optimal interpolation (Arhan and Colin de Verdière), diagonal in
  the sine modes of the model's rectangle: some 500 to 1500 modes where overlapping wave packets need
  thousands. The inner systems are solved by conjugate gradients with the adjoint model. Ubelmann et al. 2016
  find the same covariances by Green's functions, one linear run for every element of the basis: for 1000
  elements that is ten times the cost of 25 iterations. The formal error, which they would give, is not
  offered.
- *Model error.* :math:`\delta` is a field, sought together with h0 (weak constraint; see `_drift`): the
  observations of one pass share it. It alone limits how far in time the dynamics are believed: there is no
  decorrelation time beside it, which would count the same error twice. With the twin's truth of 2011 as start
  and rim, the model goes wrong by 4, 8, 15 and 25 cm in 1, 2, 4 and 7 days (c = 2.7 m/s), persistence by 7,
  13, 21 and 30 cm. Were an error of that size independent from one observation to the next, every pass would
  average it away: three maps of that year had an RMSE of 12.7 cm so, more the more exactly the equations were
  solved, and have 8.9 cm with :math:`\delta`; 10.0 cm with it and persistence.
- *Boundary.* Height at the rim of the model, and potential vorticity near it, are those of the background.
- *Land.* The model has no coast: the ocean goes on over land, and where nothing is observed it follows the
  background. Dynamic mapping gains in energetic open ocean; near coasts and in quiet seas little is
  to be expected (Ballarotta et al. 2020).

References
----------
Ubelmann, Klein and Fu 2015, J. Atmos. Oceanic Technol. 32, 177-184, doi 10.1175/JTECH-D-14-00152.1.
Ubelmann, Cornuelle and Fu 2016, J. Atmos. Oceanic Technol. 33, 1691-1699, doi 10.1175/JTECH-D-15-0163.1.
Rogé, Morrow, Ubelmann and Dibarboure 2017, Ocean Dynamics 67, 1047-1066, doi 10.1007/s10236-017-1073-0.
Ballarotta et al. 2020, J. Atmos. Oceanic Technol. 37, 1593-1601, doi 10.1175/JTECH-D-20-0030.1.
Pujol and Larnicol 2005, J. Mar. Syst. 58, 121-142, doi 10.1016/j.jmarsys.2005.07.003.
"""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Final, Literal, NamedTuple

import numpy as np

from oceanbench.parallel import side_by_side
from oceanbench_baselines.dymost._drift import Drift
from oceanbench_baselines.dymost._gauss_newton import gauss_newton
from oceanbench_baselines.dymost._lattice import Lattice
from oceanbench_baselines.dymost._sine_prior import SinePrior
from oceanbench_baselines.dymost._trajectories import Carried, Kept, Trajectories
from oceanbench_baselines.dymost._window import Window
from oceanbench_baselines.mapping._anomalies import AnomalyMapping, Heights, Maps, Target
from oceanbench_baselines.mapping._observed import Floats, require
from oceanbench_baselines.mapping._plane import GRAVITY, KM_PER_DEGREE, coriolis
from oceanbench_baselines.mapping._tuned import merged, presets

__all__ = ["Dymost", "DymostStatic"]

_STORE_HOURS: Final = 6.0
_FASTEST: Final = 3.0  # |u| + |v| in m/s that the time step is made for
_COURANT: Final = 0.6
_NEAREST_EQUATOR: Final = 5
_LEAST_STD: Final = 0.005  # m
_LEFT: Final = 0.25  # share of the anomalies' standard deviation that maps of four altimeters miss
_POSITIVE: Final = (
    "background_km",
    "background_days",
    "window",
    "every",
    "spacing_km",
    "wave_speed",
    "length_km",
    "memory",
    "tolerance",
)
# What is known beside the observations of a challenge, for Dymost and for persistence: see Dymost.PRESETS.
_MEDITERRANEAN: Final[Mapping[str, Any]] = {
    "background": "duacs",
    "wave_speed": 1.0,
    "spacing_km": 15.0,
    "margin_km": 100.0,
    "length_km": 100.0,
    "growth": 0.008,
    "memory": 7.0,
}
_CHOSEN: Final[Mapping[str, Mapping[str, Any]]] = {
    "2020a-twin": {"wave_speed": 3.5},
    "medsea-2021": _MEDITERRANEAN,
}


@dataclass(frozen=True)
class Dymost(AnomalyMapping):
    """Dynamic mapping: height fields carried to their observations by a 1.5-layer quasi-geostrophic model.

    Parameters
    ----------
    propagation : bool
        Carry the field by the model; False keeps it as it is within the window (persistence).
    background : {"mean", "duacs"}
        h_b, and the heights around the model: the mean height, or the maps of `oceanbench_baselines.duacs`
        for the same observations, which are then used twice.
    background_km, background_days : float
        L and T of those maps.
    window : float
        W, days to either side of an analysis.
    every : float
        Days between analyses at most, <= window.
    spacing_km : float
        Grid step of the model.
    margin_km : float
        How far the model reaches beyond the map.
    wave_speed : float
        c, the speed of long gravity waves of the first baroclinic mode, m/s; the deformation radius is c/|f|.
    std : float, optional
        Standard deviation of h0 about the background, m, > 0. None: that of the observed anomalies about the
        mean height, a quarter of it about maps.
    length_km : float
        First zero crossing L of the correlation of h0 about the background.
    shortest_km : float
        Shorter waves are not sought; at least two grid steps.
    growth : float
        ε, how fast what the dynamics predict goes wrong, m/day.
    memory : float
        Days over which it goes wrong in the same way.
    outer, inner : int
        Linearisations, and conjugate-gradient steps in each at most.
    tolerance : float
        Relative residual at which an inner iteration ends.
    thin_lines, swath_cell_km, instrument, representativity, mean, currents, workers, progress
        As in `oceanbench_baselines.mapping._anomalies.AnomalyMapping`.

    Attributes
    ----------
    PRESETS : mapping
        Parameters by challenge; where a result of ``oceanbench tune`` ships, those that it found instead.
        2020a-twin: the wave speed whose forecasts of one day from the truth of 2011 err least, 3.5 m/s of
        1.5, 2, 2.7, 3.5, 5 and 8. medsea-2021: no number is tuned. Deformation radius 10 km, the first
        baroclinic one of the Western Mediterranean (Rogé et al. 2017 map there by dynamics); L 100 km and
        T 10 days are the scales of regional maps (Pujol and Larnicol 2005), and anomalies of 0.06 m that
        decorrelate so change by about 0.008 m/day.

    Raises
    ------
    ValueError
        A parameter out of its range; ``error`` asked for; a box across the equator or too near to it.
    ImportError
        The package jax is not installed.
    """

    COST: ClassVar[str] = "analyses x linearised model runs; hardly the number of observations"
    INPUTS: ClassVar[str] = "nadir, swath; mean height"
    SEARCH: ClassVar[Mapping[str, tuple[float, float]]] = {
        "wave_speed": (1.0, 8.0),
        "growth": (0.005, 0.15),
        "memory": (1.0, 20.0),
        "length_km": (80.0, 300.0),
        "representativity": (0.005, 0.04),
    }
    PRESETS: ClassVar[Mapping[str, Mapping[str, Any]]] = merged(_CHOSEN, presets("dymost"))

    propagation: bool = True
    background: Literal["mean", "duacs"] = "mean"
    background_km: float = 150.0
    background_days: float = 10.0
    window: float = 5.0
    every: float = 2.0
    spacing_km: float = 20.0
    margin_km: float = 200.0
    wave_speed: float = 2.7
    std: float | None = None
    length_km: float = 150.0
    shortest_km: float = 60.0
    growth: float = 0.05
    memory: float = 3.0
    outer: int = 3
    inner: int = 20
    tolerance: float = 0.01

    def __post_init__(self) -> None:
        """Refuse parameters that mean nothing."""
        super().__post_init__()
        for name in _POSITIVE:
            require(self, name, getattr(self, name) > 0, "a number above 0")
        require(self, "std", self.std is None or self.std > 0, "none, or a number of metres above 0")
        for name in ("margin_km", "growth"):
            require(self, name, getattr(self, name) >= 0, "0 or more")
        for name in ("outer", "inner"):
            require(self, name, getattr(self, name) >= 1, "a whole number from 1")
        require(self, "every", self.every <= self.window, f"at most the window of {self.window} days")
        shortest = 2 * self.spacing_km
        require(
            self, "shortest_km", self.shortest_km >= shortest, f"two grid steps ({shortest:g} km) or more"
        )
        require(self, "background", self.background in ("duacs", "mean"), "'mean' or 'duacs'")
        require(self, "error", not self.error, "false only: a formal error is not computed by this method")

    def _map(self, heights: Heights, target: Target) -> Maps:
        lattice = Lattice.around(target.lon, target.lat, spacing_km=self.spacing_km, margin_km=self.margin_km)
        _check_latitudes(lattice.lat)
        background = self._background(heights, target, lattice)
        trajectories = self._trajectories(lattice)
        inside = heights.part(lattice.contains(heights.lon, heights.lat))
        prior = self._prior(inside, lattice)
        middles, step = _analysis_days(target.days, self.every)

        def analyse(middle: float) -> _Share:
            days, path, steps = self._analysis(inside, background, trajectories, lattice, prior, middle)
            return _share(days, path - background.mean, middle, step, lattice, target, self.currents, steps)

        shares = side_by_side(
            analyse, middles.tolist(), workers=self.workers, progress=self.progress, what="dynamic mapping"
        )
        return _blended(shares, target, self.currents)

    def _analysis(
        self,
        heights: Heights,
        background: "_Background",
        trajectories: Trajectories,
        lattice: Lattice,
        prior: SinePrior,
        middle: float,
    ) -> tuple[Floats, Floats, int]:
        """Days (times,) of a window, heights (times, rows, columns) on them and the inner steps taken."""
        half = int(np.ceil(self.window * 24 / _STORE_HOURS))
        days = middle + np.arange(-half, half + 1) * _STORE_HOURS / 24
        around = background.at(days)
        seen = heights.part(np.abs(heights.days - middle) <= self.window)
        if not seen.count:
            return days, around, 0
        sampling = lattice.sampling(seen.lon, seen.lat, seen.days, days)
        drift = Drift(dataclasses.replace(prior, std=self.growth), days - middle, self.memory)
        window = Window(trajectories, prior, drift, around, background.mean, sampling)
        solution = gauss_newton(
            window,
            seen.anomaly,
            seen.variance,
            size=window.size,
            outer=self.outer,
            inner=self.inner,
            tolerance=self.tolerance,
        )
        return days, window.heights, sum(solution.steps)

    def _prior(self, heights: Heights, lattice: Lattice) -> SinePrior:
        std = self._observed_std(heights) if self.std is None else self.std
        return SinePrior(
            lattice.rows, lattice.columns, lattice.spacing_km, std, self.length_km, self.shortest_km
        )

    def _observed_std(self, heights: Heights) -> float:
        """Standard deviation of the signal that observations leave when their errors are taken off, m."""
        if not heights.count:
            return _LEAST_STD
        signal = float(np.mean(heights.anomaly**2) - np.mean(heights.variance))
        share = 1.0 if self.background == "mean" else _LEFT
        return max(float(np.sqrt(max(signal, 0.0))) * share, _LEAST_STD)

    def _trajectories(self, lattice: Lattice) -> Trajectories:
        if not self.propagation:
            return Kept()
        try:
            from oceanbench.physics.open_qg import OpenQG
        except ImportError as error:
            raise ImportError(
                f"dynamic mapping needs a package that is not installed ({error}); install "
                "oceanbench[dynamics], or map with dymost-static"
            ) from error
        lat0 = lattice.plane.lat0
        north, south = coriolis(lat0 + 0.5), coriolis(lat0 - 0.5)
        model = OpenQG(
            rows=lattice.rows,
            columns=lattice.columns,
            spacing=1e3 * lattice.spacing_km,
            f0=float(coriolis(lat0)),
            beta=float(north - south) / (1e3 * KM_PER_DEGREE),
            gravity=GRAVITY,
            wave_speed=self.wave_speed,
            time_step=_COURANT * 1e3 * lattice.spacing_km / _FASTEST,
        )
        return Carried(model, seconds=3600 * _STORE_HOURS)

    def _background(self, heights: Heights, target: Target, lattice: Lattice) -> "_Background":
        lon, lat = lattice.lon, lattice.lat
        mean = target.mean_at(lon[None, :], lat[:, None])
        reach = np.ceil(self.window) + 1
        days = np.arange(-reach, np.ceil(target.days[-1]) + reach + 1)
        if self.background == "mean":
            return _Background(mean, days[[0, -1]], np.zeros((2, *mean.shape)))
        return _Background(mean, days, self._of_duacs(heights, Target(days, lat, lon, mean, target.mean_at)))

    def _of_duacs(self, heights: Heights, target: Target) -> Floats:
        from oceanbench_baselines.duacs import Duacs

        method = Duacs(
            L=self.background_km, T=self.background_days, workers=self.workers, progress=self.progress
        )
        return method._map(heights, target).anomaly


@dataclass(frozen=True)
class DymostStatic(Dymost):
    """The inversion of dymost without its dynamics: a field that persists explains a window of observations.

    The parameters are those of `Dymost`. Persistence goes wrong faster than dynamics, and soon in another
    way: ``growth`` and ``memory`` describe how the fields of 2011 in the twin change. The problem is linear:
    one outer step solves it.
    """

    COST: ClassVar[str] = "analyses x observations in a window"
    PRESETS: ClassVar[Mapping[str, Mapping[str, Any]]] = merged(
        {"medsea-2021": _MEDITERRANEAN}, presets("dymost-static")
    )
    SEARCH: ClassVar[Mapping[str, tuple[float, float]]] = {
        name: bounds for name, bounds in Dymost.SEARCH.items() if name != "wave_speed"
    }

    propagation: bool = False
    growth: float = 0.08
    memory: float = 1.4
    outer: int = 1
    inner: int = 200


class _Background(NamedTuple):
    """Heights before this method: mean (rows, columns), and anomalies (days, rows, columns) by day."""

    mean: Floats
    days: Floats
    anomaly: Floats

    def at(self, days: Floats) -> Floats:
        """Heights (n, rows, columns), mean included, linear between the days."""
        before = np.clip(np.searchsorted(self.days, days, side="right") - 1, 0, self.days.size - 2)
        share = ((days - self.days[before]) / np.diff(self.days)[before])[:, None, None]
        return self.mean + (1 - share) * self.anomaly[before] + share * self.anomaly[before + 1]


class _Share(NamedTuple):
    """What one analysis adds to the maps from ``first`` on: fields (n, lat, lon) times its weight."""

    first: int
    anomaly: Floats
    ugos: Floats | None
    vgos: Floats | None
    steps: int


def _check_latitudes(lat: Floats) -> None:
    if lat[0] * lat[-1] <= 0 or np.abs(lat).min() < _NEAREST_EQUATOR or np.abs(lat).max() > 85:
        raise ValueError(
            f"the model would reach from {lat[0]:.1f} to {lat[-1]:.1f} degrees north; quasi-geostrophic "
            f"dynamics hold between {_NEAREST_EQUATOR} and 85 degrees of one hemisphere; choose a box there"
        )


def _analysis_days(days: Floats, every: float) -> tuple[Floats, float]:
    """Equal steps of at most ``every`` from the first map to the last, without those that no map needs."""
    count = max(1, int(np.ceil(days[-1] / every - 1e-9)))
    middles, step = np.linspace(0.0, days[-1], count + 1), days[-1] / count or every
    needed = np.abs(days[:, None] - middles) < step * (1 - 1e-9)
    return np.unique(middles[needed.any(axis=0)]), float(step)


def _share(
    days: Floats,
    path: Floats,
    middle: float,
    step: float,
    lattice: Lattice,
    target: Target,
    currents: bool,
    steps: int,
) -> _Share:
    """Weigh the trajectory by how near a map is to the analysis and take it to the grid."""
    weights = 1 - np.abs(target.days - middle) / step
    rows = np.flatnonzero(weights > 1e-9)
    fields = np.zeros((3 if currents else 1, rows.size, target.lat.size, target.lon.size))
    for place, row in enumerate(rows):
        height = _between(days, path, float(target.days[row]))
        fields[:, place] = weights[row] * _on_grid(height, lattice, target, currents)
    ugos, vgos = (fields[1], fields[2]) if currents else (None, None)
    return _Share(int(rows[0]) if rows.size else 0, fields[0], ugos, vgos, steps)


def _between(days: Floats, path: Floats, day: float) -> Floats:
    before = int(np.clip(np.searchsorted(days, day, side="right") - 1, 0, days.size - 2))
    share = (day - days[before]) / (days[before + 1] - days[before])
    return np.asarray((1 - share) * path[before] + share * path[before + 1])


def _on_grid(height: Floats, lattice: Lattice, target: Target, currents: bool) -> Floats:
    """Height (m) and, if asked for, its eastward and northward currents (m/s), (1 or 3, lat, lon)."""
    from scipy.interpolate import RectBivariateSpline

    spline = RectBivariateSpline(lattice.y_km, lattice.x_km, height)
    y, x = lattice.plane.y(target.lat), lattice.plane.x(target.lon)
    if not currents:
        return np.asarray(spline(y, x)[None])
    per_metre = 1e-3 * GRAVITY / coriolis(target.lat)[:, None]
    # a degree of longitude has the plane's length at its middle only: the slope is one over the true distance
    wider = lattice.plane.km_per_degree_east / (KM_PER_DEGREE * np.cos(np.deg2rad(target.lat)))[:, None]
    return np.stack([spline(y, x), -per_metre * spline(y, x, dx=1), wider * per_metre * spline(y, x, dy=1)])


def _blended(shares: list[_Share], target: Target, currents: bool) -> Maps:
    fields = np.zeros((3 if currents else 1, *target.shape))
    for share in shares:
        place = slice(share.first, share.first + len(share.anomaly))
        for field, values in zip(fields, (share.anomaly, share.ugos, share.vgos), strict=False):
            if values is not None:
                field[place] += values
    steps = [share.steps for share in shares]
    notes = {
        "analyses": len(shares),
        "analyses_without_observations": steps.count(0),
        "most_inner_iterations": max(steps),
    }
    ugos, vgos = (fields[1], fields[2]) if currents else (None, None)
    return Maps(fields[0], ugos=ugos, vgos=vgos, notes=notes)
