r"""The forcing that stands for baroclinic instability, which an ocean of one active layer does not have.

A Gaussian random field of unit variance, isotropic, with wavelengths around one length, red in time, and
confined to the surroundings of the jet:

.. math::

    F &= A\, e^{-(y/\ell)^2} \, \phi, \qquad
    \phi_{n+1} = \rho\,\phi_n + \sqrt{1-\rho^2}\,\xi_n, \quad \rho = e^{-\Delta t/\tau_F} \\
    |\hat\xi(K)| &\propto e^{-((K-K_F)/(K_F/4))^2}

It is held constant over each step :math:`\Delta t` of six hours; its mean over the plane is zero.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from oceanbench.physics.periodic_plane import SECONDS_PER_DAY
from oceanbench.physics.random_signal import standard_normal
from oceanbench.physics.reduced_gravity_qg import ReducedGravityQG

STEP_HOURS = 6


@dataclass(frozen=True)
class EddyForcing:
    """Parameters of the forcing; the equations head this module.

    Parameters
    ----------
    amplitude : float
        A, 1/s².
    wavelength : float
        2 pi / K_F, m.
    memory_days : float
        tau_F.
    half_width : float
        l, m.
    """

    amplitude: float = 1.8e-10
    wavelength: float = 170e3
    memory_days: float = 3.0
    half_width: float = 300e3

    def ring(self, model: ReducedGravityQG) -> NDArray[np.float64]:
        """Gain (n, n // 2 + 1) that makes the pattern of unit variance out of such white noise."""
        east, north = model.wavenumbers
        centre = 2 * np.pi / self.wavelength
        gain = np.exp(-(((np.hypot(east, north) - centre) / (0.25 * centre)) ** 2))
        mirrored = np.full(gain.shape, 2.0)  # a column stands for its mirror image too, except first and last
        mirrored[:, 0] = mirrored[:, -1] = 1.0
        return np.asarray(gain / np.sqrt((mirrored * gain**2).sum() / model.points**2))


class ForcingSequence:
    """The forcing of one run, six hours after six hours; the same seed words give the same sequence."""

    def __init__(self, forcing: EddyForcing, model: ReducedGravityQG, seed: tuple[int, ...]) -> None:
        self._forcing, self._model, self._seed = forcing, model, seed
        self._gain = forcing.ring(model)
        self._kept = np.exp(-STEP_HOURS * 3600 / (forcing.memory_days * SECONDS_PER_DAY))
        self._envelope = np.exp(-((model.y / forcing.half_width) ** 2))[:, None]
        self._drawn = 0
        self._pattern = self._draw()

    def _draw(self) -> NDArray[np.float64]:
        """Next independent pattern (n, n) of unit variance."""
        shape = (self._model.points, self._model.points)
        white = standard_normal([*self._seed, self._drawn], shape)
        self._drawn += 1
        return np.fft.irfft2(np.fft.rfft2(white) * self._gain, s=shape)

    def next(self) -> NDArray[np.complex128]:
        """Spectrum (n, n // 2 + 1) of F, 1/s², of the next six hours."""
        self._pattern = self._kept * self._pattern + np.sqrt(1 - self._kept**2) * self._draw()
        spectrum = np.fft.rfft2(self._forcing.amplitude * self._envelope * self._pattern)
        spectrum[0, 0] = 0
        return np.asarray(spectrum)
