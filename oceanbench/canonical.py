"""One digest for the values of a map, whatever file they lie in."""

import hashlib
from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
import xarray as xr

__all__ = ["canonical_digest", "digest_of_map"]

_SLAB_BYTES = 1 << 24


def canonical_digest(
    lon: npt.ArrayLike, lat: npt.ArrayLike, time: npt.ArrayLike, slabs: Iterable[npt.ArrayLike]
) -> str:
    """Give the SHA-256 of a map in canonical form.

    Of the numbers of longitudes, latitudes and times; then longitudes and latitudes (float64), times
    (int64 nanoseconds since 1970), heights (float64, in the order time, lat, lon), all little-endian. Every
    NaN is the same, and so are both zeros.

    Parameters
    ----------
    lon, lat : array_like, degrees, ascending
    time : array_like of datetime64, or of int64 nanoseconds, ascending
    slabs : iterable of array_like, metres
        The heights, from the first to the last in their order, in pieces of any length.

    Returns
    -------
    str
        Lower-case hexadecimal.

    Examples
    --------
    >>> whole = canonical_digest([1.0], [2.0, 3.0], [0], [[0.5, float("nan")]])
    >>> whole == canonical_digest([1], [2, 3], [0], [[0.5], [float("-nan")]])
    True
    """
    instants = np.asarray(time)
    if instants.dtype.kind == "M":
        instants = instants.astype("datetime64[ns]").astype(np.int64)
    digest = hashlib.sha256()
    digest.update(np.array([np.size(axis) for axis in (lon, lat, instants)], dtype="<i8").tobytes())
    for degrees in (lon, lat):
        digest.update(_bytes(degrees))
    digest.update(np.ascontiguousarray(instants, dtype="<i8").tobytes())
    for slab in slabs:
        digest.update(_bytes(slab))
    return digest.hexdigest()


def digest_of_map(ssh: xr.DataArray) -> str:
    """Give `canonical_digest` of a map, dims (time, lat, lon) in metres, read some times at once."""
    ordered = ssh.transpose("time", "lat", "lon")
    step = max(1, _SLAB_BYTES // (8 * max(1, ordered[0].size)))
    slabs = (ordered[start : start + step].values for start in range(0, ordered.sizes["time"], step))
    return canonical_digest(ssh.lon.values, ssh.lat.values, ssh.time.values, slabs)


def _bytes(values: npt.ArrayLike) -> bytes:
    numbers = np.array(values, dtype="<f8", order="C")
    numbers += 0.0  # minus zero becomes zero
    numbers[np.isnan(numbers)] = np.nan
    return numbers.tobytes()
