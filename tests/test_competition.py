"""A challenge that withholds its truth, and the dates and blocks of a competition."""

from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pytest

from oceanbench.catalog import load_challenge, shipped_challenges
from oceanbench.challenge import Challenge, ChallengeError, Competition, Period, read_challenge

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
