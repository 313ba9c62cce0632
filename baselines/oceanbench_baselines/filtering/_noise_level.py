r"""How strong the white noise is at every pixel of a pass, told by the pass itself.

The difference of order q along the track takes the sea away, whose spectrum is steep, and leaves the noise:
white noise of standard deviation :math:`\sigma_p` in column p gives a difference d of variance
:math:`\binom{2q}{q}\sigma_p^2`. The table of KaRIn's error leaves free the wave height H of every line, and
an instrument may be better than its table by a factor c, one for the pass; the likelihood of the differences
near a line,

.. math:: \sum_i g_i \left(\log c^2\sigma_{p_i}^2(H)
          + \frac{d_i^2}{\binom{2q}{q} c^2\sigma_{p_i}^2(H)}\right),

with Gaussian weights g along the track, is least at the wave height there, and its sum over the lines at c.
"""

from math import comb
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

from oceanbench.physics.karin_noise import FARTHEST_KM, NEAREST_KM, karin_noise_std
from oceanbench_baselines.filtering._pass_filter import Floats, Heights

ORDER: Final = 4
LENGTH_KM: Final = 80.0
_WAVES: Final = np.linspace(0.0, 8.0, 81)
_USUAL_WAVE: Final = 2.0  # metres: where nothing is measured
_USUAL_COUNT: Final = 0.5  # so many differences in every column speak for it
_MEDIAN_OF_NORMAL: Final = 0.6745  # median of the size of a standard normal number
_SCALES: Final = np.arange(0.4, 1.41, 0.02)  # an instrument in flight may do better than its table
_SPIKE: Final = 5.0  # standard deviations beyond which a difference is a coast or a wrong height, not noise


def noise_std(heights: Heights) -> Floats:
    """Estimate the standard deviation of the white noise at every pixel, without any truth.

    Parameters
    ----------
    heights : Heights
        One pass; columns beyond 10 to 60 km from the track count as at 10 or 60 km.

    Returns
    -------
    array (lines, pixels), metres
        Finite and positive everywhere, also where nothing is measured: there, and where only a few pixels
        are, it leans to a wave height of 2 m.

    References
    ----------
    Esteban-Fernandez et al. 2014, SWOT project: mission performance and error budget, JPL D-79084.
    """
    distance = np.clip(np.abs(heights.across_km), NEAREST_KM, FARTHEST_KM)
    table = karin_noise_std(distance, wave_height=_WAVES[:, None], pixel_area_km2=heights.posting_km**2)
    return _fit(_differences(heights.ssh), table, LENGTH_KM / heights.posting_km)


def _differences(ssh: Floats) -> Floats:
    """Differences along the track, divided so that they are as large as the noise; NaN where none."""
    found = np.full(ssh.shape, np.nan)
    if ssh.shape[0] > ORDER:
        start = ORDER // 2
        stop = start + ssh.shape[0] - ORDER
        found[start:stop] = np.diff(ssh, ORDER, axis=0) / np.sqrt(comb(2 * ORDER, ORDER))
    return found


def _fit(differences: Floats, table: Floats, length: float) -> Floats:
    """Standard deviation (lines, pixels) of greatest likelihood; table (waves, pixels), length in lines."""
    usual = table[np.argmin(np.abs(_WAVES - _USUAL_WAVE))]
    used = np.isfinite(differences) & ~_spikes(differences / usual, length)
    squares = _near(np.where(used, differences**2, 0.0), length) + _USUAL_COUNT / length * usual**2
    counts = _near(used.astype(np.float64), length) + _USUAL_COUNT / length
    logs, inverse = counts @ np.log(table**2).T, squares @ (1 / table**2).T
    total = counts.sum(axis=1, keepdims=True)

    def costs(scale: float) -> Floats:
        return np.asarray(logs + total * np.log(scale**2) + inverse / scale**2)

    best = min(_SCALES, key=lambda scale: float(costs(scale).min(axis=1).sum()))
    return np.asarray(best * table[costs(best).argmin(axis=1)])


def _spikes(scaled: Floats, length: float) -> NDArray[np.bool_]:
    """Differences far beyond those of the lines near; by medians of a line, which a coast does not move."""
    usual = np.zeros(len(scaled))
    seen = np.isfinite(scaled).any(axis=1)
    usual[seen] = np.nanmedian(np.abs(scaled[seen]), axis=1) / _MEDIAN_OF_NORMAL
    spread = _near(usual, length) / np.maximum(_near(seen.astype(np.float64), length), 1e-12)
    return np.asarray(np.abs(scaled) > _SPIKE * spread[:, None])


def _near(values: Floats, length: float) -> Floats:
    """Sum along the track with Gaussian weights of sum 1; nothing beyond the ends."""
    return np.asarray(gaussian_filter1d(values, length, axis=0, mode="constant", truncate=3.0))
