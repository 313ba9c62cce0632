"""One run of the network on windows of a pass."""

import jax
import jax.numpy as jnp

from oceanbench_baselines.unet._features import SIGMA_REF, features
from oceanbench_baselines.unet._network import Weights, apply_network
from oceanbench_baselines.unet._shape import Shape


def filtered_windows(shape: Shape, weights: Weights, windows: jax.Array) -> jax.Array:
    """Filter windows of heights.

    Parameters
    ----------
    shape, weights
        Of the network.
    windows : array (3, windows, lines, pixels)
        Heights in metres, 1 or 0 where they are measured or not, standard deviation of the noise in metres.

    Returns
    -------
    array (windows, lines, pixels), metres
    """
    heights, measured, sigma = windows
    known = jnp.sum(measured, axis=(1, 2), keepdims=True)
    mean = jnp.sum(heights * measured, axis=(1, 2), keepdims=True) / jnp.maximum(known, 1.0)
    scaled = measured * (heights - mean) / SIGMA_REF
    channels, smooth = features(scaled, measured, sigma / SIGMA_REF)
    return mean + SIGMA_REF * (smooth + apply_network(shape, weights, channels))
