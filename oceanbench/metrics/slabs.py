"""What a few latitude rows of an estimate and its reference add to the statistics of a map."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from oceanbench.metrics.spectra import RowTransform, SlabPower

__all__ = ["SlabErrors", "slab_statistics"]

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class SlabErrors:
    """Sums of squares of some rows, as in `oceanbench.metrics.error_sums.ErrorSums`, and of the anomaly."""

    error: FloatArray
    error_count: FloatArray
    reference: FloatArray
    reference_count: FloatArray
    anomaly: FloatArray
    pixel_error: FloatArray
    pixel_count: FloatArray


def slab_statistics(
    estimate: npt.NDArray[Any], reference: npt.NDArray[Any], transform: RowTransform | None
) -> tuple[SlabErrors, SlabPower | None]:
    """Sums of squares and, with a transform, spectral powers of some rows.

    Parameters
    ----------
    estimate, reference : ndarray, shape (n_time, n_rows, n_lon), metres
        Left untouched. Any float type: numbers are added as float64.
    transform : RowTransform or None

    Raises
    ------
    ValueError
        When a value is infinite.
    """
    truth = np.array(reference, dtype=np.float64, order="C")
    error = np.subtract(estimate, truth, dtype=np.float64, order="C")
    if np.isfinite(error.sum()):  # then no value of either field is missing or infinite
        errors = _errors(error, truth, None, None)
        return errors, _whole_power(error, truth, transform) if transform else None
    seen, scored = _present(reference, "reference"), _present(estimate, "estimate")
    scored &= seen
    truth[~seen], error[~scored] = 0.0, 0.0
    errors = _errors(error, truth, scored, seen)
    return errors, _broken_power(error, truth, scored, seen, transform) if transform else None


def _present(values: npt.NDArray[Any], name: str) -> BoolArray:
    """Where there is a value."""
    infinite = int(np.isinf(values).sum())
    if infinite:
        raise ValueError(
            f"the {name} holds {infinite} infinite values; replace them by NaN or refuse the map"
        )
    return ~np.isnan(values)


def _errors(
    error: FloatArray, truth: FloatArray, scored: BoolArray | None, seen: BoolArray | None
) -> SlabErrors:
    anomaly = truth - truth.mean(axis=0) if seen is None else _masked_anomaly(truth, seen)
    return SlabErrors(
        error=_row_squares(error),
        error_count=_row_count(error, scored),
        reference=_row_squares(truth),
        reference_count=_row_count(truth, seen),
        anomaly=_row_squares(anomaly),
        pixel_error=np.einsum("tjx,tjx->jx", error, error),
        pixel_count=_pixel_count(error, scored),
    )


def _masked_anomaly(truth: FloatArray, seen: BoolArray) -> FloatArray:
    mean = truth.sum(axis=0) / np.maximum(seen.sum(axis=0), 1)
    return np.where(seen, truth - mean, 0.0)


def _row_squares(values: FloatArray) -> FloatArray:
    return np.asarray(np.einsum("tjx,tjx->tj", values, values))


def _row_count(values: FloatArray, mask: BoolArray | None) -> FloatArray:
    if mask is None:
        return np.full(values.shape[:2], float(values.shape[2]))
    return mask.sum(axis=2).astype(np.float64)


def _pixel_count(values: FloatArray, mask: BoolArray | None) -> FloatArray:
    if mask is None:
        return np.full(values.shape[1:], float(len(values)))
    return mask.sum(axis=0).astype(np.float64)


def _whole_power(error: FloatArray, truth: FloatArray, transform: RowTransform) -> SlabPower:
    """Power of rows without a missing value; the arrays are overwritten."""
    quadrants = np.stack([transform.powers(field) for field in (error, truth)])
    complete = np.full(2, float(error.shape[1]))
    return SlabPower(quadrants[:, 0], complete, quadrants.sum(axis=1))


def _broken_power(
    error: FloatArray, truth: FloatArray, scored: BoolArray, seen: BoolArray, transform: RowTransform
) -> SlabPower:
    """Power of rows some of which miss values; the arrays are overwritten.

    Both directions are taken of the rows without land only: a coast would put power into every wavelength.
    """
    westward, complete, both = [], [], []
    ocean = seen.all(axis=(0, 2))
    for field, mask in ((error, scored), (truth, seen)):
        whole = mask.all(axis=(0, 2))
        westward.append(transform.powers(field[:, whole])[0])
        complete.append(float(whole.sum()))
        both.append(transform.powers(field[:, ocean], mask[:, ocean]).sum(axis=0))
    return SlabPower(np.stack(westward), np.array(complete), np.stack(both))
