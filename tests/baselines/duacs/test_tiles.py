"""Tiles: their weights sum to one, their selections are what the rule says."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from oceanbench_baselines.duacs._tiles import Selection, Span, orders_in_passes, spans, tiles


@given(st.floats(0.5, 20.0), st.floats(0.0, 10.0), st.floats(1.0, 40.0))
def test_the_weights_of_all_spans_sum_to_one(size: float, overlap: float, length: float) -> None:
    positions = np.linspace(-3.0, -3.0 + length, 301)
    total = sum(span.weight(positions) for span in spans(-3.0, -3.0 + length, size, overlap))
    np.testing.assert_allclose(total, 1.0, atol=1e-12)


def test_the_weight_falls_as_a_squared_cosine() -> None:
    span = Span(0.0, 10.0, before=0.0, after=2.0)
    assert span.weight(np.array([0.0, 8.0, 9.0, 10.0, 12.0, 13.0])) == pytest.approx(
        [1.0, 1.0, np.cos(np.pi / 8) ** 2, 0.5, 0.0, 0.0]
    )


def test_the_weights_of_all_tiles_sum_to_one_on_the_sphere() -> None:
    lon, lat, days = np.arange(-10.0, 10.1, 0.5), np.arange(40.0, 70.1, 0.5), np.arange(20.0)
    cut = tiles(lon, lat, days, size_km=300.0, overlap_km=120.0, block=6.0, blend=2.0)
    total = np.zeros((days.size, lat.size, lon.size))
    for tile in cut:
        parts = (tile.days.weight(days), tile.lat.weight(lat), tile.lon.weight(lon))
        total += np.einsum("t,y,x->tyx", *parts)
    np.testing.assert_allclose(total, 1.0, atol=1e-12)
    in_bands = {tile.lat: tile.lon.stop - tile.lon.start for tile in cut}
    widths = [in_bands[band] * np.cos(np.deg2rad(band.middle)) * 111.2 for band in in_bands]
    assert min(widths) > 200.0
    assert max(widths) < 400.0


def test_one_node_and_one_day_make_one_tile() -> None:
    one = tiles(np.zeros(1), np.zeros(1), np.zeros(1), size_km=np.inf, overlap_km=9.0, block=5.0, blend=1.0)
    assert len(one) == 1
    assert one[0].days.weight(np.zeros(1)) == 1.0


def test_distance_outside_counts_from_the_edge_of_the_overlap() -> None:
    span = Span(0.0, 10.0, before=1.0, after=2.0)
    assert span.outside(np.array([-3.0, -1.0, 5.0, 12.0, 14.5])).tolist() == [2.0, 0.0, 0.0, 0.0, 2.5]


def test_a_share_of_a_pass_is_spread_evenly_along_it() -> None:
    passes = np.repeat([7, 3], [90, 60])
    order = orders_in_passes(passes)
    third = np.flatnonzero(order[:90] < 1 / 3)
    assert third.size == pytest.approx(30, abs=1)
    assert set(np.diff(third)) <= {2, 3, 5}
    assert set(np.flatnonzero(order < 0.1)) <= set(np.flatnonzero(order < 1 / 3))


def line(count: int = 3000) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Observations farther and farther away, in passes of 30 that all reach from 0 to 8."""
    distance = np.tile(np.linspace(0.0, 8.0, 30), count // 30)
    passes = np.repeat(np.arange(count // 30), 30)
    return distance, np.zeros(count), orders_in_passes(passes), passes


def test_all_near_one_in_three_far_and_one_in_ten_of_long_passes_are_seen() -> None:
    distance, lag, order, passes = line()
    seen = distance[Selection(2.0, 10_000, long_passes=True).rows(distance, lag, order, passes)]
    assert (seen <= 1.0).sum() == (distance <= 1.0).sum()
    for low, high, share in ((1.0, 2.0, 1 / 3), (2.0, 4.0, 0.1)):
        among = (distance > low) & (distance <= high)
        assert ((seen > low) & (seen <= high)).sum() == pytest.approx(share * among.sum(), rel=0.4)
    assert seen.max() <= 4.0


def test_passes_are_not_followed_where_they_share_no_error() -> None:
    distance, lag, order, passes = line()
    seen = distance[Selection(2.0, 10_000, long_passes=False).rows(distance, lag, order, passes)]
    assert seen.max() <= 2.0


def test_times_far_away_are_thinned_too() -> None:
    distance, _, order, passes = line()
    near = np.zeros_like(distance)
    rows = Selection(2.0, 10_000, long_passes=False).rows(near, near + 1.5, order, passes)
    assert rows.size == pytest.approx(distance.size / 3, rel=0.1)
    assert not Selection(2.0, 10_000, long_passes=False).rows(near, near + 2.5, order, passes).size


@pytest.mark.parametrize("most", [40, 300, 520])
def test_the_number_of_observations_is_not_exceeded_and_the_far_give_way_first(most: int) -> None:
    distance, lag, order, passes = line()
    rows = Selection(2.0, most, long_passes=True).rows(distance, lag, order, passes)
    assert most * 0.7 < rows.size <= most * 1.3
    if most == 520:  # 400 are near
        assert (distance[rows] <= 1.0).sum() == (distance <= 1.0).sum()
