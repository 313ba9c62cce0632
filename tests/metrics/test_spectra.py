"""Powers of latitude rows: waves of known direction, trends, masks."""

import numpy as np
import pytest

from oceanbench.metrics.spectra import PlanePower, RowTransform, positive_frequencies

T, X = np.meshgrid(np.arange(24), np.arange(30), indexing="ij")


def wave(k: int, f: int, sign: int) -> np.ndarray:
    return np.cos(2 * np.pi * (k * X / 30 + sign * f * T / 24))[:, None, :]


@pytest.mark.parametrize(("sign", "quadrant"), [(1, 0), (-1, 1)])
def test_wave_holds_its_power_in_its_own_quadrant(sign: int, quadrant: int) -> None:
    power = RowTransform(24, 30).powers(wave(5, 4, sign))
    assert power.argmax() == np.ravel_multi_index((quadrant, 3, 4), power.shape)
    # a Hann window halves the amplitude of each axis: |FFT| = (N/2)(N/2)(n/2) for the peak
    assert power[quadrant, 3, 4] == pytest.approx((24 * 30 / 8) ** 2)
    assert power[1 - quadrant].sum() < 1e-20 * power.sum()


@pytest.mark.parametrize("count", [1, 2, 5])
def test_power_of_rows_is_the_sum_of_their_two_dimensional_transforms(count: int) -> None:
    rows = np.random.default_rng(count).standard_normal((24, count, 30))
    anomaly = rows - rows.mean(axis=(0, 2), keepdims=True)
    taper = (0.5 - 0.5 * np.cos(2 * np.pi * T / 24)) * (0.5 - 0.5 * np.cos(2 * np.pi * X / 30))
    plain = (np.abs(np.fft.fft2(anomaly * taper[:, None, :], axes=(0, 2))) ** 2).sum(axis=1)
    power = RowTransform(24, 30).powers(rows)
    assert power[0] == pytest.approx(plain[1:12, 1:15], rel=1e-12)
    assert power[1] == pytest.approx(plain[:12:-1, 1:15], rel=1e-12)


def test_shape_leaves_out_mean_and_nyquist() -> None:
    assert RowTransform(24, 30).shape == (11, 14)
    assert RowTransform(25, 31).shape == (12, 15)
    assert RowTransform(25, 31).powers(np.ones((25, 3, 31))).shape == (2, 12, 15)
    assert positive_frequencies(5, 0.5).tolist() == [0.4, 0.8]
    assert positive_frequencies(1, float("nan")).size == 0


def test_linear_detrend_removes_a_plane_also_beside_land() -> None:
    plane = (3.0 + 0.2 * T - 0.7 * X)[:, None, :] + np.zeros((1, 2, 1))
    valid = np.ones(plane.shape, dtype=bool)
    valid[:, 1, :12] = False
    transform = RowTransform(24, 30, "linear")
    for mask in (None, valid):
        rows = plane.copy()
        if mask is not None:
            rows[~mask] = 0.0
        assert transform.powers(rows, mask).max() < 1e-20
    assert RowTransform(24, 30).powers(plane.copy()).max() > 1.0


def test_masked_points_do_not_count_whatever_they_hold() -> None:
    rng = np.random.default_rng(0)
    rows = rng.standard_normal((24, 2, 30))
    valid = rng.random((24, 2, 30)) > 0.3
    other = np.where(valid, rows, 0.0)
    first, second = (
        RowTransform(24, 30).powers(field.copy(), valid) for field in (np.where(valid, rows, 9), other)
    )
    assert first == pytest.approx(second, rel=1e-12)


def test_row_without_valid_points_has_no_power() -> None:
    power = RowTransform(24, 30).powers(np.zeros((24, 1, 30)), np.zeros((24, 1, 30), dtype=bool))
    assert not power.any()


def test_blocks_are_joined_from_south_to_north() -> None:
    parts = [
        PlanePower.zeros(np.array(lat), np.zeros(2, dtype=np.int64), (2, 3))
        for lat in ([5.0, 6.0], [1.0, 2.0])
    ]
    joined = parts[0] + parts[1]
    assert joined.lat.tolist() == [1.5, 5.5]
    assert joined.rows.tolist() == [2, 2]
    assert joined.both.shape == (2, 2, 2, 3)
