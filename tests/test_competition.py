"""A challenge that withholds its truth, and the dates and blocks of a competition."""

import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from oceanbench.catalog import load_challenge, shipped_challenges
from oceanbench.challenge import Challenge, ChallengeError, Competition, Period, read_challenge
from oceanbench.cli import cli
from oceanbench.data_files import MissingDataError
from oceanbench.description import lines_about
from oceanbench.download.plan import make_plan
from oceanbench.download.status import status_of
from oceanbench.evaluation import check_map, evaluate
from oceanbench.running import sample_submission
from oceanbench.submission import SubmissionError
from tests.toy_sea import DEFINITION, SIX_HOURLY, map_of, waves

SECRET = """
[[files]]
id = "truth"
role = "reference"
path = "secret/truth.nc"
sha256 = "aa{digest}"
layout = "grid"
height = {{ ssh = 1.0 }}
"""
PARTS = """
[competition]
opens = 2027-01-01T00:00:00Z
closes = 2027-03-01T12:00:00+01:00
submissions_per_day = 3
final_entries = 2
public = { start = 2012-10-22, end = 2012-11-10 }
private = { start = 2012-11-11, end = 2012-12-02 }
"""


def definition(folder: Path, *, truth: str = "withheld", tail: str = PARTS, changes: str = "") -> Path:
    """Write 2020a with its truth withheld: the files of the truth have no address any more."""
    text = (shipped_challenges() / "2020a" / "challenge.toml").read_text()
    head, *files = text.split("[[files]]")
    kept = [part for part in files if 'role = "reference"' not in part]
    secret = SECRET.format(digest="0" * 62)
    head = head.replace('ranking = "mu"', f'ranking = "mu"\ntruth = "{truth}"')
    path = folder / "challenge.toml"
    path.write_text("[[files]]".join([head, *kept]) + secret + changes + tail)
    return path


@pytest.fixture
def competition(tmp_path: Path) -> Challenge:
    """Give 2020a with a withheld truth in two blocks."""
    return read_challenge(definition(tmp_path))


def test_a_challenge_has_a_public_truth_and_no_competition_unless_it_says_so() -> None:
    challenge = load_challenge("2020a")
    assert (challenge.truth, challenge.competition, challenge.withholds_truth) == ("public", None, False)
    assert not any(challenge.withholds(file) for file in challenge.files)


def test_only_the_truth_is_withheld_not_the_observations(competition: Challenge) -> None:
    assert [file.id for file in competition.files if competition.withholds(file)] == ["truth"]


def test_dates_of_a_competition_are_told_in_utc(competition: Challenge) -> None:
    assert competition.competition is not None
    assert competition.competition.closes == datetime(2027, 3, 1, 11, tzinfo=UTC)
    assert competition.competition.submissions_per_day == 3
    assert competition.competition.final_entries == 2


def test_a_part_is_the_same_challenge_on_other_days_on_every_track(competition: Challenge) -> None:
    part = competition.part("public")
    for track in part.tracks:
        period = part.on(track).periods.evaluation
        assert (period.start, period.end) == (date(2012, 10, 22), date(2012, 11, 10))
    assert part.domain == competition.domain


def test_the_midnight_of_the_official_code_holds_for_the_part_that_reaches_it(competition: Challenge) -> None:
    last = np.datetime64("2012-12-02T00:00")
    assert competition.part("private").periods.evaluation.official_last_instant == last
    public = competition.part("public").periods.evaluation
    assert public.official_last_instant == public.past_end - np.timedelta64(1, "ns")


def test_a_challenge_that_is_not_split_has_no_parts() -> None:
    with pytest.raises(LookupError, match="2020a has no private part"):
        load_challenge("2020a").part("private")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "opens = 2027-01-01T00:00:00Z",
            "opens = 2027-01-01T00:00:00",
            r"no time zone; write 2027-01-01T00:00:00Z",
        ),
        (
            "opens = 2027-01-01",
            "opens = 2028-01-01",
            r"closes 2027-03-01 11:00:00\+00:00 is not after opens 2028",
        ),
        ("start = 2012-11-11", "start = 2012-11-10", r"public .* and private .* share days; separate"),
        ("end = 2012-12-02", "end = 2012-12-03", r"the private period .*2012-12-03 reaches beyond"),
        ("public = { start = 2012-10-22, end = 2012-11-10 }", "", r"a period 'private' and none 'public'"),
        ("start = 2012-11-11", "start = 2012-11-30", r"private period .* has 3 days, too few"),
        ("final_entries = 2", "final_entries = 0", r"competition.final_entries = 0: .*greater than 0"),
        ("final_entries = 2", "finals = 2", r"competition.finals = 2: unknown key; .*final_entries"),
        (
            "end = 2012-11-10 }",
            "ends = 2012-11-10 }",
            r"competition.public.ends .*unknown key; .*official_end",
        ),
    ],
)
def test_a_wrong_competition_says_what_to_do(tmp_path: Path, old: str, new: str, message: str) -> None:
    assert old in PARTS
    with pytest.raises(ChallengeError, match=message):
        read_challenge(definition(tmp_path, tail=PARTS.replace(old, new)))


def test_blocks_of_days_hide_nothing_where_the_truth_is_public(tmp_path: Path) -> None:
    with pytest.raises(ChallengeError, match="hide nothing where truth = 'public'"):
        read_challenge(definition(tmp_path, truth="public"))


def test_dates_and_budgets_may_stand_with_a_public_truth(tmp_path: Path) -> None:
    tail = "\n[competition]\ncloses = 2027-01-01T00:00:00Z\n"
    challenge = read_challenge(definition(tmp_path, truth="public", tail=tail))
    assert challenge.competition is not None
    assert challenge.competition.parts == {}


@pytest.mark.parametrize("address", ['urls = ["https://example.org/truth.nc"]', "derived = true"])
def test_a_withheld_truth_that_says_where_to_get_it_is_refused(tmp_path: Path, address: str) -> None:
    with pytest.raises(ChallengeError, match="file 'truth' says where to get it; leave out its urls"):
        read_challenge(definition(tmp_path, changes=f"{address}\n"))


def test_a_withheld_truth_that_methods_may_read_is_refused(competition: Challenge) -> None:
    leaky = competition.tracks[0].model_copy(update={"observations": ("truth",)})
    values = competition.model_dump() | {
        "tracks": [leaky.model_dump(), *competition.model_dump()["tracks"][1:]]
    }
    with pytest.raises(ValueError, match="file 'truth' is an observation of a track too"):
        Challenge.model_validate(values)


def test_swaths_cannot_withhold_the_truth_that_lies_beside_the_noise() -> None:
    values = load_challenge("2022a-twin").model_dump() | {"truth": "withheld"}
    with pytest.raises(ValueError, match="the truth of swaths lies in the passes"):
        Challenge.model_validate(values)


def test_blocks_that_only_touch_do_not_share_a_day() -> None:
    one = Period(start=date(2020, 1, 1), end=date(2020, 1, 5))
    two = Period(start=date(2020, 1, 6), end=date(2020, 1, 9))
    assert Competition(public=one, private=two).parts == {"public": one, "private": two}
    with pytest.raises(ValueError, match="share days"):
        Competition(public=two, private=two)


def test_the_rules_of_a_challenge_are_read_without_arrays() -> None:
    program = (
        "import sys; from oceanbench.catalog import load_challenge; load_challenge('2020a'); "
        "print(*{'numpy', 'xarray', 'scipy', 'h5py'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


# --- what the commands make of a truth that is not to be had


@pytest.fixture
def secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The challenge ``toy`` with a withheld truth in two blocks is known; gives the folder of its data."""
    text = DEFINITION.replace('licence = "BSD-3-Clause"', 'licence = "none"\ntruth = "withheld"')
    days = PARTS.replace("2012-10-22", "2015-06-01").replace("2012-11-10", "2015-06-07")
    days = days.replace("2012-11-11", "2015-06-08").replace("2012-12-02", "2015-06-14")
    (tmp_path / "world" / "toy").mkdir(parents=True)
    (tmp_path / "world" / "toy" / "challenge.toml").write_text(text + days)
    monkeypatch.setenv("OCEANBENCH_PATH", str(tmp_path / "world"))
    monkeypatch.setenv("OCEANBENCH_DATA", str(tmp_path / "data"))
    (tmp_path / "data" / "toy").mkdir(parents=True)
    return tmp_path / "data" / "toy"


def test_evaluate_says_where_a_map_is_scored_whose_truth_is_withheld(secret: Path) -> None:
    with pytest.raises(MissingDataError, match=r"toy withholds its truth, .* submit it to the service"):
        evaluate(map_of(), challenge="toy", track="all")


def test_the_service_that_has_the_truth_scores(secret: Path) -> None:
    waves(SIX_HOURLY).to_dataset().to_netcdf(secret / "truth.nc")
    assert evaluate(map_of(), challenge="toy", track="all").official["mu"] > 0.5


def test_a_map_is_checked_without_the_truth(secret: Path) -> None:
    assert check_map(map_of(), challenge="toy", track="all")[0].id == "toy"
    with pytest.raises(SubmissionError, match="2015-06-14"):
        check_map(map_of().isel(time=slice(0, 13)), challenge="toy", track="all")


def test_a_sample_is_made_without_the_truth(secret: Path) -> None:
    assert sample_submission(load_challenge("toy")).maps["ssh"].sizes["time"] == 14


def test_a_download_names_the_truth_as_withheld_and_asks_no_mirror_for_it(
    secret: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OCEANBENCH_MIRROR", "http://127.0.0.1:9")
    plan = make_plan(load_challenge("toy"))
    assert [file.id for file in plan.withheld] == ["truth"]
    assert [file.id for item in plan.items for file in item.files] == ["obs"]
    assert plan.to_json()["withheld"] == ["truth"]


def test_the_status_of_a_track_does_not_wait_for_a_withheld_truth(secret: Path) -> None:
    (secret / "obs.nc").write_bytes(b"something")
    status = status_of(load_challenge("toy"))
    verdicts = {one.file.id: one.verdict for one in status.files}
    assert verdicts == {"truth": "withheld", "obs": "by hand"}
    assert status.to_json()["tracks"]["all"] == {"ready": True, "missing": []}


def test_where_the_truth_is_here_the_status_says_so(secret: Path) -> None:
    (secret / "truth.nc").write_bytes(b"something")
    assert {one.file.id: one.verdict for one in status_of(load_challenge("toy")).files}["truth"] == "by hand"


def test_the_description_tells_the_rules_of_the_competition(secret: Path) -> None:
    lines = list(lines_about(load_challenge("toy")))
    assert "closes: 2027-03-01 11:00 UTC" in lines
    assert "submissions of a team on one UTC day: 3" in lines
    assert "scores kept back until the end: 2015-06-08 to 2015-06-14" in lines
    assert any(line.startswith("truth: withheld") for line in lines)
    assert any(line.startswith("file truth (reference)") and line.endswith("withheld") for line in lines)


def test_the_command_download_says_what_is_withheld(secret: Path) -> None:
    result = CliRunner().invoke(cli, ["download", "toy", "--dry-run"], catch_exceptions=False)
    assert "withheld, held by the service that scores: truth" in result.output


def test_the_opening_is_the_first_instant_that_takes_and_the_deadline_the_first_that_takes_none() -> None:
    opens, closes = datetime(2027, 1, 15, tzinfo=UTC), datetime(2027, 4, 1, tzinfo=UTC)
    rules, moment = Competition(opens=opens, closes=closes), timedelta(microseconds=1)
    assert [rules.is_still_to_open(now) for now in (opens - moment, opens)] == [True, False]
    assert [rules.is_over(now) for now in (closes - moment, closes)] == [False, True]
    assert not Competition().is_still_to_open(opens)
    assert not Competition().is_over(closes)
