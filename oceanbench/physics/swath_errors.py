r"""Height errors of KaRIn that are correlated along the swath: roll, phase, baseline dilation and timing.

With H the orbit's height, :math:`R_E` the Earth's radius, :math:`a = 1 + H/R_E`, B the baseline, k the
radar's wavenumber, c the speed of light and x the distance from nadir (positive right), in SI units and
radians:

.. math::

    h_{roll} = a\,\theta\,x, \qquad h_{phase} = \frac{a}{kB}\,\varphi_{side}\,x, \qquad
    h_{dilation} = -\frac{a}{HB}\,\delta B\,x^2, \qquad h_{timing} = \frac{c}{2}\,\tau_{side}

Roll angle and dilation are common to both sides; phase and timing are independent per side. Their along-track
spectra are piecewise power laws fitted to the error budget.

References
----------
Esteban-Fernandez et al. 2014, SWOT project: mission performance and error budget, JPL D-79084.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from oceanbench.physics.orbit import EARTH_RADIUS_KM
from oceanbench.physics.random_signal import Spectrum, random_signal

Array = NDArray[np.float64]

BASELINE: Final = 10.0  # m
LIGHT_SPEED: Final = 2.998e8  # m/s
RADAR_WAVENUMBER: Final = 2 * np.pi * 35.75e9 / LIGHT_SPEED  # rad/m
ARCSECOND: Final = np.pi / 648000  # rad


@dataclass(frozen=True)
class BudgetSpectrum:
    """One-sided spectrum of the error budget: flat, then f^-2.733, f^-2.501 beyond 1000 km, and flat again.

    Parameters
    ----------
    at_1000_km : float
        Density at 0.001 cycles/km, unit²/(cycle/km).
    flat_below : float
        Frequency in cycles/km under which it no longer grows.
    """

    at_1000_km: float
    flat_below: float

    def __call__(self, frequency: Array) -> Array:
        """Density at frequencies in cycles/km."""
        relative = np.clip(frequency, self.flat_below, 0.021) / 1e-3
        return np.asarray(self.at_1000_km * np.where(relative < 1, relative**-2.733, relative**-2.501))


ROLL_CONTROL: Final = BudgetSpectrum(0.1926, 1.1e-4)  # arcsec²/(cycle/km)
PHASE: Final = BudgetSpectrum(2.493, 5.2e-6)  # degree²/(cycle/km)
DILATION: Final = BudgetSpectrum(43440.0, 2.7e-4)  # micrometre²/(cycle/km)
TIMING: Final = BudgetSpectrum(1.884e5, 7.4e-5)  # picosecond²/(cycle/km)


def roll(frequency: Array) -> Array:
    """Spectrum of the roll angle: control error and gyrometer's knowledge error, arcsec²/(cycle/km)."""
    gyrometer = 0.82 * (np.maximum(frequency, 2.5e-5) / 1e-3) ** -2
    return ROLL_CONTROL(frequency) + gyrometer


def high_pass(spectrum: Spectrum, longest_km: float) -> Spectrum:
    """The same spectrum with nothing at wavelengths above ``longest_km``, as if cross-calibrated there."""
    return lambda frequency: np.where(frequency * longest_km >= 1, spectrum(frequency), 0.0)


@dataclass(frozen=True)
class SwathErrors:
    """Draws the four correlated errors on a pass.

    Parameters
    ----------
    altitude_km : float
        Height H of the orbit.
    longest_km : float
        Wavelengths above this one are taken out, as cross-calibration does.
    spacing_km : float
        Distance between lines.
    """

    altitude_km: float = 890.582
    longest_km: float = 1000.0
    spacing_km: float = 2.0

    def angles(self, lines: int, seed: Sequence[int]) -> dict[str, Array]:
        """Along-track signals (sides, lines): roll in arcsec, phase in degrees, dilation in µm, timing in ps.

        Roll and dilation have one side; phase and timing have two, left then right.
        """
        return {
            "roll": self._signals(roll, lines, [*seed, 0], sides=1),
            "phase": self._signals(PHASE, lines, [*seed, 1], sides=2),
            "dilation": self._signals(DILATION, lines, [*seed, 2], sides=1),
            "timing": self._signals(TIMING, lines, [*seed, 3], sides=2),
        }

    def _signals(self, spectrum: Spectrum, lines: int, seed: Sequence[int], *, sides: int) -> Array:
        """Independent signals (sides, lines), without the long wavelengths."""
        period = max(lines, round(4.5 * self.longest_km / self.spacing_km))  # the cut falls between two modes
        cut = high_pass(spectrum, self.longest_km)
        signals = [random_signal(cut, period, self.spacing_km, [*seed, side]) for side in range(sides)]
        return np.stack(signals)[:, :lines]

    def heights(self, angles: dict[str, Array], across_km: Array) -> dict[str, Array]:
        """Height errors (lines, across) in metres, by name, of along-track signals; right is positive."""
        stretch = 1 + self.altitude_km / EARTH_RADIUS_KM
        x = np.asarray(across_km) * 1e3
        side = (x > 0).astype(int)
        phase = np.radians(angles["phase"])[side].T
        dilation = angles["dilation"][0][:, None] * 1e-6
        return {
            "roll": stretch * ARCSECOND * angles["roll"][0][:, None] * x,
            "phase": stretch / (RADAR_WAVENUMBER * BASELINE) * phase * x,
            "dilation": -stretch / (self.altitude_km * 1e3 * BASELINE) * dilation * x**2,
            "timing": LIGHT_SPEED / 2 * 1e-12 * angles["timing"][side].T,
        }
