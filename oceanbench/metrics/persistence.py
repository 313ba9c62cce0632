"""How long the days of a series remember one another, and what that costs the mean of few of them."""

import numpy as np
import numpy.typing as npt
from scipy.special import stdtrit

__all__ = ["half_width", "suitable_length"]

FloatArray = npt.NDArray[np.float64]

_FEWEST = 4  # values of a series that says anything
_MOST_PERSISTENT = 0.97  # autocorrelation from one block to the next that is believed at most
_FEWEST_INDEPENDENT = 3.0
_UPPER = 0.975


def suitable_length(series: npt.ArrayLike) -> float:
    """Length of the stretches that a circular block bootstrap of a series should draw, in blocks.

    The rule of Politis and White (2004) with the flat-top window, but not shorter than the time between
    effectively independent values, (1 + r) / (1 - r) with the lag-one autocorrelation r: on few days the rule
    often sees no autocorrelation where there is some. At most a third of the series, and 3 √n.

    Parameters
    ----------
    series : array_like, shape (n,)
        In the order of time.

    References
    ----------
    Politis and White (2004), Automatic block-length selection for the dependent bootstrap,
    doi:10.1081/ETC-120028836; with the constant of the correction by Patton, Politis and White (2009),
    doi:10.1080/07474930802459016.
    """
    values = np.asarray(series, dtype=np.float64)
    covariance = _autocovariance(values)
    if values.size < _FEWEST or not covariance[0] > 0.0:
        return 1.0
    persistence = _persistence(values)
    longest = np.ceil(min(3.0 * np.sqrt(values.size), values.size / 3.0))
    wanted = max(_politis_white(covariance, values.size), (1.0 + persistence) / (1.0 - persistence))
    return float(np.clip(wanted, 1.0, longest))


def half_width(series: npt.ArrayLike) -> float:
    """Half the width of the 95 % interval of the mean of a series, by its lag-one autocorrelation.

    Student's t with the effective number of values n (1 - r) / (1 + r), at least three.

    Parameters
    ----------
    series : array_like, shape (n,)
        In the order of time.

    References
    ----------
    Zwiers and von Storch (1995), Taking serial correlation into account in tests of the mean,
    doi:10.1175/1520-0442(1995)008<0336:TSCIAI>2.0.CO;2.
    """
    values = np.asarray(series, dtype=np.float64)
    covariance = _autocovariance(values)
    if not covariance[0] > 0.0:
        return 0.0
    persistence = _persistence(values)
    independent = values.size * (1.0 - persistence) / (1.0 + persistence)
    independent = max(independent, _FEWEST_INDEPENDENT)
    deviation = np.sqrt(covariance[0] / (independent - 1.0))
    return float(stdtrit(independent - 1.0, _UPPER) * deviation)


def _persistence(values: FloatArray) -> float:
    """Lag-one autocorrelation, not negative, corrected for the bias of a short series.

    Marriott and Pope (1954), doi:10.1093/biomet/41.3-4.390.
    """
    covariance = _autocovariance(values)
    seen = max(float(covariance[1] / covariance[0]), 0.0)
    return min(seen + (1.0 + 4.0 * seen) / values.size, _MOST_PERSISTENT)


def _politis_white(covariance: FloatArray, size: int) -> float:
    """Length that makes the error of the variance of the mean least, for the circular block bootstrap."""
    bandwidth = _last_significant_lag(covariance / covariance[0], size)
    if not bandwidth:
        return 1.0
    lags = np.arange(1, min(2 * bandwidth, covariance.size - 1) + 1)
    window = np.clip(2.0 * (1.0 - lags / lags[-1]), 0.0, 1.0)
    weighted = window * covariance[lags]
    spectrum = covariance[0] + 2.0 * weighted.sum()
    slope = 2.0 * (lags * weighted).sum()
    return float(np.cbrt(1.5 * slope**2 / spectrum**2 * size)) if spectrum > 0.0 else 1.0


def _last_significant_lag(correlation: FloatArray, size: int) -> int:
    """Smallest lag after which several in a row are not significant; the last significant one else."""
    in_a_row = max(5, int(np.sqrt(np.log10(size))))
    largest = min(int(np.ceil(np.sqrt(size))) + in_a_row, size - 1)
    seen = np.abs(correlation[1 : largest + 1]) > 2.0 * np.sqrt(np.log10(size) / size)
    for lag in range(max(1, largest - in_a_row + 1)):
        if not seen[lag : lag + in_a_row].any():
            return lag
    return int(np.flatnonzero(seen)[-1]) + 1


def _autocovariance(values: FloatArray) -> FloatArray:
    """Of all lags, divided by n, shape (n,)."""
    anomaly = values - values.mean()
    power = np.abs(np.fft.rfft(anomaly, 2 * values.size)) ** 2
    return np.asarray(np.fft.irfft(power)[: values.size] / values.size)
