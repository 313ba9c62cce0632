"""The shipped twin as KaRIn sees it: layout, noise, masks, spectra, time."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from scipy.spatial import cKDTree

from oceanbench.physics.karin_noise import karin_noise_std
from oceanbench.physics.orbit import unit_vector
from oceanbench.twin import DigestError, announced_digest, derive
from oceanbench.twin.karin2022 import design, pass_files, passes_digest
from oceanbench.twin.karin2022 import pass_statistics as statistics
from oceanbench.twin.karin2022.coast import distance_to_coast
from oceanbench.twin.karin2022.pass_files import noise_of, noise_std, write_pass
from oceanbench.twin.karin2022.swaths import MEASURED
from oceanbench.twin.karin2022.truth_files import (
    PassTruth,
    read_truth,
    read_truths,
    truth_paths,
    write_truth,
)

DATA = Path(__file__).parents[3] / "challenges" / "2022a-twin" / "data"


@pytest.fixture(scope="module")
def truths() -> Mapping[int, PassTruth]:
    return {truth.swath.number: truth for truth in read_truths(DATA, design.SCORED)}


@pytest.fixture(scope="module")
def coastal(truths: Mapping[int, PassTruth], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A pass with land, coast and open sea, in the layout of 2022a."""
    return write_pass(truths[134], tmp_path_factory.mktemp("pass"))


def test_a_file_has_the_layout_of_the_real_ones(coastal: Path, shared: Path) -> None:
    path = shared / "data" / "odc2022a_karin" / "dc_inputs" / design.input_file(13, 276)
    with (
        xr.open_dataset(path, decode_cf=False) as real,
        xr.open_dataset(coastal, decode_cf=False) as ours,
    ):
        assert set(ours.variables) == set(real.variables)
        assert ours.sizes["num_pixels"] == real.sizes["num_pixels"]
        for name, variable in real.variables.items():
            own = ours[name]
            assert (own.dims, own.dtype) == (variable.dims, variable.dtype)
            for key in ("_FillValue", "scale_factor", "units", "calendar", "standard_name"):
                assert own.attrs.get(key, "") == variable.attrs.get(key, own.attrs.get(key, "")), (name, key)
        for key in ("cycle_number", "pass_number", "equator_time", "equator_longitude"):
            assert type(ours.attrs[key]) is type(real.attrs[key])
        assert int(ours.attrs["pass_number"]) == 134
        fills = {name: bool((ours[name] == 2147483647).any()) for name in ("latitude", "longitude")}
        assert not any(fills.values())
        assert 0 <= int(ours["longitude"].min()) <= int(ours["longitude"].max()) < 360_000_000


def test_heights_are_known_where_the_real_files_know_them(
    coastal: Path, truths: Mapping[int, PassTruth]
) -> None:
    with xr.open_dataset(coastal) as dataset:
        true, karin = dataset["ssh_true"].to_numpy(), dataset["ssh_karin"].to_numpy()
    swath = truths[134].swath
    assert np.array_equal(np.isfinite(true), swath.seen)
    assert np.array_equal(np.isfinite(karin), swath.seen & MEASURED)


def test_times_are_those_of_the_orbit_and_the_equator_is_crossed_before_or_after(coastal: Path) -> None:
    with xr.open_dataset(coastal) as dataset:
        time = dataset["time"].to_numpy()
        equator = np.datetime64(dataset.attrs["equator_time"].removesuffix("Z"))
        latitude = dataset["latitude"].to_numpy()[:, 35]
    assert (np.diff(time) > np.timedelta64(0, "ns")).all()
    to_equator = (equator - time[-1]) / np.timedelta64(1, "s")  # it descends
    assert to_equator == pytest.approx(latitude[-1] * 111.2 / 6.4, rel=0.05)
    assert str(time[0])[:7] == "2010-03"


def test_noise_has_the_published_strength_at_each_distance(truths: Mapping[int, PassTruth]) -> None:
    swaths = [truth.swath for truth in truths.values()]
    noise = np.concatenate([noise_of(swath)[:, MEASURED] for swath in swaths])
    waves = np.concatenate([swath.waves[:, MEASURED] for swath in swaths])
    across = design.ACROSS_KM[MEASURED]
    expected = np.sqrt(np.mean(karin_noise_std(across, wave_height=waves) ** 2, axis=0))
    np.testing.assert_allclose(noise.std(axis=0), expected, rtol=0.04)
    edge, middle = np.abs(across) == 60, np.abs(across) == 30
    assert noise[:, edge].std() > 2 * noise[:, middle].std()


def test_noise_grows_with_the_waves(truths: Mapping[int, PassTruth]) -> None:
    swaths = [truth.swath for truth in truths.values()]
    noise = np.concatenate([noise_of(swath)[:, MEASURED] for swath in swaths])
    waves = np.concatenate([swath.waves[:, MEASURED] for swath in swaths])
    calm, rough = noise[waves < 1.5].std(), noise[(waves > 4.5) & (waves < 5.5)].std()
    assert rough / calm == pytest.approx(1.78 / 1.19, rel=0.1)  # table: 5 m against 1.25 m


def test_noise_is_white_and_differs_from_pass_to_pass(truths: Mapping[int, PassTruth]) -> None:
    one, other = (
        (noise_of(truths[number].swath) / noise_std(truths[number].swath))[:, MEASURED]
        for number in (121, 134)
    )
    limit = 4 / np.sqrt(one.size)
    assert one.std() == pytest.approx(1, abs=limit)
    assert abs(np.mean(one[1:] * one[:-1])) < limit
    assert abs(np.mean(one[:, 1:] * one[:, :-1])) < limit
    assert abs(np.mean(one[:800] * other[:800])) < limit


def test_the_coast_mask_is_one_offshore_and_missing_near_the_coast(coastal: Path) -> None:
    with xr.open_dataset(coastal) as dataset:
        mask = dataset["mask_coastline_200km"].to_numpy()
        distance = distance_to_coast(dataset["longitude"].to_numpy() - 360, dataset["latitude"].to_numpy())
        land = np.isnan(dataset["ssh_true"].to_numpy()) & (np.arange(71) != 35)
    assert np.nanmin(mask) == np.nanmax(mask) == 1
    assert distance[mask == 1].min() > 199
    assert distance[np.isnan(mask)].max() < 201
    assert np.isnan(mask[land]).any()


def test_the_variance_mask_is_one_where_heights_vary_little(truths: Mapping[int, PassTruth]) -> None:
    heights = np.concatenate([truth.heights for truth in truths.values()])
    low = np.concatenate([truth.low_variance for truth in truths.values()])
    land = np.concatenate([truth.swath.land for truth in truths.values()])
    assert low[land].all()
    small = np.concatenate([_without_large_scales(truth.heights) for truth in truths.values()])
    calm, lively = np.nanstd(small[low]), np.nanstd(small[~low])
    assert lively > 1.4 * calm
    assert np.isfinite(heights[~low]).sum() > 0.2 * np.isfinite(heights).sum()


def _without_large_scales(heights: np.ndarray) -> np.ndarray:
    """Second difference over 20 km along the track."""
    result = np.full_like(heights, np.nan)
    result[10:-10] = heights[20:] - 2 * heights[10:-10] + heights[:-20]
    return result


def test_spectra_have_the_slope_of_the_real_passes_and_keep_it_to_five_kilometres(
    truths: Mapping[int, PassTruth],
) -> None:
    density = statistics.mean_spectrum(truth.heights[:, ::4] for truth in truths.values())
    slopes = statistics.slopes(density)
    assert -4.5 < slopes["10-100 km"] < -3.7  # single real passes: -3.7 to -4.6; all six: -4.0
    assert -4.6 < slopes["25-100 km"] < -3.8
    assert -4.5 < slopes["10-25 km"] < -3.5
    assert -4.6 < slopes["5-10 km"] < -3.4


def _crossings(truths: list[PassTruth]) -> list[tuple[float, float]]:
    """Days between two passes that cross, and the difference of their heights there, in metres."""
    column = design.NADIR_PIXEL + 1
    tracks = [unit_vector(*(degrees[:, column] for degrees in truth.swath.position)) for truth in truths]
    crossings = []
    for up in (i for i, truth in enumerate(truths) if truth.swath.number % 2):
        tree = cKDTree(tracks[up])
        for down in (i for i, truth in enumerate(truths) if not truth.swath.number % 2):
            distance, nearest = (np.asarray(found) for found in tree.query(tracks[down]))
            line = int(distance.argmin())
            if distance[line] < 2 / 6371:
                seconds = truths[up].swath.seconds[nearest[line]] - truths[down].swath.seconds[line]
                heights = truths[up].heights[nearest[line], column] - truths[down].heights[line, column]
                crossings.append((float(abs(seconds) / 86400), float(heights)))
    return [(days, difference) for days, difference in crossings if np.isfinite(difference)]


def test_passes_that_cross_see_one_ocean_that_evolves() -> None:
    truths = list(read_truths(DATA, design.TRAINING))
    days, difference = np.array(_crossings(truths)).T
    spread = np.nanstd(np.concatenate([truth.heights for truth in truths]))
    soon, later, latest = (
        np.sqrt(np.mean(difference[(days >= low) & (days < high)] ** 2))
        for low, high in ((0, 0.5), (0.5, 3), (7, 20))
    )
    assert 0.001 < soon < 0.5 * later < 0.5 * latest
    assert later < 0.3 * spread
    assert latest > 0.4 * spread


def test_a_pass_reads_back_as_it_was_written(truths: Mapping[int, PassTruth], tmp_path: Path) -> None:
    again = read_truth(write_truth(truths[121], tmp_path))
    assert np.array_equal(again.heights, truths[121].heights, equal_nan=True)
    assert np.array_equal(again.low_variance, truths[121].low_variance)
    np.testing.assert_allclose(again.swath.seconds, truths[121].swath.seconds, atol=1e-6)
    assert (again.cycle, again.swath.number) == (design.SCORED, 121)


def test_a_height_beyond_the_files_is_refused(truths: Mapping[int, PassTruth], tmp_path: Path) -> None:
    truth = truths[121]
    wild = PassTruth(truth.cycle, truth.swath, truth.heights + 4.0, truth.low_variance)
    with pytest.raises(ValueError, match=r"3\.28 m"):
        write_truth(wild, tmp_path)


def test_a_folder_without_truth_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=str(tmp_path)):
        truth_paths(tmp_path, design.SCORED)


@pytest.mark.slow
def test_the_derived_passes_have_the_announced_digest_whatever_is_made_first(tmp_path: Path) -> None:
    told: list[float] = []
    derive(design.NAME, DATA, tmp_path, progress=lambda _, done: told.append(done))
    folder = tmp_path / design.INPUT_FOLDER
    assert passes_digest(folder) == announced_digest(design.NAME, DATA)
    assert sorted(told) == told
    assert told[-1] == 1.0
    names = {path.name for path in folder.iterdir()}
    assert len([name for name in names if name.startswith("input_ssh_karin_013_")]) == 12
    assert len([name for name in names if name.startswith("input_ssh_karin_001_")]) > 20


def test_a_changed_truth_is_noticed_and_leaves_nothing(
    truths: Mapping[int, PassTruth], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(design, "CYCLES", (design.SCORED,))
    truth = truths[205]
    write_truth(truth, tmp_path / "data" / design.TRUTH_FOLDER)
    pass_files.write_digest(tmp_path / "data")
    derive(design.NAME, tmp_path / "data", tmp_path / "good")
    assert len(list((tmp_path / "good" / design.INPUT_FOLDER).iterdir())) == 1
    changed = PassTruth(truth.cycle, truth.swath, truth.heights + 1e-4, truth.low_variance)
    write_truth(changed, tmp_path / "data" / design.TRUTH_FOLDER)
    with pytest.raises(DigestError, match="digest"):
        derive(design.NAME, tmp_path / "data", tmp_path / "bad")
    assert not list((tmp_path / "bad" / design.INPUT_FOLDER).iterdir())


def test_shipped_statistics_are_those_of_the_shipped_files() -> None:
    shipped = (DATA / design.STATISTICS_FILE).read_text()
    found = statistics.cycle_statistics(DATA, design.SCORED)
    assert f'"noise_crossing_km": {found["noise_crossing_km"]}' in shipped
    assert f'"height_std_m": {found["height_std_m"]}' in shipped
