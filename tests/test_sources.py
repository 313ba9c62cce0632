"""The servers of the field by their short names."""

from pathlib import Path

import pytest

from oceanbench.challenge import ChallengeError
from oceanbench.sources import known_sources, place_of


@pytest.fixture
def listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of challenges whose ``sources.toml`` a test writes."""
    monkeypatch.setenv("OCEANBENCH_PATH", str(tmp_path))
    return tmp_path / "sources.toml"


def test_a_short_name_stands_for_the_base_of_its_server(listed: Path) -> None:
    listed.write_text('[sea]\ntitle = "Sea"\nbase = "https://sea.example/data/"\n')
    assert place_of("sea:a/x.nc").url == "https://sea.example/data/a/x.nc"
    assert place_of("https://sea.example/data/a/x.nc").source == "sea"


def test_a_server_whose_name_begins_like_another_is_not_taken_for_it(listed: Path) -> None:
    listed.write_text('[sea]\ntitle = "Sea"\nbase = "https://sea.example/"\n')
    assert place_of("https://sea.example.org/x.nc").source == "sea.example.org"


@pytest.mark.parametrize("base", ["https://sea.example", "https://sea.example/data", ""])
def test_a_base_that_does_not_end_with_a_slash_is_refused(listed: Path, base: str) -> None:
    listed.write_text(f'[sea]\ntitle = "Sea"\nbase = "{base}"\n')
    with pytest.raises(ChallengeError, match=f"base '{base}' does not end with '/'; add it"):
        known_sources()
