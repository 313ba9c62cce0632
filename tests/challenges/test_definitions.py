"""The shipped definitions: what the official challenges say, and where their files are."""

import csv
import re
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from oceanbench.catalog import load_challenge, shipped_challenges
from oceanbench.challenge import Box, Challenge, ContributedMap, Origin
from oceanbench.sources import known_sources

OFFICIAL = (
    "2020a",
    "2020a-neurips",
    "2021a",
    "2021a-neurips",
    "2022a",
    "2022b",
    "2023-natl60",
    "2023a",
    "2024-swot",
    "2024b",
    "medsea-2021",
)
PENDING = ("2023a", "2024-swot")
TABLES = {
    "2020a": "2020a.csv",
    "2020a-neurips": "oceanbench_neurips2023.csv",
    "2021a": "2021a.csv",
    "2021a-neurips": "oceanbench_neurips2023.csv",
    "2023-natl60": "2023_train_eNATL60_test_NATL60.csv",
    "2023a": "2023a.csv",
    "2024-swot": "2024_SWOT_OSE_mapping.csv",
    "2024b": "2024b_SWOT_denoising.csv",
}
PUBLISHED_AS = {
    "6 nadirs": "6 nadirs, evaluated on Cryosat-2, 2017",
    "osse_gf_nadir": "DC2020 OSSE Gulfstream Nadir",
    "osse_gf_nadirswot": "DC2020 OSSE Gulfstream Nadir + Swot",
    "osse_gf_nadir_sst": "OSSE Gulfstream Nadir + SST",
    "ose_gf": "DC2021 OSE Gulfstream",
}
REGISTRY = """
8bb9545ebfc6f57bad5250a359333cb4 22496760
6bb41046a4510d8f3eb5e99af2d5c7aa 23604339
d33395c65617e8f7aec8fd05c7e837b3 19848868
c83ec55f53bbf45a7c7ff1300c16b6a1 4142849
bdeccc337904eeea73d9d656c9ded6c2 6024552
831c0384c82b956e9e95492afdc5704b 23175157
0b6ddb0a430a56effd5b733ca512c1f5 22009976
f0183695ba526fb12558a8d997d86ae4 52500030
3c7fdc033e444c1c2335195d14e7920e 56778790
207636cc157c6f1675879b2860af2c51 67068590
9393a63443cf749bfe1ff9a220745d56 723370518
8ae5d487728bde214622a5425dbb9baf 67149310
504972423abd6564acf8284a3721d854 118012432
7915760411c538557938bd22715d8c53 118012432
45b1396eb3590e3961d5c5b1e4d30175 708322336
dfd6b0a1343e785607e8cbc6699ed795 708322336
07939fc38d2742bab914b477f490ffe2 708322336
a52381e9409cb7c6cf9be980bda9aced 590300748
e6a27e944de675bcf0cd0c67031f9d3f 23372856
13bb5981b0729abc87ef3bb848f0a2a9 39981816
0d43f1639d5d21324bea07f1fd4cdc9d 292016649
296781b126d905e98b82dac9bcecf57e 700845764
957d74696fbf5f2b6d0c528757951b8a 4684262
1f6fc60bba2ef471ff845b4cdcc18f6a 2354338
4f014481eed0088eb9a0cf329ebf045b 29804673
46a0fe380bec9df843570191745f4e4f 13451731
7c573d08abef71cad17d46fe0074d0fc 709220389
137ff703c4f7db1890bdcfafa74e1655 235956168
8d53b3761358a9a9fa3e131877b4e56a 1525488
712a6c5124874e4236fe54140c7bcea3 11505680
1aeb6a9063df5e38fc06531aa3115518 15134802
1e3a612141e7de39d45946b2ff104db2 60499602
e4e1092d712f5b91a903cdbc162c2261 15134802
934c5e0a73e45b9fcb33f22c8ac06adc 11351957
190a6f50e70b93ae2c83a0884eeaf4b4 11351957
8c87c542a5ac0a5679989f68e9f276ba 11351957
49ae339b82dfda7dc36c42cd71db2942 111987386
2cb869ab8ef7d10229d5686ff79014c9 6731728
4a3e96b5c75f1e36fbde187cd8fd8705 13451731
b8aa4fd35fc1ed0c4fedf0c746e9f7eb 236895150
bb14ffd74b514adec7e108b7153af988 235956168
20160ace468425a292f1c8b5f60eb508 1525488
ef59eda1a456ca95c20a54e78202148e 11505766
66b6f6afddc3b51de77dc313157def0f 15134802
f5d7f4c06ebd2d89c7810f2481e48ad4 60499602
5ab126bc1cada572841e3e16b9617d29 15134802
"""  # MD5 and bytes of the files of the OceanBench registry (DVC listing, CC-BY 4.0) for the Gulf Stream


@pytest.fixture(params=OFFICIAL)
def challenge(request: pytest.FixtureRequest) -> Challenge:
    """Each official challenge in turn."""
    return load_challenge(request.param)


def promised() -> dict[str, int]:
    """Bytes of each file of the registry by its MD5."""
    pairs = (line.split() for line in REGISTRY.split("\n") if line)
    return {md5: int(size) for md5, size in pairs}


def origins(challenge: Challenge) -> Iterator[Origin]:
    """Everything that has an address."""
    yield from (*challenge.archives, *challenge.files)


def published_rows(path: Path) -> set[tuple[str, str]]:
    """Track and method of each row that is not marked as superseded."""
    with path.open(encoding="utf-8") as text:
        rows = list(csv.DictReader(text))
    note = "notes" if "notes" in rows[0] else "note"
    return {(row["track"], row["method"]) for row in rows if not row[note].startswith("superseded")}


def box_of(inner: Box) -> tuple[float, float, float, float]:
    """West, east, south and north edge."""
    return (inner.west, inner.east, inner.south, inner.north)


def test_all_official_challenges_are_shipped_with_a_page_for_newcomers(challenge: Challenge) -> None:
    page = (shipped_challenges() / challenge.id / "README.md").read_text(encoding="utf-8")
    assert page.startswith(f"# {challenge.id}:")
    assert f"oceanbench download {challenge.id}" in page
    assert 20 <= len(page.splitlines()) <= 90


def test_a_challenge_that_cannot_be_scored_says_what_is_missing_in_one_sentence() -> None:
    for name in OFFICIAL:
        reason = load_challenge(name).evaluation_pending
        assert bool(reason) == (name in PENDING)
        assert "\n" not in reason
        assert not reason.endswith(".")


def test_no_day_is_both_scored_and_learnt_from_or_forbidden(challenge: Challenge) -> None:
    periods = challenge.periods
    for name, other in periods.named():
        if name != "scored":
            assert other.end < periods.evaluation.start or other.start > periods.evaluation.end, name
    for forbidden in periods.forbidden:
        for training in periods.training:
            assert training.end < forbidden.start or training.start > forbidden.end


def test_the_box_of_every_track_lies_in_that_of_its_challenge(challenge: Challenge) -> None:
    west, east, south, north = box_of(challenge.domain)
    for track in challenge.tracks:
        inner = track.domain or challenge.domain
        assert west <= inner.west < inner.east <= east
        assert south <= inner.south < inner.north <= north


def test_every_archive_gives_a_file(challenge: Challenge) -> None:
    assert {archive.id for archive in challenge.archives} == {f.archive for f in challenge.files if f.archive}


def test_every_address_starts_with_a_known_source_and_never_repeats_its_base(challenge: Challenge) -> None:
    known = known_sources()
    for origin in origins(challenge):
        assert len(set(origin.urls)) == len(origin.urls)
        for url in origin.urls:
            name, _, path = url.partition(":")
            assert name in known, url
            assert path
            assert not any(url.startswith(source.base) for source in known.values())


def test_addresses_of_several_files_end_with_a_slash_and_those_of_one_do_not(challenge: Challenge) -> None:
    for file in challenge.files:
        for url in file.urls:
            assert url.endswith("/") == file.is_several, url


def test_a_file_without_an_address_says_what_is_known_of_it(challenge: Challenge) -> None:
    for file in challenge.files:
        assert file.urls or file.archive or file.note, file.id


def test_an_address_in_a_registry_is_the_md5_of_its_file(challenge: Challenge) -> None:
    for origin in origins(challenge):
        for url in origin.urls:
            name, _, path = url.partition(":")
            if name in ("registry", "sla-registry"):
                assert origin.md5 == path.replace("/", "")
                assert re.fullmatch("[0-9a-f]{2}/[0-9a-f]{30}", path)


def test_sizes_of_registry_files_are_those_of_its_listing(challenge: Challenge) -> None:
    sizes = promised()
    for origin in origins(challenge):
        if any(url.startswith("registry:") for url in origin.urls):
            assert origin.size == sizes[origin.md5 or ""]


def test_every_file_of_the_registry_for_the_gulf_stream_is_in_a_definition() -> None:
    sizes = promised()
    assert len(sizes) == 46
    used = {file.md5 for name in OFFICIAL for file in load_challenge(name).files}
    assert set(sizes) <= used


def test_a_file_that_two_challenges_share_is_told_in_the_same_way_by_both() -> None:
    for profile in ("2020a-neurips", "2021a-neurips"):
        own = load_challenge(profile)
        other = {file.path: file for file in load_challenge(own.data_of).files}
        for file in own.files:
            if file.path in other:
                assert (file.size, file.md5, file.urls) == (
                    other[file.path].size,
                    other[file.path].md5,
                    other[file.path].urls,
                )


def test_days_and_names_stand_for_as_many_files_as_the_challenges_have() -> None:
    counted = {
        ("2020a", "truth"): 365,
        ("2020a", "training"): 272,
        ("2022a", "passes-in-git"): 119,
        ("2022b", "truth"): 43,
        ("2023a", "alg"): 365,
        ("2023a", "drifters"): 365,
    }
    for (name, file), count in counted.items():
        paths = load_challenge(name).file(file).paths()
        assert len(set(paths)) == count
    truth = load_challenge("2020a").file("truth").paths()
    assert truth[0].endswith("y2012m10d01.1h_SSH.nc")
    assert truth[-1].endswith("y2013m09d30.1h_SSH.nc")


def test_the_names_of_passes_are_those_of_the_real_ones(shared: Path) -> None:
    names = {Path(path).name for path in load_challenge("2022a").file("passes-in-git").paths()}
    here = {path.name for path in (shared / "data" / "odc2022a_karin" / "dc_inputs").glob("*.nc")}
    assert len(here) == 6
    assert here <= names


def test_2023_natl60_has_three_boxes_in_five_windows_of_their_published_lengths() -> None:
    challenge = load_challenge("2023-natl60")
    days = Counter((track.evaluation or challenge.periods.evaluation).days for track in challenge.tracks)
    assert days == {325: 3, 41: 12}
    assert len({box_of(track.domain) for track in challenge.tracks if track.domain}) == 3
    autumn = challenge.track("Mid Autumn / GF").evaluation
    assert autumn is not None
    assert (autumn.start, autumn.end) == (date(2012, 10, 21), date(2012, 11, 30))


def test_the_official_cut_of_2023_natl60_has_300_by_300_nodes() -> None:
    lon = -98.05 + 0.05 * np.arange(2803)
    lat = 5.95 + 0.05 * np.arange(1242)
    for track in load_challenge("2023-natl60").tracks:
        assert track.domain is not None
        west, east, south, north = box_of(track.domain)
        assert np.count_nonzero((lon > west - 1e-6) & (lon < east + 1e-6)) == 300
        assert np.count_nonzero((lat > south - 1e-6) & (lat < north + 1e-6)) == 300


def test_the_crop_of_published_rows_of_2020a_leaves_598_by_598_nodes() -> None:
    node = np.arange(1, 601) / 60.0
    rows = [row for row in load_challenge("2020a").maps if row.method in ("DUACS", "BFN", "DYMOST", "MIOST")]
    assert len(rows) == 8
    for row in rows:
        assert row.scoring.domain is not None
        west, east, south, north = box_of(row.scoring.domain)
        assert np.count_nonzero((-65.0 + node >= west) & (-65.0 + node <= east)) == 598
        assert np.count_nonzero((33.0 + node >= south) & (33.0 + node <= north)) == 598


def test_4dvarnet_rows_of_2020a_count_42_days_on_every_third_node() -> None:
    challenge = load_challenge("2020a")
    rows = [row for row in challenge.maps if row.method.startswith("4DVarNet")]
    assert len(rows) == 4
    for row in rows:
        scored = challenge.scored_as(row.scoring)
        assert scored.periods.evaluation.official_last_instant == np.datetime64("2012-12-03T00:00")
        assert scored.gridded is not None
        assert len(range(600)[scored.gridded.truth_offset :: scored.gridded.truth_stride]) == 200


def test_the_scores_of_the_neurips_profiles_are_its_own() -> None:
    simulated, real = load_challenge("2020a-neurips"), load_challenge("2021a-neurips")
    assert simulated.metric_names == (
        "nrmse",
        "lambda_x_isotrop",
        "lambda_x_spacetime",
        "lambda_t_spacetime",
    )
    assert real.metric_names == ("nrmse", "lambda_x_alongtrack")
    assert real.along_track is not None
    assert (real.along_track.segment_km, real.along_track.inset_degrees) == (850.0, 0.0)
    assert simulated.periods.evaluation.official_end is None
    assert simulated.periods.evaluation.days == 42
    assert simulated.periods.training[0].days == 273


@pytest.mark.parametrize(
    ("name", "first", "last", "box"),
    [
        ("2020a", date(2012, 10, 22), date(2012, 12, 2), (-65.0, -55.0, 33.0, 43.0)),
        ("2021a", date(2017, 1, 1), date(2017, 12, 31), (295.0 - 360.0, 305.0 - 360.0, 33.0, 43.0)),
        ("2022b", date(2012, 10, 22), date(2012, 12, 2), (-65.0, -55.0, 33.0, 43.0)),
        ("2023a", date(2019, 1, 1), date(2019, 12, 31), (-180.0, 180.0, -90.0, 90.0)),
        ("2024-swot", date(2023, 8, 1), date(2024, 5, 1), (-180.0, 180.0, -90.0, 90.0)),
        ("medsea-2021", date(2021, 1, 15), date(2021, 3, 15), (2.0, 19.0, 31.0, 44.0)),
    ],
)
def test_scored_days_and_box_are_the_published_ones(
    name: str, first: date, last: date, box: tuple[float, float, float, float]
) -> None:
    challenge = load_challenge(name)
    assert (challenge.periods.evaluation.start, challenge.periods.evaluation.end) == (first, last)
    assert box_of(challenge.domain) == box


def test_the_boxes_of_2024b_and_the_zooms_of_2023a_are_the_published_ones() -> None:
    boxes = {track.id: track.domain for track in load_challenge("2024b").tracks}
    for track, box in (
        ("V1.0.2 / GS", (-55.0, -45.0, 30.0, 40.0)),
        ("V1.0.2 / ACC", (152.0, 162.0, -64.0, -54.0)),
        ("V1.0.2 / Cali", (-130.0, -120.0, 30.0, 40.0)),
        ("V1.0.2 / Mada", (44.0, 54.0, -12.0, -2.0)),
        ("V1.0.2 / Med", (-2.0, 8.0, 36.0, 44.0)),
    ):
        inner = boxes[track]
        assert inner is not None
        assert box_of(inner) == box
    zoom = load_challenge("2023a").track("Gulf Stream / SSH / segment 500 km")
    assert zoom.domain is not None
    assert zoom.evaluation is not None
    assert box_of(zoom.domain) == (295.5 - 360.0, 304.5 - 360.0, 33.5, 42.5)
    assert (zoom.evaluation.start, zoom.evaluation.end) == (date(2019, 1, 15), date(2019, 12, 15))


def test_the_withheld_altimeter_is_never_among_the_observations(challenge: Challenge) -> None:
    for track in challenge.tracks:
        assert track.reference not in track.observations
    if challenge.kind == "map-ose":
        withheld = {challenge.file(track.reference).path for track in challenge.tracks if track.published}
        seen = {challenge.file(name).path for track in challenge.tracks for name in track.observations}
        assert not withheld & seen


def test_a_filter_reads_noise_and_truth_from_the_same_files_under_other_names() -> None:
    challenge = load_challenge("2022a")
    for track in challenge.tracks:
        noisy, truth = challenge.file(track.observations[0]), challenge.file(track.reference)
        assert noisy.path == truth.path
        assert noisy.height == {"ssh_karin": 1.0}
        assert truth.height == {"ssh_true": 1.0}


def test_every_published_map_has_a_file_of_its_own_row(challenge: Challenge) -> None:
    rows = Counter((row.method, row.track) for row in challenge.maps)
    assert not [row for row, count in rows.items() if count > 1]
    for row in challenge.maps:
        file = challenge.file(row.file)
        assert file.role == "map"
        assert file.urls or file.archive


def test_an_anomaly_is_published_with_what_must_be_added() -> None:
    rows = [row for row in load_challenge("2023-natl60").maps if row.variable == "sla"]
    assert len(rows) == 15
    assert {row.plus for row in rows} == {"mdt"}
    assert load_challenge("2023-natl60").file("mdt").height == {"mdt": 1.0}


def test_a_map_that_adds_an_unknown_file_is_refused() -> None:
    challenge = load_challenge("2023-natl60")
    wrong = ContributedMap(file="MIOST", method="MIOST", track="Whole year / GF", plus="mtd")
    with pytest.raises(ValueError, match=r"map 'MIOST' adds file 'mtd'; files are"):
        Challenge.model_validate({**challenge.model_dump(), "maps": [wrong.model_dump()]})


@pytest.mark.parametrize("name", sorted(TABLES))
def test_every_published_map_is_a_row_of_the_published_table(name: str, shared: Path) -> None:
    published = published_rows(shared / "spec" / "leaderboards" / TABLES[name])
    for row in load_challenge(name).maps:
        assert (PUBLISHED_AS.get(row.track, row.track), row.method) in published


@pytest.mark.parametrize("name", sorted(TABLES))
def test_every_published_map_is_a_row_of_the_shipped_table(name: str) -> None:
    table = shipped_challenges().parent / "leaderboard" / "published" / f"{name}.csv"
    published = published_rows(table)
    for row in load_challenge(name).maps:
        tracks = {row.track, PUBLISHED_AS.get(row.track, row.track)}
        assert any((track, row.method) in published for track in tracks), (row.track, row.method)


@pytest.mark.parametrize("name", ["2020a", "2023-natl60", "2023a", "2024-swot"])
def test_tracks_of_the_published_table_are_tracks_of_the_challenge(name: str, shared: Path) -> None:
    tracks = {track.id for track in load_challenge(name).tracks if track.published}
    published = {track for track, _ in published_rows(shared / "spec" / "leaderboards" / TABLES[name])}
    other = {track for track in published if re.match("published docs|impact:|5 nadirs", track)}
    assert tracks == published - other
