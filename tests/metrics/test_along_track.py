"""Scores along a track: the official digits, the robust numbers beside them."""

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr

from oceanbench.metrics.along_track import TrackStatistics, select_official, track_statistics
from oceanbench.metrics.binning import binned_difference

SECOND = np.timedelta64(1_000_000_000, "ns")
DAY = 86_400 * SECOND
SPACING_KM = 6.77 * 0.9434
OFFICIAL: dict[str, Any] = {"spacing_km": SPACING_KM, "segment_km": 1000.0, "max_gap": 4 * SECOND}
BOX: dict[str, Any] = {"west": -65.0, "east": -55.0, "south": 33.0, "north": 43.0}


def passes() -> dict[str, Any]:
    """Eight passes of appendix B.2 of the protocols: forty waves each, damped in the estimate."""
    parts: dict[str, list[np.ndarray]] = {"estimate": [], "reference": [], "time": []}
    for number, length in enumerate([420, 420, 420, 420, 420, 150, 420, 420]):
        index = np.arange(length)
        k = np.arange(1, 41)[:, None]
        phase = 2 * np.pi * k * index * SPACING_KM / 1000 + 1.3 * k**2 + 0.8 * k * number
        waves = 0.3 / (1 + (k / 4) ** 2) * np.cos(phase)
        delay = 60.0 * (index >= 211) if number == 2 else np.zeros(length)
        seconds = number * 86400 + 6 * 3600 + index * 0.9434 + delay
        parts["reference"].append(0.4 + waves.sum(axis=0))
        parts["estimate"].append(0.4 + (waves / (1 + (k / 8) ** 4)).sum(axis=0))
        nanoseconds = np.rint(seconds * 1e9).astype(np.int64).astype("timedelta64[ns]")
        parts["time"].append(np.datetime64("2017-01-01", "ns") + nanoseconds)
    joined = {name: np.concatenate(values) for name, values in parts.items()}
    return joined | {"lon": np.zeros(joined["time"].size), "lat": np.linspace(30, 40, joined["time"].size)}


def values(statistics: TrackStatistics) -> dict[str, float]:
    return {name: interval.value for name, interval in statistics.robust(replicates=2).items()}


def scored(golden: Path, name: str, days: int) -> xr.Dataset:
    """Scored samples of a golden case, by the route of the challenge: map file, track file, selection."""
    with xr.open_dataset(golden / "cases" / f"{name}_map.nc") as maps:
        ssh = maps["ssh"].load()
    with xr.open_dataset(golden / "cases" / f"{name}_track.nc") as file:
        track = file.load()
    height = track["sla_unfiltered"] + track["mdt"] - track["lwe"]
    columns = {
        "time": track["time"],
        "lon": track["longitude"] - 360,
        "lat": track["latitude"],
        "ssh": height,
    }
    observations = xr.Dataset({key: ("obs", column.values) for key, column in columns.items()})
    last = np.datetime64("2017-01-01") + np.timedelta64(days - 1, "D")
    moved = ssh.assign_coords(lon=ssh["lon"] - 360)
    return select_official(moved, observations, **BOX, start="2017-01-01", end=last)


def statistics_of(samples: xr.Dataset) -> TrackStatistics:
    columns = [samples[name].values for name in ("estimate", "ssh", "time", "lon", "lat")]
    return track_statistics(*columns, **OFFICIAL)


# --- the official digits


def test_passes_of_waves_have_the_scores_of_the_official_code() -> None:
    samples = passes()
    assert samples["reference"][0] == pytest.approx(0.7427568662420425, rel=1e-12)
    assert samples["estimate"][0] == pytest.approx(0.6767565679215513, rel=1e-12)
    statistics = track_statistics(**samples, **OFFICIAL)
    assert statistics.official() == pytest.approx(
        {"mu": 0.8748967369936728, "sigma": 0.0033881906439110878, "lambda_x": 98.70317929926213}, rel=1e-10
    )
    spectra = statistics.official_spectra
    assert spectra.attrs["segments"] == 39
    assert statistics.official_pieces.segments.tolist() == [7, 7, 2, 2, 7, 7, 7]
    assert spectra["score"].values[:5] == pytest.approx(
        [0.99998499, 0.9999956, 0.99994698, 0.99941958, 0.99570175], abs=5e-9
    )
    assert statistics.wavenumber.size == 79
    assert statistics.wavenumber[1] == pytest.approx(0.001003669810264894, rel=1e-12)


def test_quirk_q9_mean_of_daily_ratios_is_not_the_global_ratio() -> None:
    statistics = track_statistics(**passes(), **OFFICIAL)
    robust = values(statistics)
    assert statistics.official()["mu"] == pytest.approx(0.8748967369936728, rel=1e-10)
    assert robust["mu_daily"] == pytest.approx(0.8748967369936728, rel=1e-10)
    assert robust["mu"] == pytest.approx(0.8752835959281532, rel=1e-10)


def test_quirk_q10_and_q11_robust_scale_uses_the_last_pass_and_the_first_crossing() -> None:
    statistics = track_statistics(**passes(), **OFFICIAL)
    assert statistics.official()["lambda_x"] == pytest.approx(98.70317929926213, rel=1e-10)
    assert statistics.spectra.attrs["segments"] == 46
    # a wave k keeps half of its error power where (1 - 1 / (1 + (k / 8)^4))^2 = 1/2
    k_half = 8 * (1 / (1 - math.sqrt(0.5)) - 1) ** 0.25
    assert values(statistics)["lambda_x"] == pytest.approx(1000 / k_half, rel=0.02)


def test_first_crossing_of_the_official_spectrum_is_the_one_of_the_protocols() -> None:
    score = track_statistics(**passes(), **OFFICIAL).official_spectra["score"]
    below = int(np.flatnonzero(score.values < 0.5)[0])
    crossing = np.interp(
        -0.5, -score.values[below - 1 : below + 1], score["wavenumber"].values[below - 1 : below + 1]
    )
    assert 1 / crossing == pytest.approx(98.6204843931492, rel=1e-10)


@pytest.mark.parametrize("name", ["ose", "ose_short"])
def test_golden_track_gives_the_official_digits(name: str, golden: Path, expected: dict[str, Any]) -> None:
    answer, days = expected["cases"][name]["expected"], expected["cases"][name]["spec"]["ndays"]
    samples = scored(golden, name, days)
    assert samples.sizes["obs"] == answer["n_points"]
    for ours, theirs in (("ssh", "ssh_alongtrack"), ("estimate", "ssh_map_interp")):
        for index, value in answer[theirs]["samples"]:
            assert samples[ours].values[tuple(index)] == pytest.approx(value, rel=1e-9, abs=1e-12)
    statistics = statistics_of(samples)
    assert statistics.official() == pytest.approx(
        {
            "mu": answer["rmse_score_mean"],
            "sigma": answer["rmse_score_std"],
            "lambda_x": answer["lambda_x_km"],
        },
        rel=1e-9,
    )


@pytest.mark.parametrize("name", ["ose", "ose_short"])
def test_golden_track_gives_the_official_days_and_spectra(
    name: str, golden: Path, expected: dict[str, Any]
) -> None:
    answer, days = expected["cases"][name]["expected"], expected["cases"][name]["spec"]["ndays"]
    statistics = statistics_of(scored(golden, name, days))
    daily = statistics.daily
    assert daily["count"].values.tolist() == answer["count_daily"]
    for ours, theirs in (("rmse", "rmse_daily"), ("rms", "rms_alongtrack_daily")):
        assert daily[ours].values == pytest.approx(np.array(answer[theirs], float), rel=1e-9, nan_ok=True)
    spectra = statistics.official_spectra
    assert spectra.attrs["segments"] == answer["n_segments"]
    assert OFFICIAL["segment_km"] // SPACING_KM == answer["npt"]
    assert statistics.wavenumber == pytest.approx(np.array(answer["wavenumber"]), rel=1e-12)
    for ours, theirs in (("reference", "psd_ref"), ("estimate", "psd_study"), ("error", "psd_diff")):
        assert spectra[ours].values == pytest.approx(np.array(answer[theirs]), rel=1e-9)
    pieces = statistics.official_pieces
    assert pieces.lon % 360 == pytest.approx(np.array(answer["segment_mean_lon"]), rel=1e-12)
    assert pieces.lat == pytest.approx(np.array(answer["segment_mean_lat"]), rel=1e-12)


@pytest.mark.parametrize("name", ["ose", "ose_short"])
def test_golden_track_gives_the_official_maps_of_errors(
    name: str, golden: Path, expected: dict[str, Any]
) -> None:
    answer, days = expected["cases"][name]["expected"], expected["cases"][name]["spec"]["ndays"]
    samples = scored(golden, name, days)
    maps = binned_difference(*(samples[column].values for column in ("estimate", "ssh", "lon", "lat")))
    from_greenwich = maps.roll(lon=180)
    for quantity in ("mean", "variance", "rmse"):
        block = answer[f"binned_diff_{quantity}"]
        field = from_greenwich[quantity].values
        assert list(field.shape) == block["shape"]
        assert int(np.isnan(field).sum()) == block["n_nan"]
        for index, value in block["samples"]:
            assert field[tuple(index)] == pytest.approx(value, rel=1e-9, abs=1e-12)


def test_track_without_a_gap_stops_the_official_scale_and_not_the_robust_one() -> None:
    samples = {name: column[:420] for name, column in passes().items()}
    statistics = track_statistics(**samples, **OFFICIAL)
    assert math.isnan(statistics.official()["lambda_x"])
    assert values(statistics)["lambda_x"] == pytest.approx(98.6, rel=0.05)


def test_track_too_short_for_a_segment_has_daily_scores_and_no_scale() -> None:
    samples = {name: column[:100] for name, column in passes().items()}
    statistics = track_statistics(**samples, **OFFICIAL)
    assert math.isnan(statistics.official()["lambda_x"])
    assert math.isnan(values(statistics)["lambda_x"])
    assert statistics.spectra["score"].isnull().all()
    assert statistics.official()["mu"] > 0.8


def test_track_without_samples_has_no_score() -> None:
    nothing = np.empty(0)
    statistics = track_statistics(
        nothing, nothing, np.empty(0, "datetime64[ns]"), nothing, nothing, **OFFICIAL
    )
    assert all(math.isnan(value) for value in statistics.official().values())
    assert all(math.isnan(value) for value in values(statistics).values())
    assert statistics.daily.sizes["time"] == 0


def test_days_with_few_samples_have_no_daily_score_and_count_in_the_global_ratio() -> None:
    time = np.datetime64("2017-01-01", "ns") + np.repeat([0, 1, 3], [12, 9, 12]) * DAY
    reference = np.ones(33)
    estimate = reference + np.repeat([0.1, 0.5, 0.3], [12, 9, 12])
    statistics = track_statistics(estimate, reference, time, reference, reference, **OFFICIAL)
    assert statistics.daily["score"].values == pytest.approx([0.9, np.nan, np.nan, 0.7], nan_ok=True)
    assert statistics.daily["count"].values.tolist() == [12, 9, 0, 12]
    assert statistics.official()["mu"] == pytest.approx(0.8)
    assert statistics.official()["sigma"] == pytest.approx(0.1)
    squares = (12 * 0.01 + 9 * 0.25 + 12 * 0.09) / 33
    assert values(statistics)["mu"] == pytest.approx(1 - math.sqrt(squares))


def test_explained_variance_forgives_a_constant_bias_and_mu_does_not() -> None:
    samples = passes()
    plain = values(track_statistics(**samples, **OFFICIAL))
    biased = values(track_statistics(**samples | {"estimate": samples["estimate"] + 0.2}, **OFFICIAL))
    assert biased["explained_variance"] == pytest.approx(plain["explained_variance"], rel=1e-9)
    assert biased["mu"] < plain["mu"] - 0.2
    assert biased["lambda_x"] == pytest.approx(plain["lambda_x"], rel=1e-6)


def test_scores_are_blind_to_units() -> None:
    samples = passes()
    scaled = samples | {name: 100 * samples[name] for name in ("estimate", "reference")}
    plain, centimetres = (track_statistics(**columns, **OFFICIAL) for columns in (samples, scaled))
    assert centimetres.official() == pytest.approx(plain.official(), rel=1e-10)
    assert values(centimetres) == pytest.approx(values(plain), rel=1e-10)


# --- sums and intervals


def test_statistics_of_separate_tracks_add_up() -> None:
    samples = passes()
    cut = int(np.flatnonzero(np.diff(samples["time"]) > DAY / 2)[3]) + 1
    parts = [
        {name: column[rows] for name, column in samples.items()} for rows in (slice(cut), slice(cut, None))
    ]
    first, second = (track_statistics(**part, **OFFICIAL) for part in parts)
    whole = track_statistics(**samples, **OFFICIAL)
    assert values(second + first) == pytest.approx(values(whole), rel=1e-10)
    assert (second + first).official()["mu"] == pytest.approx(whole.official()["mu"], rel=1e-12)


def test_statistics_with_other_segments_cannot_be_added() -> None:
    first, second = (track_statistics(**passes(), **OFFICIAL | {"segment_km": km}) for km in (1000.0, 500.0))
    with pytest.raises(ValueError, match="different segments"):
        first + second


def test_intervals_hold_the_value_and_repeat(golden: Path) -> None:
    statistics = statistics_of(scored(golden, "ose", 60))
    robust = statistics.robust()
    for interval in robust.values():
        assert interval.low < interval.value < interval.high
    assert statistics.robust() == robust


def test_many_pieces_are_resampled_in_a_few_hundred_blocks() -> None:
    rng = np.random.default_rng(0)
    n = 900 * 20
    time = np.datetime64("2017-01-01", "ns") + (np.arange(n) + 100 * (np.arange(n) // 20)) * SECOND
    reference = rng.standard_normal(n)
    estimate = reference + np.repeat(rng.uniform(0.2, 0.9, 900), 20) * rng.standard_normal(n)
    cut: dict[str, Any] = {"spacing_km": 10.0, "segment_km": 100.0, "max_gap": 4 * SECOND}
    statistics = track_statistics(estimate, reference, time, reference, reference, **cut)
    assert len(statistics.robust_pieces.sums) == 900
    assert len(statistics._piece_blocks()) == 200


# --- selection and errors


def toy(**changes: Any) -> tuple[xr.DataArray, xr.Dataset]:
    lon, lat = np.arange(-66.0, -53.5, 0.5), np.arange(32.0, 44.5, 0.5)
    time = np.datetime64("2017-01-01", "ns") + np.arange(5) * DAY
    field = 0.01 * lon + 0.02 * lat[:, None] + 0.1 * np.arange(5.0)[:, None, None]
    maps = xr.DataArray(field, {"time": time, "lat": lat, "lon": lon}, ("time", "lat", "lon"))
    columns = {"lon": -60.2, "lat": 38.1, "time": time[1] + DAY / 2, "ssh": 0.5} | changes
    return maps, xr.Dataset({name: ("obs", np.atleast_1d(value)) for name, value in columns.items()})


def test_selection_interpolates_a_linear_map_exactly() -> None:
    selected = select_official(*toy(), **BOX)
    assert selected["estimate"].values == pytest.approx([-0.602 + 0.762 + 0.15])


@pytest.mark.parametrize(
    "changes", [{"lon": -64.8}, {"lon": -55.2}, {"lat": 33.2}, {"lat": 42.8}, {"ssh": np.nan}]
)
def test_samples_near_the_edge_or_without_value_are_dropped(changes: dict[str, float]) -> None:
    assert select_official(*toy(**changes), **BOX).sizes["obs"] == 0


def test_map_that_stops_short_of_the_edge_loses_the_edge() -> None:
    maps, observations = toy(lat=42.7)
    shifted = maps.assign_coords(lat=maps["lat"] + 0.2)  # last node inside the box: 42.7 - 0.0, then 43.2
    assert select_official(maps, observations, **BOX).sizes["obs"] == 1
    assert select_official(shifted.sel(lat=slice(None, 42.3)), observations, **BOX).sizes["obs"] == 0


def test_last_day_of_a_map_at_midnight_ends_the_selection_there() -> None:
    maps, observations = toy()
    assert select_official(maps, observations, **BOX, start="2017-01-01", end="2017-01-03").sizes["obs"] == 1
    assert select_official(maps, observations, **BOX, start="2017-01-01", end="2017-01-02").sizes["obs"] == 0
    assert select_official(maps, observations, **BOX, start="2017-01-03", end="2017-01-05").sizes["obs"] == 0


def test_faulty_samples_are_refused() -> None:
    samples = passes()
    broken = samples | {"estimate": np.where(np.arange(3090) < 4, np.nan, samples["estimate"])}
    with pytest.raises(ValueError, match="estimate is not finite at 4 of 3090 samples"):
        track_statistics(**broken, **OFFICIAL)
    with pytest.raises(ValueError, match=r"lat has shape \(5,\), time \(3090,\)"):
        track_statistics(**samples | {"lat": np.zeros(5)}, **OFFICIAL)
    with pytest.raises(ValueError, match="time runs backwards"):
        track_statistics(**samples | {"time": samples["time"][::-1]}, **OFFICIAL)
