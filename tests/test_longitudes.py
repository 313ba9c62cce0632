"""One convention of longitudes."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from oceanbench.longitudes import wrap_longitudes


@given(st.floats(-180.0, 180.0, exclude_max=True))
def test_longitudes_in_range_come_back_bit_for_bit(lon):
    assert wrap_longitudes(lon) == lon


@given(st.floats(-1e4, 1e4))
def test_wrapped_longitudes_are_in_range_and_whole_turns_away(lon):
    wrapped = float(wrap_longitudes(lon))
    assert -180.0 <= wrapped < 180.0
    turns = (lon - wrapped) / 360.0
    assert abs(turns - round(turns)) < 1e-9


def test_edges_and_missing_longitudes():
    np.testing.assert_array_equal(
        wrap_longitudes([180.0, -180.0, 360.0, 295.0, np.nan, np.inf]), [-180, -180, 0, -65, np.nan, np.nan]
    )
    below = np.nextafter(180.0, 0.0)
    assert wrap_longitudes(below) == below
    assert -180.0 <= wrap_longitudes(np.nextafter(-180.0, -181.0)) < 180.0
