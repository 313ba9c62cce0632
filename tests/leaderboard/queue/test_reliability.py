"""The benchmark of reliability, with a few submissions: real processes, killed at random moments."""

import pytest

from benchmarks.service_reliability import main


@pytest.mark.slow
@pytest.mark.parametrize("engines", ["embedded", "postgres"])
def test_of_eight_submissions_none_is_lost_and_none_scored_twice_whatever_is_killed(
    engines: str, request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]
) -> None:
    if engines == "postgres":
        request.getfixturevalue("engines")  # skipped where they are not installed
    words = ["--submissions", "8", "--engines", engines, "--every", "8", "--lease", "3", "--patience", "500"]
    assert main(words) == 0, capsys.readouterr().out
    assert "none lost, none scored twice" in capsys.readouterr().out
