"""Super-observations: what is averaged together, which pass it is of, how far from nadir, how noisy."""

import numpy as np
import pytest
import xarray as xr
from numpy.typing import NDArray

from oceanbench.observations import assemble, concat
from oceanbench_baselines.mapping._instrument_noise import nadir_noise_std, swath_noise_std
from oceanbench_baselines.mapping._super_observations import passes_of, super_observations

START = np.datetime64("2012-10-21", "ns")
SECOND = np.timedelta64(1_000_000_000, "ns")


def nadir(seconds: NDArray[np.floating], lat: NDArray[np.floating], name: str = "Jason-1") -> xr.Dataset:
    times = START + (np.asarray(seconds) * 1e9).astype("timedelta64[ns]")
    return assemble(
        times, np.full(lat.size, -60.0), lat, np.arange(lat.size) / 100, missions=[name], lines=[lat.size]
    )


def swath(lines: int = 20, pixels: int = 52) -> xr.Dataset:
    """Pixels 2 km apart, 10 to 60 km from nadir on either side, flying north."""
    line, pixel = (each.ravel() for each in np.meshgrid(np.arange(lines), np.arange(pixels), indexing="ij"))
    across = 2.0 * (pixel - (pixels - 1) / 2) + np.where(pixel < pixels // 2, -9.0, 9.0)
    lat = 35.0 + line * 2.0 / 111.2
    lon = -60.0 + across / (111.2 * np.cos(np.deg2rad(35.0)))
    return assemble(
        (START + (line * 0.3e9).astype("timedelta64[ns]")),
        lon,
        lat,
        across / 100,
        missions=["SWOT KaRIn"],
        lines=[lines],
        pixels=[pixels],
        line=line,
        pixel=pixel,
    )


def test_a_gap_of_more_than_twenty_minutes_begins_a_new_pass_and_a_shorter_one_does_not() -> None:
    seconds = np.concatenate([np.arange(30), np.arange(30) + 19 * 60, np.arange(30) + 60 * 60])
    lat = np.tile(np.linspace(33.0, 34.8, 30), 3)
    assert passes_of(nadir(seconds, lat)).tolist() == [0] * 60 + [1] * 30


def test_an_orbit_round_the_globe_has_two_passes_per_revolution_that_end_where_it_turns() -> None:
    seconds = np.arange(0.0, 5 * 112 * 60)
    phase = 2 * np.pi * seconds / (112 * 60)
    number = passes_of(nadir(seconds, 66 * np.sin(phase)))
    assert number.max() + 1 == 11
    changes = phase[np.flatnonzero(np.diff(number))] / np.pi % 1.0
    np.testing.assert_allclose(changes, 0.5, atol=0.05)


def test_a_swath_that_enters_the_box_by_a_corner_is_one_pass() -> None:
    whole = swath(lines=60)
    corner = whole.isel(obs=np.flatnonzero(whole["line"].values + whole["pixel"].values > 50))
    assert set(passes_of(corner)) == {0}


def test_averages_never_join_two_passes() -> None:
    seconds = np.concatenate([np.arange(4.0), 3600 + np.arange(4.0)])
    cells = super_observations(
        nadir(seconds, np.tile([33.0, 33.06, 33.12, 33.18], 2)), thin_lines=3, swath_cell_km=10
    )
    np.testing.assert_allclose(cells.ssh, [0.01, 0.03, 0.05, 0.07])
    assert cells.passes.tolist() == [0, 0, 1, 1]


def test_passes_of_two_missions_have_different_numbers() -> None:
    both = concat([nadir(np.arange(5.0), np.linspace(33, 33.2, 5), name) for name in ("Jason-1", "Envisat")])
    cells = super_observations(both, thin_lines=1, swath_cell_km=10)
    of = {int(code): set(cells.passes[cells.mission == code]) for code in (0, 1)}
    assert of[0].isdisjoint(of[1])


def test_cells_of_a_swath_do_not_reach_over_the_gap_at_nadir() -> None:
    cells = super_observations(swath(), thin_lines=3, swath_cell_km=10)
    assert np.abs(cells.across_km).min() > 9.9
    # heights are the distance over 100: a cell on both sides of nadir would show
    np.testing.assert_allclose(cells.ssh, cells.across_km / 100, atol=2e-3)


def test_noise_of_a_cell_falls_with_the_root_of_its_samples() -> None:
    cells = super_observations(swath(), thin_lines=3, swath_cell_km=10)
    inner = np.isclose(np.abs(cells.across_km), 14.0, atol=0.1)
    expected = swath_noise_std(cells.across_km[inner], 4.0) / 5
    assert inner.any()
    np.testing.assert_allclose(cells.instrument[inner], expected, rtol=0.02)
    edge = cells.across_km > 58  # the 26 pixels of a side leave one for the last column of cells
    expected = swath_noise_std(cells.across_km[edge], 4.0) / np.sqrt(5)
    np.testing.assert_allclose(cells.instrument[edge], expected, rtol=0.02)
    track = super_observations(nadir(np.arange(8.0), np.linspace(33, 33.4, 8)), thin_lines=4, swath_cell_km=1)
    np.testing.assert_allclose(track.instrument, nadir_noise_std("Jason-1") / 2)
    short = super_observations(nadir(np.arange(6.0), np.linspace(33, 33.3, 6)), thin_lines=4, swath_cell_km=1)
    np.testing.assert_allclose(short.instrument, nadir_noise_std("Jason-1") / np.sqrt([4, 2]))


def test_a_swath_of_single_samples_says_what_is_missing() -> None:
    one = swath().isel(obs=[0])
    with pytest.raises(ValueError, match="'SWOT KaRIn' has no two neighbouring samples"):
        super_observations(one, thin_lines=3, swath_cell_km=10)


def test_no_observation_gives_no_cell() -> None:
    cells = super_observations(swath().isel(obs=slice(0, 0)), thin_lines=3, swath_cell_km=10)
    assert cells.ssh.size == 0
    assert cells.time.dtype == "datetime64[ns]"
