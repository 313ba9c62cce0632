"""The filter unet: what it leaves alone, what it improves, what it refuses."""

from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from numpy.typing import NDArray

from oceanbench_baselines.unet import UNet

jax = pytest.importorskip("jax")

from oceanbench.catalog import load_challenge  # noqa: E402
from oceanbench.physics.karin_noise import karin_noise_std  # noqa: E402
from oceanbench.twin.karin2022.design import TRUTH_FOLDER  # noqa: E402
from oceanbench.twin.karin2022.pass_files import noise_of  # noqa: E402
from oceanbench.twin.karin2022.truth_files import read_truth  # noqa: E402
from oceanbench_baselines.filtering import Gaussian  # noqa: E402
from oceanbench_baselines.unet._network import initial_weights  # noqa: E402
from oceanbench_baselines.unet._shape import Shape  # noqa: E402
from oceanbench_baselines.unet._weights import SHIPPED, read_weights, write_weights  # noqa: E402

Floats = NDArray[np.float64]

ACROSS_KM = 2.0 * np.arange(71) - 70.0
MEASURED = (np.abs(ACROSS_KM) >= 10) & (np.abs(ACROSS_KM) <= 60)
LARGEST_FILE = 3_000_000


def swath(ssh: Floats, across_km: Floats = ACROSS_KM) -> xr.Dataset:
    """One pass with these heights."""
    dims = ("num_lines", "num_pixels")
    place = np.zeros(ssh.shape)
    coords = {
        "lon": (dims, place),
        "lat": (dims, place + 38.0),
        "cross_track_km": ("num_pixels", across_km),
    }
    return xr.Dataset({"ssh": (dims, ssh)}, coords=coords)


def waves(lines: int) -> Floats:
    """A smooth sea, metres."""
    along, across = 2.0 * np.arange(lines)[:, None], ACROSS_KM[None, :]
    slanted = 0.08 * np.sin(2 * np.pi * (along + 0.5 * across) / 140)
    return np.asarray(0.3 + slanted + 0.03 * np.cos(2 * np.pi * (across - 0.2 * along) / 60))


def noisy(lines: int, seed: int = 0) -> Floats:
    """The same as KaRIn measures it at waves of 2 m, NaN elsewhere."""
    std = karin_noise_std(ACROSS_KM[MEASURED])
    ssh = np.full((lines, 71), np.nan)
    draws = np.random.default_rng(seed).standard_normal((lines, int(MEASURED.sum())))
    ssh[:, MEASURED] = waves(lines)[:, MEASURED] + std * draws
    return ssh


def rms(values: Floats) -> float:
    """Root mean square of what is not missing."""
    return float(np.sqrt(np.nanmean(values**2)))


@pytest.mark.parametrize("lines", [1, 3, 100, 257, 1000])
def test_a_pass_of_any_length_keeps_its_shape_and_its_holes(lines: int) -> None:
    ssh = noisy(lines)
    ssh[: lines // 3, 50:] = np.nan
    filtered = UNet()(swath(ssh))["ssh"]
    assert filtered.dims == ("num_lines", "num_pixels")
    np.testing.assert_array_equal(np.isnan(filtered), np.isnan(ssh))


def test_a_pass_without_any_height_comes_back_as_it_is() -> None:
    ssh = np.full((40, 71), np.nan)
    np.testing.assert_array_equal(UNet()(swath(ssh))["ssh"], ssh)


def test_what_a_pass_is_raised_by_the_filtered_pass_is_raised_by() -> None:
    ssh = noisy(300)
    raised = UNet()(swath(ssh + 37.0))["ssh"]
    np.testing.assert_allclose(raised, UNet()(swath(ssh))["ssh"] + 37.0, atol=2e-5)


@pytest.mark.parametrize("turn", [(slice(None, None, -1), slice(None)), (slice(None), slice(None, None, -1))])
def test_a_turned_pass_is_filtered_to_the_turned_result(turn: tuple[slice, slice]) -> None:
    ssh = noisy(300)
    ssh[100:120, 45:] = np.nan
    there = UNet()(swath(ssh[turn]))["ssh"].values
    np.testing.assert_allclose(there[turn], UNet()(swath(ssh))["ssh"], atol=2e-5)


def test_without_flips_the_result_is_another_but_near() -> None:
    ssh = noisy(300)
    once, four = UNet(flips=False)(swath(ssh))["ssh"], UNet()(swath(ssh))["ssh"]
    assert 0 < rms((once - four).values) < 1e-3


def test_nine_tenths_of_the_noise_on_a_smooth_sea_is_gone() -> None:
    lines = 600
    ssh, true = noisy(lines), waves(lines)
    before, after = rms(ssh - true), rms(UNet()(swath(ssh))["ssh"].values - true)
    assert before > 0.011
    assert after < 0.25 * before


def test_every_column_is_better_than_it_was_the_outermost_too() -> None:
    lines = 600
    ssh, true = noisy(lines), waves(lines)
    after = UNet()(swath(ssh))["ssh"].values - true
    ratio = np.sqrt(np.nanmean(after[:, MEASURED] ** 2, axis=0))
    ratio /= np.sqrt(np.nanmean((ssh - true)[:, MEASURED] ** 2, axis=0))
    assert ratio.max() < 0.35


def test_pure_noise_leaves_less_than_a_seventh_of_itself() -> None:
    lines = 600
    ssh = noisy(lines) - waves(lines)
    assert rms(UNet()(swath(ssh))["ssh"].values) < rms(ssh) / 7


def test_a_plane_of_any_slope_is_kept_to_half_a_millimetre() -> None:
    lines = 300
    plane = 0.004 * np.arange(lines)[:, None] - 0.006 * np.arange(71)[None, :]
    ssh = noisy(lines) - waves(lines)
    added = UNet()(swath(ssh + plane))["ssh"].values - UNet()(swath(ssh))["ssh"].values
    assert rms(added - plane) < 5e-4


@pytest.mark.slow
def test_a_pass_of_the_twin_is_better_than_any_gaussian_makes_it() -> None:
    folder = load_challenge("2022a-twin").folder / "data" / TRUTH_FOLDER
    truth = read_truth(folder / "truth_013_093.nc")
    true = np.where(MEASURED, truth.heights, np.nan)
    ssh = true + noise_of(truth.swath)
    errors = {"unet": rms(UNet()(swath(ssh))["ssh"].values - true)}
    for km in (3.0, 4.0, 5.0):
        errors[f"{km} km"] = rms(Gaussian(sigma_km=km)(swath(ssh))["ssh"].values - true)
    assert rms(ssh - true) > 0.012
    assert errors["unet"] < 0.0023
    assert errors["unet"] < 0.8 * min(error for name, error in errors.items() if name != "unet")


def test_pixels_of_another_size_are_refused() -> None:
    with pytest.raises(ValueError, match="1 km apart"):
        UNet()(swath(noisy(50), ACROSS_KM / 2))


def test_weights_that_are_nowhere_are_refused_by_their_path() -> None:
    with pytest.raises(FileNotFoundError, match=r"lost\.npz"):
        UNet(weights="lost.npz")(swath(noisy(50)))


def test_a_file_that_holds_no_weights_is_refused_by_its_path(tmp_path: Path) -> None:
    path = tmp_path / "other.npz"
    np.savez(path, kernel=np.zeros(3))
    with pytest.raises(ValueError, match=r"other\.npz"):
        UNet(weights=str(path))(swath(noisy(50)))
    path.write_text("nothing of the kind")
    with pytest.raises(ValueError, match=r"other\.npz"):
        UNet(weights=str(path))(swath(noisy(50)))


def test_weights_come_back_as_they_were_written_to_half_precision(tmp_path: Path) -> None:
    shape = Shape(widths=(4, 6), blocks=(1, 2))
    weights = initial_weights(shape, seed=3)
    write_weights(tmp_path / "w.npz", shape, weights)
    again, read = read_weights(tmp_path / "w.npz")
    assert again == shape
    assert set(read) == set(weights)
    for name, value in weights.items():
        np.testing.assert_allclose(read[name], value, rtol=1e-3, atol=1e-6)


def test_new_weights_under_the_old_name_are_used(tmp_path: Path) -> None:
    path, ssh = tmp_path / "w.npz", noisy(40)
    shape = Shape(widths=(4,), blocks=(1,))
    results = []
    for seed in (0, 1):
        write_weights(path, shape, initial_weights(shape, seed=seed))
        results.append(UNet(weights=str(path))(swath(ssh))["ssh"].values)
    assert rms(results[0] - results[1]) > 0


def test_the_shipped_weights_are_small() -> None:
    assert SHIPPED.stat().st_size < LARGEST_FILE
