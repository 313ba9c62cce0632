"""Maps of the error of filtered swaths."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from oceanbench.metrics.swath import ErrorMaps, PassFields


def pass_at(lon: float, lat: float, error: float = 0.5) -> PassFields:
    """Three by three pixels at one place, of which the middle one has an error."""
    truth, noisy = np.zeros((3, 3)), np.full((3, 3), np.nan)
    noisy[1, 1] = error
    everywhere = np.ones((3, 3), dtype=bool)
    return PassFields(
        truth, noisy, 2 * noisy, np.full((3, 3), lon), np.full((3, 3), lat), everywhere, everywhere
    )


def test_an_error_counts_for_the_four_nodes_around_it_with_the_opposite_areas() -> None:
    maps = ErrorMaps()
    maps.add(pass_at(10.25, 40.5, 1.0))
    maps.add(pass_at(10.75, 40.5, 3.0))
    noisy = maps.dataset["noisy"].sel(quantity="ssh")
    assert noisy.notnull().sum() == 4
    assert noisy.sel(lon=10, lat=40).item() == pytest.approx(np.sqrt(0.75 * 1 + 0.25 * 9))
    assert noisy.sel(lon=11, lat=41).item() == pytest.approx(np.sqrt(0.25 * 1 + 0.75 * 9))
    np.testing.assert_allclose(maps.dataset["filtered"].sel(quantity="ssh"), 2 * noisy)
    assert maps.dataset["noisy"].sel(quantity="vorticity").isnull().all()


def test_an_error_on_a_node_counts_for_it_alone() -> None:
    maps = ErrorMaps()
    maps.add(pass_at(-60.0, 35.0))
    noisy = maps.dataset["noisy"].sel(quantity="ssh")
    assert noisy.notnull().sum() == 1
    assert noisy.sel(lon=-60, lat=35).item() == 0.5


def test_longitudes_run_round_the_globe_and_the_last_latitude_ends_it() -> None:
    maps = ErrorMaps()
    maps.add(pass_at(179.5, 0.0))
    maps.add(pass_at(0.0, 89.5))
    noisy = maps.dataset["noisy"].sel(quantity="ssh")
    assert noisy.notnull().sum() == 2
    assert noisy.sel(lat=0, lon=[179, -180]).values.tolist() == [0.5, 0.5]


def test_threads_may_add_passes_in_any_order(small_pass: Callable[..., PassFields]) -> None:
    one_by_one, together = ErrorMaps(), ErrorMaps()
    parts = [small_pass(30, seed) for seed in range(1, 6)]
    for part in parts:
        one_by_one.add(part)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(together.add, reversed(parts)))
    for name, maps in together.dataset.items():
        np.testing.assert_allclose(maps, one_by_one.dataset[name], rtol=1e-12)
    assert together.dataset["filtered"].notnull().any(("lat", "lon")).all()
