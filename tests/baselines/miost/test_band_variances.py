"""Band variances: recovered from fields and tracks that were drawn from known ones."""

import numpy as np
import pytest
import xarray as xr
from numpy.typing import NDArray

from oceanbench_baselines.mapping._plane import Plane
from oceanbench_baselines.miost._band_variances import fit_band_variances, fit_band_variances_along_track
from oceanbench_baselines.miost._wave_packets import Axis, Packets, directions

type Floats = NDArray[np.float64]

LENGTHS = np.array([100.0, 200.0, 400.0])
TRUE = np.array([0.0004, 0.003, 0.02])


def drawn(x: Floats, y: Floats, count: int, seed: int = 0) -> Floats:
    """Fields (count, y, x) drawn from the prior, independent of one another."""
    random, fields = np.random.default_rng(seed), np.zeros((count, y.size, x.size))
    days = 10.0 * np.arange(count)
    for length, variance in zip(LENGTHS, TRUE, strict=True):
        half, k, theta = 1.75 * length, 2 * np.pi / length, directions(3.5)
        space = [Axis.covering(at[0], at[-1], half, 2.0) for at in (x, y)]
        axes = (space[0], space[1], Axis.covering(days[0], days[-1], 4.0, 2.0))
        packets = Packets.with_variance(axes, (k * np.cos(theta), k * np.sin(theta)), variance)
        fields += packets.maps(random.standard_normal(packets.size), x, y, days)
    return fields


def training(values: Floats) -> xr.DataArray:
    lat, lon = 38.0 + 0.2 * np.arange(values.shape[1]), -60.0 + 0.25 * np.arange(values.shape[2])
    return xr.DataArray(
        values, dims=("time", "lat", "lon"), coords={"time": np.arange(len(values)), "lat": lat, "lon": lon}
    )


def axes_of(fields: xr.DataArray) -> tuple[Floats, Floats]:
    plane = Plane(float(fields.lon.mean()), float(fields.lat.mean()))
    return plane.x(fields.lon), plane.y(fields.lat)


def test_variances_of_drawn_fields_are_recovered() -> None:
    empty = training(np.zeros((30, 46, 46)))
    fields = empty.copy(data=drawn(*axes_of(empty), count=30))
    found = fit_band_variances(fields, LENGTHS, facns=2.0, mean=xr.zeros_like(fields[0]))
    assert found == pytest.approx(TRUE, rel=0.15)


def test_variances_follow_the_square_of_the_heights() -> None:
    fields = training(np.random.default_rng(0).standard_normal((4, 46, 46)))
    once, twice = (np.array(fit_band_variances(gain * fields, LENGTHS)) for gain in (1.0, 2.0))
    assert twice == pytest.approx(4.0 * once)


def test_a_mean_of_the_fields_is_not_signal() -> None:
    fields = training(np.random.default_rng(0).standard_normal((4, 46, 46)))
    slope = xr.DataArray(np.linspace(0, 9, 46), dims="lat", coords={"lat": fields.lat})
    assert fit_band_variances(fields + slope, LENGTHS) == pytest.approx(fit_band_variances(fields, LENGTHS))


def test_variances_and_noise_of_drawn_tracks_are_recovered() -> None:
    x, y = np.linspace(0.0, 900.0, 12), np.arange(0.0, 900.0, 7.0)
    fields = drawn(x, y, count=60)
    segments = np.concatenate([fields[:, :, i] for i in (0, 5, 11)])
    noisy = segments + 0.01 * np.random.default_rng(1).standard_normal(segments.shape)
    variances, noise = fit_band_variances_along_track(noisy, 7.0, LENGTHS)
    assert variances[1:] == pytest.approx(TRUE[1:], rel=0.3)
    assert variances[0] + noise == pytest.approx(TRUE[0] + 1e-4, rel=0.3)


def test_gaps_in_the_fields_are_refused() -> None:
    fields = training(np.zeros((2, 46, 46)))
    fields[0, 3, 3] = np.nan
    with pytest.raises(ValueError, match="1 values of the training fields are NaN"):
        fit_band_variances(fields, LENGTHS)


def test_fields_of_too_few_points_are_refused() -> None:
    with pytest.raises(ValueError, match="46 x 5 points"):
        fit_band_variances(training(np.zeros((2, 46, 5))), LENGTHS)
