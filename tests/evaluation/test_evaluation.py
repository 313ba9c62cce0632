"""One evaluation: passport, progress, notes, and the Python form equal to the JSON form."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from oceanbench.evaluation import evaluate
from oceanbench.submission import SubmissionError

Build = Callable[[], xr.Dataset]


def test_passport_names_the_file_without_its_folder_and_digests_file_and_truth(
    toy: Path, blurred: Build, tmp_path: Path
) -> None:
    path = tmp_path / "mine.nc"
    blurred().assign_attrs(method="blur", method_parameters='{"width": 5}').to_netcdf(path)
    passport = evaluate(path, challenge="toy").passport
    assert passport["submission"] == {
        "name": "mine.nc",
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
    }
    line = f"truth.nc {hashlib.sha256(toy.read_bytes()).hexdigest()}"
    digest = hashlib.sha256(line.encode()).hexdigest()
    assert passport["reference"] == {"files": 1, "sha256": digest, "verified": None}
    assert passport["said_by_the_file"] == {"method": "blur", "method_parameters": '{"width": 5}'}
    assert str(tmp_path) not in json.dumps(passport)


def test_map_in_memory_and_map_in_a_file_score_alike(toy: Path, blurred: Build, tmp_path: Path) -> None:
    blurred().to_netcdf(tmp_path / "map.nc")
    from_file = evaluate(tmp_path / "map.nc", challenge="toy")
    in_memory = evaluate(blurred(), challenge="toy")
    assert in_memory.official == from_file.official
    assert in_memory.to_json()["robust"] == from_file.to_json()["robust"]
    assert in_memory.passport["submission"]["name"] is None


def test_evaluation_repeats_to_the_last_digit(toy: Path, blurred: Build) -> None:
    first, second = (
        evaluate(blurred(), challenge="toy").to_json(),
        evaluate(blurred(), challenge="toy").to_json(),
    )
    assert all(first[key] == second[key] for key in ("official", "robust", "coverage", "notes", "scope"))


def test_layout_of_the_file_moves_no_number(toy: Path, blurred: Build) -> None:
    plain = evaluate(blurred(), challenge="toy")
    turned = blurred().transpose("lon", "time", "lat").isel(lat=slice(None, None, -1))
    turned = (turned.assign_coords(lon=turned.lon + 360.0) * 100.0).rename(ssh="height")
    turned["height"].attrs["units"] = "cm"
    result = evaluate(turned, challenge="toy", variable="height")
    assert result.official == pytest.approx(plain.official, rel=1e-9, nan_ok=True)
    assert {name: interval.value for name, interval in result.robust.items()} == pytest.approx(
        {name: interval.value for name, interval in plain.robust.items()}, rel=1e-9
    )
    assert any("-180..180" in note for note in result.notes)


def test_json_form_has_no_number_that_json_cannot_hold(toy: Path, midnights: Build) -> None:
    flat = midnights() * 0.0
    content = evaluate(flat, challenge="toy").to_json()
    assert json.loads(json.dumps(content, allow_nan=False)) == content
    assert content["official"]["lambda_x"] is None
    assert content["official"]["mu"] == pytest.approx(0.0, abs=1e-12)


def test_progress_is_told_from_nothing_to_all(toy: Path, blurred: Build) -> None:
    told: list[tuple[str, float]] = []
    evaluate(blurred(), challenge="toy", progress=lambda *step: told.append(step))
    assert told == [("reading the map", 0.0), ("reading the map", 1.0), ("scoring", 0.0), ("scoring", 1.0)]


def test_intervals_hold_their_value(toy: Path, blurred: Build) -> None:
    robust = evaluate(blurred(), challenge="toy").robust
    for name in ("mu", "explained_variance"):
        assert robust[name].low < robust[name].value < robust[name].high
    for interval in robust.values():  # an end is NaN where a resampled ocean resolves nothing
        assert not interval.low > interval.value
        assert not interval.high < interval.value


def test_all_that_is_wrong_with_a_map_is_said_at_once(toy: Path, blurred: Build) -> None:
    wrong = blurred().isel(time=[0, 1, 2, 5, 6, 7, 8, 9, 10, 11, 12, 13]).sel(lon=slice(-39.0, None))
    wrong["ssh"][2, 3, 4] = np.inf
    with pytest.raises(SubmissionError) as caught:
        evaluate(wrong, challenge="toy")
    sentences = [str(problem) for problem in caught.value.problems]
    assert len(sentences) == 3
    assert any("-39..-35 E" in sentence for sentence in sentences)
    assert any("2015-06-04" in sentence for sentence in sentences)


def test_order_of_the_samples_of_a_track_moves_no_number(golden: Path, tmp_path: Path) -> None:
    cases = golden / "cases"
    with xr.open_dataset(cases / "ose_short_track.nc") as track:
        order = np.random.default_rng(0).permutation(track.sizes["time"])
        track.isel(time=order).load().to_netcdf(tmp_path / "shuffled.nc")
    straight, shuffled = (
        evaluate(cases / "ose_short_map.nc", challenge="2021a", reference=[path]).to_json()
        for path in (cases / "ose_short_track.nc", tmp_path / "shuffled.nc")
    )
    assert all(shuffled[key] == straight[key] for key in ("official", "robust", "coverage", "scope"))
