"""Names of teams read the same only if they are the same."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oceanbench_leaderboard.accounts import team_key, team_name


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Deep Blue", "deep  blue"),
        ("STRASSE", "straße"),
        ("ﬁsh", "FISH"),
        ("Ｄｅｅｐ", "deep"),
        ("Cafe\N{COMBINING ACUTE ACCENT}", "CAFÉ"),
        ("m²", "M2"),
        ("İstanbul", "i\N{COMBINING DOT ABOVE}stanbul"),
    ],
)
def test_names_that_read_the_same_have_one_key(one: str, other: str) -> None:
    assert team_key(one) == team_key(other)


def test_names_that_differ_have_keys_that_differ() -> None:
    assert team_key("Tides") != team_key("Tides 2")


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("right\N{RIGHT-TO-LEFT OVERRIDE}left", "U+202E"),
        ("zero\N{ZERO WIDTH SPACE}width", "U+200B"),
        ("line\nfeed", "U+000A"),
        ("null\0", "U+0000"),
        ("bell\a", "U+0007"),
        ("half\ud800pair", "U+D800"),
        ("isolate\N{LEFT-TO-RIGHT ISOLATE}", "U+2066"),
        ("para\N{PARAGRAPH SEPARATOR}graph", "U+2029"),
    ],
)
def test_a_name_with_what_cannot_be_seen_is_refused_and_the_character_named(name: str, code: str) -> None:
    with pytest.raises(ValueError, match=code.replace("+", r"\+")):
        team_name(name)


@pytest.mark.parametrize(("name", "length"), [("", 0), ("a", 1), ("  a  ", 1), ("x" * 81, 81)])
def test_a_name_too_short_or_too_long_is_refused_with_its_length(name: str, length: int) -> None:
    with pytest.raises(ValueError, match=f"has {length} characters; give 2 to 80"):
        team_name(name)


def test_a_book_is_refused_before_it_is_read() -> None:
    with pytest.raises(ValueError, match="has 10000000 characters"):
        team_name("x" * 10_000_000)


def test_a_name_that_grows_when_written_out_is_refused() -> None:
    with pytest.raises(ValueError, match="too long when written out"):
        team_name("\N{ARABIC LIGATURE SALLALLAHOU ALAYHE WASALLAM}" * 20)


def test_a_name_of_marks_alone_is_refused() -> None:
    with pytest.raises(ValueError, match="no letter and no digit"):
        team_name("!!! ---")


@given(st.text(max_size=100))
def test_a_name_is_refused_or_can_be_stored_and_found_again(name: str) -> None:
    try:
        shown = team_name(name)
    except ValueError:
        return
    assert 2 <= len(shown) <= 80
    assert len(team_key(shown)) <= 160
    assert team_name(shown) == shown
    assert team_key(name) == team_key(shown)
    assert not any(unicodedata.category(letter) in {"Cc", "Cf", "Cs"} for letter in shown)
    shown.encode("utf-8")
