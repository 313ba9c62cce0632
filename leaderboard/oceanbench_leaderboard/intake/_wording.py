"""What the validator says, in words that cross from the process that reads to the service."""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from oceanbench.challenge import Challenge
from oceanbench.submission import SubmissionError
from oceanbench_leaderboard.intake._findings import Finding, Refused, clean_text

__all__ = ["refusing", "said_of"]

_MOST_NOTES, _MOST_ATTRIBUTES, _MOST_NAME = 50, 100, 200


@contextmanager
def refusing(upload: Path, challenge: Challenge, track: str) -> Iterator[None]:
    """Turn what the validator raises over a file into a refusal of it, without its place on this machine.

    Parameters
    ----------
    upload : pathlib.Path
        The file.
    challenge : Challenge
    track : str

    Raises
    ------
    Refused
        With all that is wrong with the file.
    """
    try:
        yield
    except SubmissionError as error:
        raise Refused(
            Finding(*(_placeless(words, upload) for words in (one.what_given, one.expected, one.fix)))
            for one in error.problems
        ) from error
    except (LookupError, ValueError) as error:
        wanted = f"a submission to {challenge.id}, track {track}"
        raise Refused([Finding(_placeless(error, upload), wanted, "correct the file")]) from error


def _placeless(words: object, upload: Path) -> str:
    """Give words with the file called by its name alone: libraries and the validator name its place."""
    return clean_text(str(words).replace(f"{upload.parent}{os.sep}", ""))


def said_of(variable: str, notes: Sequence[str], attributes: Mapping[Any, Any]) -> dict[str, Any]:
    """Give the fields of a header that hold words."""
    named = ((clean_text(name, _MOST_NAME), clean_text(value)) for name, value in attributes.items())
    return {
        "variable": clean_text(variable, _MOST_NAME),
        "notes": [clean_text(note) for note in notes[:_MOST_NOTES]],
        "attributes": dict([(name, value) for name, value in named if name][:_MOST_ATTRIBUTES]),
    }
