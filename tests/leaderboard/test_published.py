"""The published tables: text for text what was printed, told apart by where, and checked when read."""

import csv
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from oceanbench.catalog import challenge_names, load_challenge
from oceanbench_leaderboard.metrics import known_metrics, metric_named
from oceanbench_leaderboard.published import number, published_scores, read_published, shipped_folder

TABLES = {
    "2020a": "2020a",
    "2021a": "2021a",
    "2022a": "2022a",
    "2022b": "2022b",
    "2023_train_eNATL60_test_NATL60": "2023-natl60",
    "2023a": "2023a",
    "2024_SWOT_OSE_mapping": "2024-swot",
    "2024b_SWOT_denoising": "2024b",
}
TRACKS = {
    "6 nadirs, evaluated on Cryosat-2, 2017": "6 nadirs",
    "quickstart: January 2017 only": "January 2017 only",
    "README leaderboard": "cycle 13",
    "DC2020 OSSE Gulfstream Nadir": "osse_gf_nadir",
    "DC2020 OSSE Gulfstream Nadir + Swot": "osse_gf_nadirswot",
    "OSSE Gulfstream Nadir + SST": "osse_gf_nadir_sst",
    "DC2021 OSE Gulfstream": "ose_gf",
}
UNITS = {
    "degree_lon": "degrees of longitude",
    "day": "days",
    "m s-1": "m/s",
    "m2 s-2": "m2/s2",
}
# Words that tell a source, which is a column of its own here.
SOURCES = re.compile(r" \((notebook full precision|pre-release checkpoint|first code version|docs)\)$")

Key = tuple[str, str, str, str, str]


def shared_rows(path: Path) -> Iterator[Key]:
    ours = {(metric.published_as, metric.published_unit): name for name, metric in known_metrics().items()}
    with path.open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            if row["track"].startswith("OUR computation") or row["metric"] == "(none)":
                continue  # nobody published these
            unit = UNITS.get(row["unit"], row["unit"])
            track, method = TRACKS.get(row["track"], row["track"]), SOURCES.sub("", row["method"])
            printed = row["metric"]
            if method == "Residual":  # no method: what the denoised swaths lack of the noisy ones
                method, printed = "Denoised", f"{printed} (Residual)"
            of, dot, what = printed.rpartition(".")
            name = ours.get((what, ""), ours.get((what, row["unit"])))
            yield track, method, ours.get((printed, "")) or f"{of}{dot}{name}", row["value"], unit


def shipped_rows(name: str) -> Iterator[Key]:
    for score in read_published(shipped_folder("published") / f"{name}.csv"):
        yield score.track, score.method, score.metric, score.text, score.unit


@pytest.mark.parametrize(("shared_name", "name"), TABLES.items())
def test_every_published_row_is_there_once_with_the_same_text(
    shared: Path, shared_name: str, name: str
) -> None:
    expected = Counter(shared_rows(shared / "spec" / "leaderboards" / f"{shared_name}.csv"))
    assert Counter(shipped_rows(name)) == expected


def test_rows_of_the_two_neurips_profiles_are_those_of_their_common_table(shared: Path) -> None:
    expected = Counter(shared_rows(shared / "spec" / "leaderboards" / "oceanbench_neurips2023.csv"))
    assert Counter([*shipped_rows("2020a-neurips"), *shipped_rows("2021a-neurips")]) == expected


def test_every_table_belongs_to_a_challenge_and_every_number_has_a_known_metric() -> None:
    tables = sorted(shipped_folder("published").glob("*.csv"))
    assert len(tables) == 11
    for path in tables:
        assert path.stem in challenge_names()
        for score in read_published(path):
            assert metric_named(score.metric).name != score.metric or score.metric in known_metrics()
            assert score.source


@pytest.mark.parametrize("name", ["2020a", "2021a", "2022a", "2023-natl60", "2020a-neurips", "medsea-2021"])
def test_current_rows_stand_on_tracks_and_metrics_of_the_challenge(name: str) -> None:
    challenge = load_challenge(name)
    current = [score for score in published_scores(challenge) if score.status == "current"]
    assert {score.track for score in current} <= {track.id for track in challenge.tracks}
    assert {score.metric for score in current} <= set(challenge.metric_names)
    assert challenge.ranking in {score.metric for score in current}


@pytest.mark.parametrize(
    "name", ["2020a", "2021a", "2023-natl60", "2020a-neurips", "2021a-neurips", "2022a", "2023a", "2024-swot"]
)
def test_every_published_map_has_a_published_row(name: str) -> None:
    challenge = load_challenge(name)
    rows = {(score.track, score.method) for score in published_scores(challenge)}
    missing = [one for one in challenge.maps if (challenge.track(one.track).id, one.method) not in rows]
    assert not missing


def test_misprint_keeps_its_text_and_tells_what_was_meant() -> None:
    scores = published_scores(load_challenge("2022a"))
    (misprint,) = [score for score in scores if score.status == "typo"]
    assert (misprint.text, misprint.value) == ("18.733", 18.133)
    notebook = [score.text for score in scores if score.text.startswith("18.13")]
    assert notebook == ["18.1327"]


def test_misprints_of_the_global_currents_are_told_by_the_notebooks() -> None:
    scores = published_scores(load_challenge("2023a"))
    notebooks = {
        (score.method.removesuffix(" (geos+barotrop+eqwaves)"), score.metric): score.value
        for score in scores
        if score.track.startswith("global /")
    }
    misprints = [score for score in scores if score.status == "typo"]
    assert len(misprints) == 9
    for score in misprints:
        assert score.value != number(score.text)
        if not score.method.startswith("GLORYS"):  # its notebook is not public
            assert notebooks[score.method, score.metric] == score.value


def test_words_in_place_of_a_number_are_no_number() -> None:
    assert number("NaN") is number(">=1000") is number("") is None
    assert number("1.") == 1.0


HEADER = "track,method,metric,value,unit\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("track,method,metric,valu,unit\n", "unknown column 'valu'; did you mean value"),
        ("track,method,metric,value\n", "no column 'unit'"),
        (HEADER + "a,b,mu,0.9\n", "line 2: more or fewer fields"),
        (HEADER + "a,b,mu,0.9,1,2\n", "line 2: more or fewer fields"),
        (HEADER + "a,,mu,0.9,1\n", "line 2: method is empty"),
        (HEADER + "a,b,mu,about 1,1\n", "'about 1' is no number"),
        (HEADER + "a,b,mu,0.9,1\na,b,mu,0.8,1\n", "line 3: mu of 'b' stands there twice"),
        (HEADER.replace("unit", "unit,status") + "a,b,mu,0.9,1,old\n", "status 'old'; allowed: current"),
        (HEADER + 'a,b,mu,"0.9,1\n', "not a table of comma-separated values"),
    ],
)
def test_table_that_cannot_be_used_is_refused(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "published.csv"
    path.write_text(text)
    with pytest.raises(ValueError, match=re.escape(message)):
        read_published(path)


def test_table_beside_a_definition_goes_before_the_shipped_one(tmp_path: Path) -> None:
    (tmp_path / "published.csv").write_text(HEADER + "4 nadirs,somebody,mu,0.5,1\n")
    challenge = load_challenge("2020a").model_copy(update={"folder": tmp_path})
    (score,) = published_scores(challenge)
    assert (score.method, score.status, score.value) == ("somebody", "current", 0.5)


def test_challenge_without_a_table_has_no_published_score() -> None:
    assert published_scores(load_challenge("2020a-twin")) == ()
