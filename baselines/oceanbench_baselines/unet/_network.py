"""The network: a U-Net on pixels taken two by two.

Four neighbouring pixels become channels of one (as in FFDNet), since no height varies within 4 km: the first
level has a quarter of the pixels, and room for twice the channels. Three levels, each of residual blocks of
two 3 x 3 convolutions; means of 2 x 2 go down, a 1 x 1 convolution and a shuffle of pixels go up.

References
----------
Ronneberger, Fischer and Brox 2015, U-Net: convolutional networks for biomedical image segmentation, MICCAI,
doi 10.1007/978-3-319-24574-4_28.
Zhang, Zuo and Zhang 2018, FFDNet: toward a fast and flexible solution for CNN-based image denoising, IEEE
Trans. Image Process. 27, doi 10.1109/TIP.2018.2839891.
"""

from typing import Final

import jax
import jax.numpy as jnp
import numpy as np

from oceanbench_baselines.unet._features import CHANNELS
from oceanbench_baselines.unet._shape import Shape

type Weights = dict[str, jax.Array]

_LEAK: Final = 0.1  # slope below zero: without one, a rate that is high at first kills the network


def initial_weights(shape: Shape, *, seed: int) -> Weights:
    """Draw the weights before training: of He et al. 2015 within, small at the end of every branch."""
    rng = np.random.default_rng(seed)
    weights: Weights = {}

    def layer(name: str, size: int, before: int, after: int, gain: float = 1.0) -> None:
        spread = gain * np.sqrt(2.0 / (size * size * before))
        draws = spread * rng.standard_normal((size, size, before, after))
        weights[f"{name}.kernel"] = jnp.asarray(draws, jnp.float32)
        weights[f"{name}.bias"] = jnp.zeros(after, jnp.float32)

    def block(name: str, width: int) -> None:
        layer(f"{name}.first", 3, width, width)
        layer(f"{name}.second", 3, width, width, gain=0.2)

    layer("enter", 3, 4 * CHANNELS, shape.widths[0])
    for level, width in enumerate(shape.widths):
        if level:
            layer(f"down{level}", 1, shape.widths[level - 1], width)
        for number in range(shape.blocks[level]):
            block(f"encode{level}.{number}", width)
    for level in range(len(shape.widths) - 1, 0, -1):
        layer(f"up{level}", 1, shape.widths[level], 4 * shape.widths[level - 1])
        layer(f"join{level - 1}", 1, 2 * shape.widths[level - 1], shape.widths[level - 1])
        block(f"decode{level - 1}", shape.widths[level - 1])
    layer("leave", 3, shape.widths[0], 4, gain=0.02)
    return weights


def apply_network(shape: Shape, weights: Weights, channels: jax.Array) -> jax.Array:
    """Answer of the network.

    Parameters
    ----------
    shape, weights
        As `initial_weights` makes them.
    channels : array (patches, lines, pixels, CHANNELS)
        Lines and pixels whole multiples of ``shape.multiple``.

    Returns
    -------
    array (patches, lines, pixels)
    """
    now = _layer(weights, "enter", gathered(channels))
    kept = []
    for level in range(len(shape.widths)):
        if level:
            kept.append(now)
            now = _layer(weights, f"down{level}", _halved(now))
        for number in range(shape.blocks[level]):
            now = _block(weights, f"encode{level}.{number}", now)
    for level in range(len(shape.widths) - 1, 0, -1):
        up = scattered(_layer(weights, f"up{level}", now))
        now = _layer(weights, f"join{level - 1}", jnp.concatenate([kept[level - 1], up], axis=-1))
        now = _block(weights, f"decode{level - 1}", now)
    return scattered(_layer(weights, "leave", _bent(now)))[..., 0]


def _layer(weights: Weights, name: str, values: jax.Array) -> jax.Array:
    kernel, bias = weights[f"{name}.kernel"], weights[f"{name}.bias"]
    if kernel.shape[0] == 1:  # the gradient of a matrix product is quicker than that of a convolution
        return values @ kernel[0, 0] + bias
    answer = jax.lax.conv_general_dilated(
        values, kernel, (1, 1), "SAME", dimension_numbers=("NHWC", "HWIO", "NHWC")
    )
    return answer + bias


def _block(weights: Weights, name: str, values: jax.Array) -> jax.Array:
    inner = _layer(weights, f"{name}.first", _bent(values))
    return values + _layer(weights, f"{name}.second", _bent(inner))


def _bent(values: jax.Array) -> jax.Array:
    return jnp.maximum(values, _LEAK * values)


def gathered(values: jax.Array) -> jax.Array:
    """Four neighbouring pixels as channels of one: (n, lines, pixels, c) to (n, lines/2, pixels/2, 4c)."""
    n, lines, pixels, c = values.shape
    split = values.reshape(n, lines // 2, 2, pixels // 2, 2, c)
    return split.transpose(0, 1, 3, 2, 4, 5).reshape(n, lines // 2, pixels // 2, 4 * c)


def scattered(values: jax.Array) -> jax.Array:
    """The inverse of `gathered`."""
    n, lines, pixels, c = values.shape
    split = values.reshape(n, lines, pixels, 2, 2, c // 4)
    return split.transpose(0, 1, 3, 2, 4, 5).reshape(n, 2 * lines, 2 * pixels, c // 4)


def _halved(values: jax.Array) -> jax.Array:
    even, odd = values[:, ::2], values[:, 1::2]
    return 0.25 * (even[:, :, ::2] + even[:, :, 1::2] + odd[:, :, ::2] + odd[:, :, 1::2])
