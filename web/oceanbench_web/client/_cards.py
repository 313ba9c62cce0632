"""The card of a submission: who made the map, how, and from what."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

if TYPE_CHECKING:
    from oceanbench_leaderboard.submissions import Card

__all__ = ["card_of"]


def card_of(path: Path | None, method: str | None, attributes: Mapping[str, Any]) -> "Card":
    """Read a card, or make one with nothing but the name of the method.

    Parameters
    ----------
    path : pathlib.Path or None
        TOML.
    method : str or None
        Name of the method, which wins over that of the card and that of the file.
    attributes : mapping
        Of the map: its ``method`` is the name where nobody gives another.

    Raises
    ------
    ValueError
        If the card is no TOML, holds what no card has, or there is no name at all.
    """
    from oceanbench_leaderboard.submissions import Card, refusal_in_words

    content = {} if path is None else _read(path)
    name = method or content.get("method") or attributes.get("method")
    if not isinstance(name, str) or not name.strip():
        raise ValueError(
            "the method has no name; give --method NAME, or a card (--method-card) with method = 'NAME'"
        )
    try:
        return Card.model_validate({**content, "method": name})
    except ValidationError as error:
        raise ValueError(f"{path or 'the card'} is not taken: {refusal_in_words(error)}") from None


def _read(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as stream:
            return tomllib.load(stream)
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"{path} is no TOML: {error}; write lines like: method = 'MIOST'") from None
