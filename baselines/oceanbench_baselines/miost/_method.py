"""MIOST: multiscale inversion of all altimeters on a reduced basis of wave packets.

Heights are a sum of components, each with its own prior: wave packets in bands of wavelength, a large scale,
and errors of the instruments. One least-squares problem finds them all; the errors are then left out.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, NamedTuple

import numpy as np

from oceanbench_baselines.mapping._anomalies import AnomalyMapping, Heights, Maps, Target
from oceanbench_baselines.mapping._observed import Floats, require
from oceanbench_baselines.mapping._tuned import merged, presets
from oceanbench_baselines.miost._error_elements import ErrorElements, nadir_error, swath_error
from oceanbench_baselines.miost._inversion import Inversion
from oceanbench_baselines.miost._lifetimes import REFERENCE_KM
from oceanbench_baselines.miost._scene import MapSum, Scene, Window, cut_windows
from oceanbench_baselines.miost._wave_packets import Axis, Packets, directions, wavelengths

__all__ = ["Miost"]

_LARGE_PER_HALF_WIDTH = 3.0
_POSITIVE = (
    "lifetime_days",
    "shortest_lifetime",
    "longest_lifetime",
    "variance_factor",
    "large_km",
    "large_days",
    "error_km",
    "window_days",
)
# What correlated errors usually are, m, after crossovers have calibrated swaths: Gaultier et al. (2016), and
# for nadirs the long-wavelength errors that operational mapping allows for.
_USUAL_ERRORS: Mapping[str, float] = {
    "nadir_error": 0.02,
    "swath_timing": 0.005,
    "swath_slope": 0.02,
    "swath_bend": 0.005,
}

# What `python -m oceanbench_baselines.miost.fit 2020a-twin` prints, and what was chosen by hand for the
# Mediterranean: see `Miost.PRESETS`.
_CHOSEN: Mapping[str, Mapping[str, Any]] = {
    "2020a-twin": {
        "variances": (0.00031, 0.001, 0.0039, 0.011, 0.029, 0.042, 0.062),
        "lifetime_days": 6.7,
        "lifetime_exponent": 1.6,
        "shortest_lifetime": 1.1,
        "longest_lifetime": 17.0,
    },
    "medsea-2021": {
        "variances": (0.0001, 0.0002, 0.0004, 0.0005, 0.0006, 0.0006, 0.0015),
        "lifetime_days": 38.0,
        "lifetime_exponent": 0.5,
        "shortest_lifetime": 5.0,
        "longest_lifetime": 38.0,
        "large_std": 0.06,
        "large_days": 12.0,
        "nadir_error": 0.01,
        "thin_lines": 4,
    },
}


@dataclass(frozen=True)
class Miost(AnomalyMapping):
    """Multiscale inversion of nadirs and swaths together on a reduced basis of wave packets (MIOST).

    Parameters
    ----------
    shortest_km, longest_km : float
        Range of the wavelengths, 0 < shortest < longest.
    npsp : float
        Wavelengths across a packet: its half-width is npsp / 2 wavelengths, its directions number
        int(pi npsp) - 1 in half a circle.
    facpsp : float
        Spacing of the wavelengths: each is 1 + facpsp / npsp times the one before.
    facns, facnlt : float
        Packets per half-width in space and in time. With 1 the prior variance differs by a factor of 4
        between places, with 2 it is uniform and there are four times as many unknowns.
    lifetime_days, lifetime_exponent : float
        Half-width of the packets in time at a wavelength of 300 km, and the power of the wavelength with
        which it grows.
    shortest_lifetime, longest_lifetime : float
        Bounds of that half-width, days.
    variances : tuple of float
        Prior variance of each band in m², the shortest wavelength first. One number: the same for all bands.
    variance_factor : float
        Factor on them.
    local_variance : {"uniform", "observed"}
        Whether the prior variance is the same everywhere or follows, smoothly, the squares of the observed
        anomalies (the relative variance of a place; its mean over the observations stays).
    large_std, large_km, large_days : float
        Large scale: windows without waves, with that standard deviation (m, 0: none) and those half-widths.
    nadir_error : float, optional
        Standard deviation in metres of the long-wavelength error of nadir altimeters, 0: none. None: 2 cm, or
        0 where the observations are known to be free of error (``attrs["error_free"]``).
    swath_timing, swath_slope, swath_bend : float, optional
        Standard deviations in metres of the correlated errors of swaths: a constant on each side; roll and
        phase at 60 km from nadir; baseline dilation at 60 km. 0: none. None: 0.5, 2 and 0.5 cm, what
        crossovers leave of them, or 0 where the observations are free of error.
    error_km : float
        Length along the track over which these errors change.
    tolerance : float
        The iteration ends when the residual is that fraction of the right-hand side.
    most_iterations : int
        It also ends after so many; the map then says so in ``ssh.attrs["comment"]``.
    window_days, overlap_days : float
        Maps solved together, and how many days of them two such windows share, blended linearly.
        Observations count up to twice the longest lifetime (or that of the large scale) beyond a window.
    members, seed : int
        With ``error``: draws from the prior that are observed and inverted; the spread of what is missed is
        the error. 30 of them know a standard deviation to 13 %.

    Attributes
    ----------
    PRESETS : mapping
        Parameters by challenge: numbers fitted or chosen, and over them those that ``oceanbench tune`` found
        where a result ships. For 2020a-twin ``python -m oceanbench_baselines.miost.fit 2020a-twin`` fitted
        variances and lifetimes to the fields of 2011. In the Western Mediterranean there are no such fields:
        variances near the spectrum along the tracks of HY-2B, Jason-3 and Sentinel-3A, then one parameter
        after another by leaving out each of these three in turn; no track of a judge was looked at.
    SEARCH : mapping
        Parameters worth searching for, with their ranges.
    COST : str
        What drives the cost.
    INPUTS : str
        What it takes.

    Notes
    -----
    ``workers`` changes nothing: windows are solved one after the other, and one month or two is one window.

    ``ssh.attrs`` tells of each window the ``iterations`` and the ``residual_ratio``, and the number of
    ``unknowns``. Fewer iterations than the tolerance asks for are a smoothing that nobody chose.

    The basis is that of the public code of its authors: wavelengths from 80 km, npsp 3.5, facpsp 1.5. Its
    lifetimes and spectra come from files that are not public; here a power law and `variances`, fitted to
    fields of a training period (`fit_band_variances`, `fit_lifetimes`), take their place. The defaults are
    for 2020a: that fit on its twin, rounded, with lifetimes of 2 to 15 days.
    Packets that no sea touches are not left out, as a method is given no mask of the land: without an
    observation they stay 0, so they cost time and do not change the map at sea.
    The fitted variances weigh the middle of the training box, where the jet is, more than its rim; the prior
    is the same everywhere, so that the formal error is too large where the ocean is calmer.
    Distances are those of a plane at the middle latitude: boxes of more than some 20 degrees of latitude
    have their packets deformed. Equatorial waves and internal tides are not in the basis.

    Raises
    ------
    ValueError
        A parameter out of its range, as many variances as bands not given, observations that are not finite.

    References
    ----------
    Ubelmann, C. and others (2021), J. Geophys. Res. Oceans 126, e2020JC016560, doi:10.1029/2020JC016560.
    Ballarotta, M. and others (2023), Earth Syst. Sci. Data 15, 295, doi:10.5194/essd-15-295-2023.
    """

    PRESETS: ClassVar[Mapping[str, Mapping[str, Any]]] = merged(_CHOSEN, presets("miost"))
    SEARCH: ClassVar[Mapping[str, tuple[float, float]]] = {
        "lifetime_days": (4.0, 50.0),
        "variance_factor": (0.2, 5.0),
        "representativity": (0.005, 0.04),
        "large_std": (0.01, 0.15),
    }
    COST: ClassVar[str] = "observations x bands x iterations; little depends on the grid"
    INPUTS: ClassVar[str] = "nadir, swath; mean height"

    shortest_km: float = 80.0
    longest_km: float = 970.0
    npsp: float = 3.5
    facpsp: float = 1.5
    facns: float = 2.0
    facnlt: float = 2.0
    lifetime_days: float = 7.5
    lifetime_exponent: float = 1.5
    shortest_lifetime: float = 2.0
    longest_lifetime: float = 15.0
    variances: tuple[float, ...] = (0.0003, 0.001, 0.0038, 0.011, 0.029, 0.041, 0.062)
    variance_factor: float = 1.0
    local_variance: Literal["uniform", "observed"] = "uniform"
    large_std: float = 0.04
    large_km: float = 970.0
    large_days: float = 25.0
    nadir_error: float | None = None
    swath_timing: float | None = None
    swath_slope: float | None = None
    swath_bend: float | None = None
    error_km: float = 1000.0
    tolerance: float = 5e-4
    most_iterations: int = 800
    window_days: float = 90.0
    overlap_days: float = 15.0
    members: int = 30
    seed: int = 0

    def __post_init__(self) -> None:
        """Refuse parameters that define no basis, no prior or no iteration."""
        super().__post_init__()
        require(self, "shortest_km", self.shortest_km > 0, "a wavelength above 0 km")
        require(self, "longest_km", self.longest_km >= self.shortest_km, f"{self.shortest_km:g} km or more")
        require(self, "npsp", self.npsp >= 1, "1 wavelength or more")
        for name in ("facpsp", *_POSITIVE):
            require(self, name, getattr(self, name) > 0, "a number above 0")
        require(self, "large_std", self.large_std >= 0, "0 m or more")
        for name in _USUAL_ERRORS:
            std = getattr(self, name)
            require(self, name, std is None or std >= 0, "0 m or more, or None (what is usual)")
        for name in ("facns", "facnlt"):
            require(self, name, getattr(self, name) >= 1, "1 or more: packets farther apart leave gaps")
        require(
            self, "local_variance", self.local_variance in ("uniform", "observed"), "'uniform' or 'observed'"
        )
        require(
            self,
            "longest_lifetime",
            self.longest_lifetime >= self.shortest_lifetime,
            "no less than shortest_lifetime",
        )
        require(self, "tolerance", 0 < self.tolerance < 1, "a number between 0 and 1")
        require(self, "most_iterations", self.most_iterations >= 1, "a whole number from 1")
        require(self, "overlap_days", 0 <= self.overlap_days < self.window_days, "0 to less than window_days")
        require(self, "members", self.members >= 2, "a whole number from 2")
        require(self, "representativity", self.representativity > 0, "a number of metres above 0")
        self._check_variances()

    def _check_variances(self) -> None:
        bands = self.wavelengths_km()
        count = len(self.variances)
        require(self, "variances", all(value >= 0 for value in self.variances), "numbers of 0 m² or more")
        listed = ", ".join(f"{length:.0f}" for length in bands)
        require(self, "variances", count in (1, bands.size), f"1 number or {bands.size}, for {listed} km")

    def wavelengths_km(self) -> Floats:
        """Wavelengths of the bands, km."""
        return wavelengths(self.shortest_km, self.longest_km, self.npsp, self.facpsp)

    def lifetimes_days(self) -> Floats:
        """Half-widths in time of the bands, days."""
        grown = self.lifetime_days * (self.wavelengths_km() / REFERENCE_KM) ** self.lifetime_exponent
        return np.clip(grown, self.shortest_lifetime, self.longest_lifetime)

    def _map(self, heights: Heights, target: Target) -> Maps:
        scene = Scene.of(heights, target)
        total = MapSum(scene, error=self.error, currents=self.currents)
        windows = cut_windows(target.days, self.window_days, self.overlap_days)
        told = [self._solve_window(scene, window, total, len(windows)) for window in windows]
        return total.maps(_notes(told))

    def _solve_window(self, scene: Scene, window: Window, total: MapSum, windows: int) -> "_Told":
        seen = scene.within(window.days[0] - self._reach(), window.days[-1] + self._reach())
        bands = self._bands(seen, window)
        inversion = Inversion(
            [*(band.sampled(seen.x, seen.y, seen.pass_days) for band in bands), *self._errors(seen)],
            seen.heights.variance,
            self.tolerance,
            self.most_iterations,
        )
        steps = windows * (1 + (self.members if self.error else 0))
        first = window.index * steps // windows
        solution = inversion.solve(seen.heights.anomaly, watch=self._watch(first, steps))
        total.add(window, bands, inversion.split(solution.x))
        if self.error:
            self._add_error(inversion, bands, window, total, (first + 1, steps))
        return _Told(solution.iterations, solution.ratio, solution.converged, inversion.size)

    def _add_error(
        self,
        inversion: Inversion,
        bands: list[Packets],
        window: Window,
        total: MapSum,
        place: tuple[int, int],
    ) -> None:
        """Variance, over draws from the prior, of what the inversion misses."""
        random = np.random.default_rng((self.seed, window.index))
        first, steps = place
        for member in range(self.members):
            truth = random.standard_normal(inversion.size)
            noise = random.standard_normal(inversion.variance.size) * np.sqrt(inversion.variance)
            found = inversion.solve(
                inversion.forward(truth) + noise, watch=self._watch(first + member, steps)
            )
            total.add_missed(window, bands, inversion.split(found.x - truth), 1.0 / self.members)

    def _reach(self) -> float:
        """Days beyond a window from which observations are taken."""
        return 2.0 * max(self.longest_lifetime, self.large_days if self.large_std else 0.0)

    def _bands(self, seen: Scene, window: Window) -> list[Packets]:
        """Packets of all bands that have a variance, and the large scale."""
        lifetimes, lengths = self.lifetimes_days(), self.wavelengths_km()
        variances = self.variance_factor * np.broadcast_to(np.array(self.variances), lengths.size)
        bands = [
            self._band(seen, window, length, lifetime, variance)
            for length, lifetime, variance in zip(lengths, lifetimes, variances, strict=True)
            if variance > 0
        ]
        if self.large_std:
            halves = (self.large_km, self.large_km, self.large_days)
            axes = seen.axes(window, halves, (_LARGE_PER_HALF_WIDTH,) * 3)
            still = (np.zeros(1), np.zeros(1))
            bands.append(Packets.with_variance(axes, still, self.large_std**2))
        return bands

    def _band(self, seen: Scene, window: Window, length: float, lifetime: float, variance: float) -> Packets:
        half, k, theta = self.npsp * length / 2.0, 2.0 * np.pi / length, directions(self.npsp)
        axes = seen.axes(window, (half, half, lifetime), (self.facns, self.facns, self.facnlt))
        local = self._relative_variance(seen, axes)
        return Packets.with_variance(axes, (k * np.cos(theta), k * np.sin(theta)), variance * local)

    def _relative_variance(self, seen: Scene, axes: tuple[Axis, Axis, Axis]) -> Floats:
        x, y, _ = axes
        if self.local_variance == "uniform":
            return np.ones(x.count * y.count)
        east, north = np.meshgrid(x.centres, y.centres)
        return seen.relative_variance(east.ravel(), north.ravel(), x.half_width / 2.0)

    def _errors(self, seen: Scene) -> list[ErrorElements]:
        """Correlated errors that have a standard deviation."""
        heights, along, length = seen.heights, seen.along_km, self.error_km
        stds = self._error_stds(heights.error_free)
        nadir = nadir_error(heights.passes, along, ~heights.swath, std=stds["nadir_error"], length_km=length)
        shapes = {name: stds[f"swath_{name}"] for name in ("timing", "slope", "bend")}
        swath = swath_error(
            heights.passes, along, heights.across_km, heights.swath, stds=shapes, length_km=length
        )
        return [each for each in (nadir, swath) if each.size]

    def _error_stds(self, error_free: bool) -> dict[str, float]:
        """Standard deviations of the correlated errors: as given, else none or what is usual."""
        usual = dict.fromkeys(_USUAL_ERRORS, 0.0) if error_free else _USUAL_ERRORS
        given = {name: getattr(self, name) for name in usual}
        return {name: usual[name] if std is None else float(std) for name, std in given.items()}

    def _watch(self, solved: int, steps: int) -> Callable[[int, float], None]:
        """Tell the progress of one solve of several by the decades of its residual."""

        def watch(iteration: int, ratio: float) -> None:
            if self.progress is not None:
                part = np.log(max(ratio, self.tolerance)) / np.log(self.tolerance)
                self.progress("solving", (solved + float(np.clip(part, 0.0, 1.0))) / steps)

        return watch


class _Told(NamedTuple):
    """What one window came to."""

    iterations: int
    ratio: float
    converged: bool
    unknowns: int


def _notes(told: list[_Told]) -> dict[str, str | int | float]:
    notes: dict[str, str | int | float] = {
        "iterations": ", ".join(str(each.iterations) for each in told),
        "residual_ratio": ", ".join(f"{each.ratio:.3g}" for each in told),
        "unknowns": ", ".join(str(each.unknowns) for each in told),
    }
    missed = sum(not each.converged for each in told)
    if missed:
        notes["comment"] = (
            f"{missed} of {len(told)} windows did not come to the tolerance: the map is smoother than its "
            "prior asks for; raise most_iterations or representativity"
        )
    return notes
