"""Maps that the intake takes, and maps whose values or coordinates it refuses."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from oceanbench.challenge import Challenge
from oceanbench.evaluation import expected_of
from oceanbench.submission import canonical_sha256, open_map
from oceanbench_leaderboard.intake import Reader, Verdict, read_canonical, read_header, run_intake
from oceanbench_leaderboard.intake._findings import Refused, clean_text
from oceanbench_leaderboard.intake._job import Bounds, Job
from oceanbench_leaderboard.intake._normalising import normalise
from oceanbench_leaderboard.intake.header import header_of
from oceanbench_leaderboard.settings import Limits
from tests.toy_sea import map_of

Intake = Callable[..., Verdict]
Change = Callable[[xr.Dataset], xr.Dataset]


@pytest.mark.parametrize("form", ["NETCDF4", "NETCDF4_CLASSIC", "NETCDF3_64BIT", "NETCDF3_64BIT_DATA"])
def test_a_map_is_kept_to_the_last_bit(
    form: str, intake: Intake, toy: Challenge, tmp_path: Path, job: Path
) -> None:
    path = tmp_path / "upload.nc"
    map_of().assign_attrs(method="waves", challenge="toy", seed=3).to_netcdf(
        path, engine="netcdf4", format=form
    )
    verdict = intake(path)
    assert verdict.accepted, verdict.reason
    opened = open_map(path, expected=expected_of(toy, "refuse")).ssh
    kept = read_canonical(job)
    assert np.array_equal(kept.ssh.values, opened.values)
    for name in ("time", "lat", "lon"):
        assert np.array_equal(kept[name].values, opened[name].values)
    assert verdict.header is not None
    assert verdict.header["canonical_sha256"] == canonical_sha256(opened)
    assert kept.attrs == {"method": "waves", "challenge": "toy", "seed": "3"}
    assert sorted(path.name for path in job.iterdir()) == ["header.json", "values.f8"]


def test_a_map_packed_with_zstandard_is_taken(intake: Intake, tmp_path: Path, job: Path) -> None:
    map_of().to_netcdf(tmp_path / "upload.nc", encoding={"ssh": {"compression": "zstd"}})
    assert intake(tmp_path / "upload.nc").accepted
    assert np.array_equal(read_canonical(job).ssh.values, map_of().ssh.values)


def test_a_hole_is_left_to_the_scorer_where_it_counts_as_zero(
    toy: Challenge, tmp_path: Path, job: Path, warm: Reader
) -> None:
    _set(np.nan)(map_of()).to_netcdf(tmp_path / "upload.nc")
    kind = toy.submission.model_copy(update={"holes": "zero"})
    lenient = toy.model_copy(update={"submission": kind})
    assert run_intake(tmp_path / "upload.nc", job, lenient, "all", Limits(), reader=warm).accepted
    assert int(np.isnan(read_canonical(job).ssh.values).sum()) == 1


def test_the_canonical_form_passes_the_same_checks_unchanged(
    intake: Intake, toy: Challenge, tmp_path: Path, job: Path
) -> None:
    map_of().to_netcdf(tmp_path / "upload.nc")
    assert intake(tmp_path / "upload.nc").accepted
    kept = read_canonical(job)
    again = open_map(kept, expected=expected_of(toy, "refuse"))
    assert np.array_equal(again.ssh.values, kept.ssh.values)
    assert again.notes == []


# --- values and coordinates, by the function that runs inside the process


@pytest.fixture
def normalised(toy: Challenge, tmp_path: Path) -> Callable[[xr.Dataset], dict[str, object]]:
    """Write a map, and give the header that the process would answer with; its values lie beside it."""

    def read(dataset: xr.Dataset) -> dict[str, object]:
        path = tmp_path / "upload.nc"
        dataset.to_netcdf(path)
        with (tmp_path / "values.f8").open("wb") as values:
            told = toy.model_dump(mode="json")
            header = normalise(path, Job(Bounds(60, 1 << 33, 1 << 30), 10**7, "all", told), values)
        (tmp_path / "header.json").write_text(header_of(header).model_dump_json())
        return header

    return read


def _set(value: float) -> Change:
    def change(dataset: xr.Dataset) -> xr.Dataset:
        dataset.ssh[3, 4, 5] = value
        return dataset

    return change


def _without_a_day(dataset: xr.Dataset) -> xr.Dataset:
    return dataset.isel(time=[*range(5), *range(6, 14)])


def _twice_a_day_differing(dataset: xr.Dataset) -> xr.Dataset:
    return xr.concat([dataset, dataset.isel(time=[4]) + 0.1], "time")


REFUSED: dict[str, tuple[Change, str]] = {
    "a missing value": (_set(np.nan), "missing heights: 1 of 3822"),
    "infinity": (_set(np.inf), "infinite heights: 1"),
    "1e300": (_set(1e300), r"heights beyond 20 m: 1 \(largest 1e\+300\)"),
    "centimetres without a unit": (
        lambda dataset: (100.0 * dataset).assign(ssh=lambda d: d.ssh.drop_attrs()),
        "heights beyond 20 m",
    ),
    "a missing day": (_without_a_day, "1 of 14 days have no map: 2015-06-06"),
    "a day twice with other values": (_twice_a_day_differing, "times occur twice with different heights"),
    "a smaller box": (lambda dataset: dataset.isel(lon=slice(0, 10)), "the map covers -40..-37.75 E"),
    "a missing latitude": (
        lambda dataset: dataset.assign_coords(lat=np.where(np.arange(13) == 3, np.nan, dataset.lat)),
        "1 of 13 latitudes are missing or infinite",
    ),
    "no map at all": (lambda dataset: dataset.isel(lat=0, lon=0), "no variable is known as a height"),
}


@pytest.mark.parametrize("name", REFUSED)
@pytest.mark.filterwarnings("ignore:variable 'lat' has multiple fill values")
def test_it_refuses(name: str, normalised: Callable[[xr.Dataset], object]) -> None:
    change, words = REFUSED[name]
    with pytest.raises(Refused, match=words):
        normalised(change(map_of()))


TAKEN: dict[str, tuple[Change, str]] = {
    "all zero": (lambda dataset: dataset * 0.0, "All heights are the same: 0 m"),
    "centimetres": (
        lambda dataset: (100.0 * dataset).assign(ssh=lambda d: d.ssh.assign_attrs(units="cm")),
        "Heights were converted from cm to metres",
    ),
    "longitudes to 360": (
        lambda dataset: dataset.assign_coords(lon=dataset.lon % 360.0),
        r"Longitudes 320..325 were moved to -180..180",
    ),
    "reversed latitudes": (lambda dataset: dataset.isel(lat=slice(None, None, -1)), "latitudes were put in"),
    "shuffled times": (
        lambda dataset: dataset.isel(time=np.random.default_rng(0).permutation(14)),
        "times were put in order",
    ),
    "a day twice": (
        lambda dataset: xr.concat([dataset, dataset.isel(time=[4])], "time"),
        "Repeated times with the same heights were dropped",
    ),
    "float32 coordinates off by rounding": (
        lambda dataset: dataset.assign_coords(
            lon=(dataset.lon + 1e-5).astype("f4"), lat=(dataset.lat - 1e-5).astype("f4")
        ),
        "were moved by up to",
    ),
}


@pytest.mark.parametrize("name", TAKEN)
def test_it_normalises_and_says_so(
    name: str, normalised: Callable[[xr.Dataset], dict[str, object]], tmp_path: Path
) -> None:
    change, words = TAKEN[name]
    header = normalised(change(map_of()))
    notes = header["notes"]
    assert isinstance(notes, list)
    assert any(re.search(words, note) for note in notes), notes
    expected = map_of().ssh.values * (0.0 if name == "all zero" else 1.0)
    assert read_canonical(tmp_path).ssh.values == pytest.approx(expected, abs=1e-12)
    assert read_canonical(tmp_path).lon.values[0] == pytest.approx(-40.0, abs=2e-5)


def test_attributes_are_kept_as_plain_words(normalised: Callable[[xr.Dataset], dict[str, object]]) -> None:
    shown = {"method": "a\n\x1b[31m<script>\u202eb", "long": "x" * 10_000, "number": np.float32(0.5)}
    header = normalised(map_of().assign_attrs(shown))
    assert header["attributes"] == {
        "method": "a [31m<script> b",
        "long": "x" * 1999 + "…",
        "number": "0.5",
    }


@pytest.mark.parametrize(("text", "clean"), [("a\tb\x00c", "a b c"), ("é θ 海", "é θ 海"), (3, "3")])
def test_clean_text_keeps_what_shows(text: object, clean: str) -> None:
    assert clean_text(text) == clean


# --- the trusted reader


@pytest.fixture
def canonical(normalised: Callable[[xr.Dataset], object], tmp_path: Path) -> Path:
    """A folder with a canonical form."""
    normalised(map_of())
    return tmp_path


def test_the_reader_maps_the_values_and_lets_nobody_change_them(canonical: Path) -> None:
    with pytest.raises(ValueError, match="read-only"):
        read_canonical(canonical).ssh.values[0] = 0.0


def test_the_reader_refuses_values_of_another_size(canonical: Path) -> None:
    with (canonical / "values.f8").open("ab") as stream:
        stream.write(b"\0" * 8)
    with pytest.raises(ValueError, match=r"has 30584 bytes; expected 30576"):
        read_canonical(canonical)


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("lon", [0.0] * 21, "lon does not ascend"),
        ("lat", [1.0], "lat has 1 values, and the map 13"),
        ("shape", [14, 13, -1], "greater than 0"),
        ("canonical_sha256", "../../etc/passwd", "should match pattern"),
        ("kind", "pickle", "'pickle' found using 'kind'"),
        ("surprise", 1, "not permitted"),
        ("lon", [float("nan")] * 21, "finite"),
    ],
)
def test_the_reader_refuses_a_header_that_makes_no_sense(
    field: str, value: object, words: str, canonical: Path
) -> None:
    header = json.loads((canonical / "header.json").read_text()) | {field: value}
    (canonical / "header.json").write_text(json.dumps(header))
    with pytest.raises(ValueError, match=words):
        read_header(canonical)


def test_the_reader_refuses_a_header_of_many_megabytes(canonical: Path) -> None:
    (canonical / "header.json").write_bytes(b" " * (17 << 20))
    with pytest.raises(ValueError, match="has 17825792 bytes"):
        read_header(canonical)
