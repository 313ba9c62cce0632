"""A card says what a team wants to say, in texts that are safe to store and to show."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from oceanbench_leaderboard.submissions import Card, read_card


def test_a_method_with_a_name_is_enough() -> None:
    card = Card(method="  Optimal   interpolation ")
    assert card.method == "Optimal interpolation"
    assert (card.report, card.inputs, card.parameters) == ("public", (), {})


@pytest.mark.parametrize("name", ["1", "β-plane", "海", "★", "?"])
def test_a_name_of_one_letter_that_can_be_seen_is_enough(name: str) -> None:
    assert Card(method=f" {name} ").method == name


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("method", "", "at least 1 character"),
        ("method", "   ", "nothing of it can be seen"),
        ("method", "\N{NO-BREAK SPACE}\t\N{IDEOGRAPHIC SPACE}", "nothing of it can be seen"),
        ("method", "\N{HANGUL FILLER}\N{BRAILLE PATTERN BLANK}", "nothing of it can be seen"),
        ("method", "\N{VARIATION SELECTOR-16} \N{COMBINING GRAPHEME JOINER}", "nothing of it can be seen"),
        ("method", "\N{ZERO WIDTH SPACE}", r"U\+200B"),
        ("method", "a\N{ZERO WIDTH NON-JOINER}", r"U\+200C"),
        ("parameters", {" ": 1}, "nothing of it can be seen"),
        ("parameters", {"\N{ZERO WIDTH JOINER}": 1}, r"U\+200D"),
        ("method", "x" * 81, "at most 80"),
        ("method", "a\0b", r"U\+0000"),
        ("method", "a\N{RIGHT-TO-LEFT OVERRIDE}b", r"U\+202E"),
        ("method", "a\ud800b", "valid string|U\\+D800|unicode"),
        ("summary", "x" * 4001, "at most 4000"),
        ("summary", "bell\a", r"U\+0007"),
        ("paper", "javascript:alert(1)", "begins with https://"),
        ("paper", "data:text/html,hi", "begins with https://"),
        ("code", "https://a b", "no spaces"),
        ("code", "https://\N{CYRILLIC SMALL LETTER A}.org", "no letters beyond ASCII"),
        ("code", "https://a.org/\n", None),
        ("inputs", ["nadir", "crystal ball"], "inputs"),
        ("report", "secret", "'public' or 'private'"),
        ("parameters", {"x": float("nan")}, "a number is finite"),
        ("parameters", {"x": 2**60}, "an integer lies within"),
        ("parameters", {"x": [1, 2]}, "parameters"),
        ("parameters", {str(n): n for n in range(65)}, "at most 64"),
        ("parameters", {"": 1}, "at least 1 character"),
        ("colour", "blue", "Extra inputs are not permitted"),
    ],
)
def test_what_a_card_cannot_say_is_refused_by_name(field: str, value: Any, words: str | None) -> None:
    said = {"method": "m", field: value}
    if words is None:
        assert getattr(Card(**said), field) == value.strip()
        return
    with pytest.raises(ValidationError, match=words):
        Card(**said)


def test_inputs_are_named_once_in_one_order() -> None:
    assert Card(method="m", inputs=["sst", "nadir", "sst"]).inputs == ("nadir", "sst")  # type: ignore[arg-type]


def test_values_of_parameters_keep_their_kind() -> None:
    said: dict[str, str | bool | int | float] = {"steps": 3, "gain": 0.5, "smooth": True, "kernel": "gauss"}
    assert Card(method="m", parameters=said).model_dump(mode="json")["parameters"] == said


@given(st.text(max_size=100))
def test_a_text_is_refused_or_kept_as_utf_8_without_a_null(text: str) -> None:
    try:
        kept = Card(method="m", summary=text, authors=text).model_dump_json()
    except ValidationError:
        return
    assert "\\u0000" not in kept
    assert Card.model_validate_json(kept.encode("utf-8")).summary == Card(method="m", summary=text).summary


def test_a_card_is_read_from_toml(tmp_path: Path) -> None:
    path = tmp_path / "card.toml"
    path.write_text(
        'method = "OI"\nauthors = ["A. Sea", "B. Wave"]\ninputs = ["nadir"]\n[parameters]\ngain = 0.5\n'
    )
    card = read_card(path)
    assert (card.authors, card.inputs, card.parameters) == ("A. Sea, B. Wave", ("nadir",), {"gain": 0.5})


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("method = ", "not written in TOML"),
        ('summary = "x"', r"no card: method: it is missing; write method = "),
        ('method = "m"\npaper = "ftp://x"', r"no card: paper: 'ftp://x': an address begins with"),
        ('method = "m"\nreport = "hidden"', r"no card: report: 'hidden' is not 'public' or 'private'"),
        (
            'method = "m"\nlicense = "CC0"',
            r"no card: license: .*did you mean licence\?; a card has .*contact",
        ),
        ('method = "m"\nsummary = 7', "summary: 7 is no text; put it in quotes"),
        (f'method = "{"x" * 81}"', "method: it has 81 characters; at most 80 are kept"),
        ('method = "m"\ncolour = "blue"', r"no such field; a card has the fields method, authors"),
        ('method = "m"\n[parameters]\nx = nan', r"parameters\.x.*a number is finite"),
    ],
)
def test_a_card_that_cannot_be_used_is_refused_with_its_name_and_the_field(
    tmp_path: Path, text: str, words: str
) -> None:
    path = tmp_path / "card.toml"
    path.write_text(text)
    with pytest.raises(ValueError, match=rf"card\.toml is .*{words}"):
        read_card(path)


def test_a_card_as_long_as_a_book_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "card.toml"
    path.write_text("#" * 70_000)
    with pytest.raises(ValueError, match="has 70000 bytes"):
        read_card(path)


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "card.toml"
    path.write_bytes(b"method = '\xff'")
    with pytest.raises(ValueError, match="not written in TOML"):
        read_card(path)
