"""Parts of unet: fits of planes, shuffles of pixels, random seas, the noise that is drawn."""

import numpy as np
import pytest

jax = pytest.importorskip("jax")

import jax.numpy as jnp  # noqa: E402

from oceanbench.physics.karin_noise import karin_noise_std  # noqa: E402
from oceanbench_baselines.unet._features import SIGMA_REF, features, local_plane  # noqa: E402
from oceanbench_baselines.unet._network import gathered, scattered  # noqa: E402
from oceanbench_baselines.unet._noise import ACROSS_KM, MEASURED, draw_measured, draw_noise_std  # noqa: E402
from oceanbench_baselines.unet._patches import (  # noqa: E402
    COLUMNS,
    LINES,
    Mixture,
    OceanSource,
    PassSource,
    RandomSource,
    without_nadir_gap,
)
from oceanbench_baselines.unet._random_fields import FieldRanges, random_field  # noqa: E402


def test_a_fitted_plane_is_the_mean_where_all_is_level() -> None:
    weights = jnp.asarray(np.random.default_rng(0).random((20, 16)) > 0.5, jnp.float32)
    fitted = local_plane(jnp.full((20, 16), 3.0), weights, 2.0)
    np.testing.assert_allclose(fitted, 3.0, atol=1e-4)


def test_a_fitted_plane_follows_a_slope_up_to_the_edge() -> None:
    along, across = np.mgrid[:40, :30]
    heights = jnp.asarray(0.2 * along - 0.1 * across, jnp.float32)
    fitted = local_plane(heights, jnp.ones((40, 30)), 2.0)
    np.testing.assert_allclose(fitted, heights, atol=0.02)
    weights = np.exp(-0.5 * (np.arange(40) / 2.0) ** 2)
    one_sided = 0.2 * np.sum(weights * np.arange(40)) / weights.sum()
    assert one_sided > 0.25  # what a mean would be off at the edge


def test_white_noise_is_reduced_by_a_fitted_plane_as_by_a_gaussian() -> None:
    draws = np.random.default_rng(1).standard_normal((200, 200)).astype(np.float32)
    fitted = np.asarray(local_plane(jnp.asarray(draws), jnp.ones((200, 200)), 3.0))
    expected = 1 / (2 * 3.0 * np.sqrt(np.pi))
    assert fitted[20:-20, 20:-20].std() == pytest.approx(expected, rel=0.05)


def test_the_channels_do_not_see_height_and_slope() -> None:
    rng = np.random.default_rng(2)
    ssh = jnp.asarray(rng.standard_normal((32, 24)), jnp.float32)
    measured = jnp.asarray(rng.random((32, 24)) > 0.2, jnp.float32)
    plane = jnp.asarray(5 + 0.3 * np.arange(32)[:, None] - 0.2 * np.arange(24)[None], jnp.float32)
    one, _ = features(ssh, measured, jnp.ones((32, 24)))
    other, _ = features(ssh + plane, measured, jnp.ones((32, 24)))
    np.testing.assert_allclose(one[..., :3], other[..., :3], atol=0.1)


def test_pixels_that_are_gathered_and_scattered_are_where_they_were() -> None:
    values = jnp.asarray(np.random.default_rng(0).random((2, 6, 8, 3)), jnp.float32)
    assert gathered(values).shape == (2, 3, 4, 12)
    np.testing.assert_array_equal(scattered(gathered(values)), values)


def test_random_fields_meet_white_noise_at_their_crossing() -> None:
    ranges = FieldRanges(slope=(4.0, 4.0), crossing_km=(40.0, 40.0), stretch=1.0, patchwork=0.0)
    rng = np.random.default_rng(0)
    power = np.zeros(0)
    for _ in range(30):
        field = random_field(rng, ranges)
        spectrum = np.abs(np.fft.fft2(field)) ** 2 / field.size
        power = spectrum if power.size == 0 else power + spectrum
    along, across = np.meshgrid(np.fft.fftfreq(384), np.fft.fftfreq(160), indexing="ij")
    wave = np.hypot(along, across)
    ring = (wave > 0.9 / 20) & (wave < 1.1 / 20)  # 40 km is 20 pixels
    assert np.mean(power[ring]) / 30 == pytest.approx(SIGMA_REF**2, rel=0.1)
    short = (wave > 0.9 / 10) & (wave < 1.1 / 10)
    assert np.mean(power[ring]) / np.mean(power[short]) == pytest.approx(2.0**5, rel=0.1)


def test_the_noise_that_is_drawn_lies_within_the_table() -> None:
    rng = np.random.default_rng(0)
    low, high = (karin_noise_std(ACROSS_KM[MEASURED], wave_height=waves) for waves in (0.0, 8.0))
    for _ in range(20):
        std = draw_noise_std(rng, 50)
        assert std.shape == (50, 71)
        assert np.all(std[:, MEASURED] >= 0.5 * low * 0.999)
        assert np.all(std[:, MEASURED] <= 1.2 * high * 1.001)


def test_nothing_is_measured_at_nadir_and_beyond_the_swath() -> None:
    rng = np.random.default_rng(0)
    seen = np.stack([draw_measured(rng, 64) for _ in range(60)])
    assert not seen[..., ~MEASURED].any()
    assert 0.5 < seen[..., MEASURED].mean() < 0.95


def test_a_missing_nadir_pixel_is_filled_as_a_cubic_goes() -> None:
    across = np.arange(71.0)
    truth = np.tile(1e-4 * across**3 - 0.01 * across**2 + across, (3, 1)).astype(np.float32)
    holed = truth.copy()
    holed[:, 35] = np.nan
    holed[1, 20] = np.nan  # land stays
    filled = without_nadir_gap(holed)
    np.testing.assert_allclose(filled[:, 35], truth[:, 35], rtol=1e-4)
    assert np.isnan(filled[1, 20])


def small_mixture() -> Mixture:
    """Every kind of source, small."""
    rng = np.random.default_rng(0)
    passes = [rng.standard_normal((lines, 71)).astype(np.float32) for lines in (40, 300)]
    passes[1][100:150, 10:30] = np.nan
    ocean = OceanSource(rng.standard_normal((2, 32, 32)).astype(np.float32))
    return Mixture([PassSource(passes), ocean, RandomSource()], [0.4, 0.3, 0.3])


def test_batches_are_finite_and_the_same_for_the_same_seed() -> None:
    mixture = small_mixture()
    one, again, other = (mixture.draw(np.random.default_rng(seed), 6) for seed in (1, 1, 2))
    for array, twin in zip(one, again, strict=True):
        assert array.shape == (6, LINES, COLUMNS)
        assert np.isfinite(array).all()
        np.testing.assert_array_equal(array, twin)
    assert (one.noisy != other.noisy).any()
    assert (one.sigma > 0).all()


def test_noise_in_a_batch_is_as_strong_as_it_is_told() -> None:
    batch = small_mixture().draw(np.random.default_rng(3), 24)
    seen = batch.measured > 0
    ratio = ((batch.noisy - batch.truth) / batch.sigma)[seen]
    assert ratio.std() == pytest.approx(1.0, abs=0.05)


def test_an_ocean_is_sampled_smoothly_and_anywhere() -> None:
    x = 2 * np.pi * np.arange(64) / 64
    ocean = OceanSource((np.sin(x)[None, :] + np.cos(x)[:, None])[None].astype(np.float32))
    pieces = [ocean(np.random.default_rng(seed))[0] for seed in range(4)]
    for piece in pieces:
        scale = np.abs(piece).max()
        assert np.abs(np.diff(piece, axis=0)).max() < 0.3 * scale
    assert np.abs(pieces[0] - pieces[1]).max() > 0
