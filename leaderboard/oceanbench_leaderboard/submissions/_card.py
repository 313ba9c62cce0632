"""What a team says of its method: the card that stands beside the numbers."""

import math
import tomllib
import unicodedata
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

from oceanbench.registry import near_matches

__all__ = ["INPUTS", "Card", "read_card", "refusal_in_words"]

type Input = Literal["nadir", "swot", "sst", "drifters", "model", "other"]

INPUTS: tuple[Input, ...] = ("nadir", "swot", "sst", "drifters", "model", "other")

_BLANK = "\u115f\u1160\u2800\u3164\uffa0"  # letters and signs that are drawn as nothing
_UNSEEN = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}
_MOST_BYTES = 64 << 10
_LARGEST = 2**53  # integers beyond it change on their way through JSON


def _line(text: str) -> str:
    clean = " ".join(unicodedata.normalize("NFC", text).split())
    _refuse_unseen(clean, allowed="")
    return clean


def _name(text: str) -> str:
    """Give a line in which something can be seen: a letter, a digit or a sign, not only marks and blanks."""
    clean = _line(text)
    if not any(unicodedata.category(letter)[0] in "LNPS" and letter not in _BLANK for letter in clean):
        raise PydanticCustomError("blank", "nothing of it can be seen; give a name")
    return clean


def _words(text: str) -> str:
    clean = unicodedata.normalize("NFC", text).replace("\r\n", "\n").strip()
    _refuse_unseen(clean, allowed="\n\t")
    return clean


def _refuse_unseen(text: str, allowed: str) -> None:
    for letter in text:
        if letter not in allowed and unicodedata.category(letter) in _UNSEEN:
            raise PydanticCustomError(
                "unseen_character",
                "it has the character {code}, which cannot be seen; leave it out",
                {"code": f"U+{ord(letter):04X}"},
            )


def _address(text: str) -> str:
    clean = text.strip()
    if clean and not (clean.isascii() and clean.isprintable() and " " not in clean):
        raise PydanticCustomError("address", "an address has no spaces and no letters beyond ASCII")
    if clean and not clean.lower().startswith(("https://", "http://")):
        raise PydanticCustomError("address", "an address begins with https:// or http://")
    return clean


def _joined(value: Any) -> Any:
    """Take a list of names as well as a text."""
    if isinstance(value, list | tuple) and all(isinstance(name, str) for name in value):
        return ", ".join(value)
    return value


def _once(inputs: tuple[Input, ...]) -> tuple[Input, ...]:
    return tuple(name for name in INPUTS if name in inputs)


def _small(value: str | bool | int | float) -> str | bool | int | float:
    if isinstance(value, float) and not math.isfinite(value):
        raise PydanticCustomError("number", "a number is finite")
    if isinstance(value, int) and abs(value) > _LARGEST:
        raise PydanticCustomError("number", "an integer lies within ±2⁵³; write it as text")
    return _line(value) if isinstance(value, str) else value


type _Line = Annotated[str, AfterValidator(_line)]
type _Text = Annotated[str, Field(max_length=4000), AfterValidator(_words)]
type _Address = Annotated[str, Field(max_length=500), AfterValidator(_address)]
type _Value = Annotated[Annotated[str, Field(max_length=500)] | bool | int | float, AfterValidator(_small)]


class Card(BaseModel):
    """What a team says of its method; all of it can be read by everybody once there is a score.

    Attributes
    ----------
    method : str
        Its name on the board, at most 80 characters.
    authors : str
        A text, or a list of names.
    summary : str
        What it does, in a few sentences.
    paper, code : str
        Addresses, ``https://…`` or ``http://…``.
    inputs : tuple of str
        What it was given: ``nadir``, ``swot``, ``sst``, ``drifters``, ``model``, ``other``.
    training : str
        What it was trained on, in words; empty for a method without training.
    parameters : mapping of str to str, bool, int or float
        Settings that it was run with.
    licence : str
        Of the map.
    contact : str
        Where to write to; as public as the rest.
    report : str
        ``public``, or ``private``: the report page is then for the team alone.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    method: Annotated[str, Field(min_length=1, max_length=80), AfterValidator(_name)]
    authors: Annotated[str, Field(max_length=1000), BeforeValidator(_joined), AfterValidator(_line)] = ""
    summary: _Text = ""
    paper: _Address = ""
    code: _Address = ""
    inputs: Annotated[tuple[Input, ...], Field(max_length=12), AfterValidator(_once)] = ()
    training: _Text = ""
    parameters: Annotated[
        dict[Annotated[str, Field(min_length=1, max_length=80), AfterValidator(_name)], _Value],
        Field(max_length=64),
    ] = {}
    licence: Annotated[str, Field(max_length=160), AfterValidator(_line)] = ""
    contact: Annotated[str, Field(max_length=160), AfterValidator(_line)] = ""
    report: Literal["public", "private"] = "public"


def read_card(path: Path) -> Card:
    """Read a card that is written in TOML.

    Raises
    ------
    ValueError
        If it is no TOML, too long, or says what a card cannot say; the message names the file and the field.
    OSError
        If it cannot be read.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder) / "card.toml"
    ...     _ = path.write_text('method = "OI"\\nauthors = ["A. Sea", "B. Wave"]')
    ...     read_card(path).authors
    'A. Sea, B. Wave'
    """
    data = path.read_bytes()
    if len(data) > _MOST_BYTES:
        raise ValueError(f"{path} has {len(data)} bytes; a card has at most {_MOST_BYTES}")
    try:
        said = tomllib.loads(data.decode("utf-8"))
        return Card.model_validate(said)
    except ValidationError as error:
        raise ValueError(f"{path} is no card: {refusal_in_words(error)}") from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ValueError(f"{path} is not written in TOML: {error}; see the example in the manual") from error


def refusal_in_words(error: ValidationError) -> str:
    """Say which fields of a card are wrong, what was given there, and which fields there are.

    Examples
    --------
    >>> try:
    ...     Card.model_validate({"method": "OI", "license": "CC0"})
    ... except ValidationError as error:
    ...     refusal_in_words(error).partition("; a card has")[0]
    'license: a card has no such field; did you mean licence?'
    """
    told = [_problem(one) for one in error.errors()[:5]]
    if any(one["type"] == "extra_forbidden" for one in error.errors()):
        told.append(f"a card has the fields {', '.join(Card.model_fields)}")
    return "; ".join(told)


def _problem(one: ErrorDetails) -> str:
    field = ".".join(str(part) for part in one["loc"]) or "the card"
    if one["type"] == "missing":
        return f"{field}: it is missing; write {field} = 'NAME'"
    if one["type"] == "extra_forbidden":
        near = near_matches(field, Card.model_fields).strip()
        return f"{field}: a card has no such field" + (f"; {near}" if near else "")
    if one["type"] == "literal_error":
        return f"{field}: {_shown(one['input'])} is not {one['ctx']['expected']}"
    if one["type"] == "string_too_long":
        return f"{field}: it has {len(one['input'])} characters; at most {one['ctx']['max_length']} are kept"
    if one["type"] == "string_type":
        return f"{field}: {_shown(one['input'])} is no text; put it in quotes"
    return f"{field}: {_shown(one['input'])}: {one['msg']}"


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}..."
