r"""What the network is shown: a pass split into scales, each pixel weighted by its noise.

At every pixel a plane is fitted to the measured heights around it, with Gaussian weights :math:`g/\sigma^2`,
at three scales; its value in the middle is a, b, c (2, 5 and 12 pixels). Planes, unlike means, are not pulled
to one side at the edges of the swath, where the noise is largest. The network sees :math:`y - a`, a - b and
b - c, so it is blind to the mean height and nearly so to slopes, and gives the rest of the height above a.

Large differences are squeezed, :math:`3\,\mathrm{asinh}(d/3)`, as they only say how energetic the sea is.
"""

from functools import cache
from typing import Final

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

SIGMA_REF: Final = 0.0118  # metres: the unit of every height that the network sees and gives
SCALES: Final = (2.0, 5.0, 12.0)  # pixels
CHANNELS: Final = 6
_SQUEEZE: Final = 3.0
_RIDGE: Final = 0.003  # of a slope, in units of the weights: where few heights speak, the plane lies flat
_LEAST: Final = 1e-6  # weight that an isolated pixel lacks beyond some scales


@cache
def _kernels(size: int, scale: float) -> NDArray[np.float32]:
    """Matrices (3, size, size) that sum g, g d and g d², d in scales from the row's pixel to the column's."""
    apart = (np.arange(size)[None, :] - np.arange(size)[:, None]) / scale
    weight = np.exp(-0.5 * apart**2)
    return np.stack([weight, weight * apart, weight * apart**2]).astype(np.float32)


def _sums(values: jax.Array, scale: float, power: int) -> dict[tuple[int, int], jax.Array]:
    """Weighted moments of values (..., lines, pixels) around each pixel, by powers of the two distances."""
    along = jnp.asarray(_kernels(values.shape[-2], scale))
    across = jnp.asarray(_kernels(values.shape[-1], scale))
    partial = [jnp.einsum("ij,...jp->...ip", along[i], values) for i in range(power + 1)]
    return {
        (i, j): jnp.einsum("...ip,qp->...iq", partial[i], across[j])
        for i in range(power + 1)
        for j in range(power + 1 - i)
    }


def local_plane(heights: jax.Array, weights: jax.Array, scale: float) -> jax.Array:
    """Value at each pixel of the plane fitted around it.

    Parameters
    ----------
    heights, weights : array (..., lines, pixels)
        Heights are not looked at where the weight is 0.
    scale : float
        Standard deviation of the Gaussian, pixels.

    Returns
    -------
    array (..., lines, pixels)
    """
    m = _sums(weights, scale, 2)
    v = _sums(weights * heights, scale, 1)
    total = m[0, 0] + _LEAST
    # The slopes' normal equations about the centre of the weights
    x, y, mean = m[1, 0] / total, m[0, 1] / total, v[0, 0] / total
    xx = m[2, 0] - total * x * x + _RIDGE * total
    yy = m[0, 2] - total * y * y + _RIDGE * total
    xy = m[1, 1] - total * x * y
    xh, yh = v[1, 0] - total * x * mean, v[0, 1] - total * y * mean
    determinant = xx * yy - xy * xy
    along, across = (yy * xh - xy * yh) / determinant, (xx * yh - xy * xh) / determinant
    return jnp.asarray(mean - along * x - across * y)


def features(heights: jax.Array, measured: jax.Array, sigma: jax.Array) -> tuple[jax.Array, jax.Array]:
    """Channels of the network, and the smooth height that its answer is added to.

    Parameters
    ----------
    heights : array (..., lines, pixels)
        In units of `SIGMA_REF`; finite where not measured.
    measured : array (..., lines, pixels)
        1 where there is a height, else 0.
    sigma : array (..., lines, pixels)
        Standard deviation of the noise, in units of `SIGMA_REF`; positive everywhere.

    Returns
    -------
    channels : array (..., lines, pixels, CHANNELS)
    smooth : array (..., lines, pixels), in units of `SIGMA_REF`
    """
    weights = measured / sigma**2
    fine, middle, coarse = (local_plane(heights, weights, scale) for scale in SCALES)
    detail = measured * (heights - fine)
    channels = (
        detail,
        detail / sigma**2,
        _squeezed(fine - middle),
        _squeezed(middle - coarse),
        measured,
        measured * sigma,
    )
    return jnp.stack(channels, axis=-1), fine


def _squeezed(values: jax.Array) -> jax.Array:
    return jnp.asarray(_SQUEEZE * jnp.arcsinh(values / _SQUEEZE))
