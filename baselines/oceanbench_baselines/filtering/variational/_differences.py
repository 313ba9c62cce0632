r"""Penalties on differences of heights on the grid of a swath, and their matrix.

The energy of order q is isotropic, with one-sided differences :math:`\delta` along (l) and across (p)
the track,

.. math:: E_q = \sum_{j=0}^{q} \binom{q}{j} \sum \lambda \, |\delta_l^{q-j} \delta_p^j h|^2,

over all stencils that lie in the grid and no others: that is the natural boundary, which leaves every
polynomial of degree q - 1 without a price up to the edge.
"""

from collections.abc import Iterator, Mapping
from math import comb
from typing import NamedTuple

import numpy as np
from numpy.random import Generator

from oceanbench_baselines.filtering._pass_filter import Floats

type Penalties = Mapping[int, Floats]  # order of the differences to their weight at every pixel


class Stencil(NamedTuple):
    """One of the differences of an energy: coefficients (lines, pixels) and its share of the energy."""

    coefficients: Floats
    share: int

    def fits(self, shape: tuple[int, ...]) -> bool:
        """Whether it lies somewhere in a grid."""
        return all(own <= there for own, there in zip(self.coefficients.shape, shape, strict=True))

    def spans(self, shape: tuple[int, ...]) -> Iterator[tuple[float, tuple[slice, slice]]]:
        """Coefficient and slices of the grid, one for each point of the stencil, over all its places."""
        lines, pixels = (there - own + 1 for own, there in zip(self.coefficients.shape, shape, strict=True))
        for (line, pixel), coefficient in np.ndenumerate(self.coefficients):
            yield float(coefficient), (slice(line, line + lines), slice(pixel, pixel + pixels))

    def weights(self, penalty: Floats) -> Floats:
        """Weight of the stencil at all its places: the mean of the penalty over its points."""
        total = sum(penalty[span] for _, span in self.spans(penalty.shape))
        return np.asarray(total * (self.share / self.coefficients.size))


def stencils(order: int) -> list[Stencil]:
    """Give the differences of which the energy of an order is made."""
    return [
        Stencil(np.outer(_difference(order - across), _difference(across)), comb(order, across))
        for across in range(order + 1)
    ]


def _difference(order: int) -> Floats:
    return np.array([(-1.0) ** k * comb(order, k) for k in range(order + 1)])


def band_matrix(diagonal: Floats, penalties: Penalties) -> Floats:
    """Matrix of the quadratic form: ``diagonal`` plus the energies of all orders.

    Parameters
    ----------
    diagonal : array (lines, pixels)
    penalties : mapping of int to array (lines, pixels)

    Returns
    -------
    array (order * pixels + 1, lines * pixels)
        Lower band as ``scipy.linalg.cholesky_banded`` takes it; the pixels of a line are neighbours.
    """
    pixels = diagonal.shape[1]
    band = np.zeros((max(penalties) * pixels + 1, *diagonal.shape))
    band[0] += diagonal
    for order, penalty in penalties.items():
        for stencil in stencils(order):
            if stencil.fits(diagonal.shape):
                _add(band, stencil, stencil.weights(penalty))
    return band.reshape(len(band), -1)


def _add(band: Floats, stencil: Stencil, weights: Floats) -> None:
    """Add the products of all pairs of points of a stencil to the diagonals of their distance."""
    pixels = band.shape[2]
    points = list(stencil.spans(band.shape[1:]))
    for index, (first, span) in enumerate(points):
        for second, other in points[index:]:
            offset = (other[0].start - span[0].start) * pixels + other[1].start - span[1].start
            band[(offset, *span)] += (first * second) * weights


def energy(fields: Floats, order: int) -> Floats:
    """Energy of an order with weight 1, stencil by stencil, at the pixel in the middle.

    Parameters
    ----------
    fields : array (lines, pixels, ...)

    Returns
    -------
    array (lines, pixels, ...)
    """
    total = np.zeros(fields.shape)
    for across in range(order + 1):
        found = np.diff(np.diff(fields, order - across, axis=0), across, axis=1)
        line, pixel = (order - across) // 2, across // 2
        total[line : line + found.shape[0], pixel : pixel + found.shape[1]] += comb(order, across) * found**2
    return total


def random_forcing(diagonal: Floats, penalties: Penalties, generator: Generator) -> Floats:
    """Draw a field whose covariance is the matrix; the matrix solved for it has its inverse as covariance."""
    drawn = np.sqrt(diagonal) * generator.standard_normal(diagonal.shape)
    for order, penalty in penalties.items():
        for stencil in stencils(order):
            if stencil.fits(diagonal.shape):
                weights = stencil.weights(penalty)
                force = np.sqrt(weights) * generator.standard_normal(weights.shape)
                for coefficient, span in stencil.spans(diagonal.shape):
                    drawn[span] += coefficient * force
    return drawn
