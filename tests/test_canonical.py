"""The digest of the values of a map."""

import hashlib
import struct

import numpy as np
import xarray as xr

from oceanbench.canonical import canonical_digest, digest_of_map

TIMES = np.array(["2020-01-01", "2020-01-02"], dtype="datetime64[ns]")


def sea(values: object = None) -> xr.DataArray:
    heights = np.arange(12.0).reshape(2, 2, 3) if values is None else np.asarray(values)
    coords = {"time": TIMES, "lat": [10.0, 11.0], "lon": [-3.0, -2.0, -1.0]}
    return xr.DataArray(heights, coords, ("time", "lat", "lon"))


def test_the_digest_is_that_of_sizes_axes_and_heights_in_little_endian_order() -> None:
    ns = [int(time.astype(np.int64)) for time in TIMES]
    content = struct.pack("<3q", 3, 2, 2) + struct.pack("<3d", -3, -2, -1) + struct.pack("<2d", 10, 11)
    content += struct.pack("<2q", *ns) + struct.pack("<12d", *range(12))
    assert digest_of_map(sea()) == hashlib.sha256(content).hexdigest()


def test_order_of_dims_type_and_pieces_do_not_change_the_digest() -> None:
    whole = digest_of_map(sea())
    assert digest_of_map(sea().transpose("lon", "time", "lat")) == whole
    assert digest_of_map(sea().astype(np.float32)) == whole
    pieces = [sea().values.ravel()[:5], sea().values.ravel()[5:]]
    assert canonical_digest(sea().lon, sea().lat, TIMES, pieces) == whole


def test_every_nan_and_both_zeros_are_the_same() -> None:
    one, other = np.zeros((2, 2, 3)), np.zeros((2, 2, 3))
    other[0, 0, 0] = -0.0
    one[1, 1, 1], other[1, 1, 1] = np.nan, np.copysign(np.nan, -1.0)
    assert digest_of_map(sea(one)) == digest_of_map(sea(other))


def test_another_height_place_or_day_gives_another_digest() -> None:
    changed = sea().values.copy()
    changed[1, 1, 2] = np.nextafter(changed[1, 1, 2], 99.0)
    others = [sea(changed), sea().assign_coords(lon=[-3.0, -2.0, -1.5]), sea().isel(time=[0])]
    others.append(sea().assign_coords(time=TIMES + np.timedelta64(1, "ns")))
    assert len({digest_of_map(one) for one in [sea(), *others]}) == 5
