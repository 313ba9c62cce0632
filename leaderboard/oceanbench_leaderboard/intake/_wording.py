"""What the validator says, in words that cross from the process that reads to the service."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from oceanbench.challenge import Challenge
from oceanbench.submission import SubmissionError
from oceanbench_leaderboard.intake._findings import Finding, Refused, clean_text

__all__ = ["refusing", "said_of"]

_MOST_NOTES, _MOST_ATTRIBUTES, _MOST_NAME = 50, 100, 200


@contextmanager
def refusing(challenge: Challenge, track: str) -> Iterator[None]:
    """Turn what the validator raises over a file into a refusal of it.

    Raises
    ------
    Refused
        With all that is wrong with the file.
    """
    try:
        yield
    except SubmissionError as error:
        raise Refused(
            Finding(*map(clean_text, (one.what_given, one.expected, one.fix))) for one in error.problems
        ) from error
    except (LookupError, ValueError) as error:
        wanted = f"a submission to {challenge.id}, track {track}"
        raise Refused([Finding(clean_text(error), wanted, "correct the file")]) from error


def said_of(variable: str, notes: Sequence[str], attributes: Mapping[Any, Any]) -> dict[str, Any]:
    """Give the fields of a header that hold words."""
    named = ((clean_text(name, _MOST_NAME), clean_text(value)) for name, value in attributes.items())
    return {
        "variable": clean_text(variable, _MOST_NAME),
        "notes": [clean_text(note) for note in notes[:_MOST_NOTES]],
        "attributes": dict([(name, value) for name, value in named if name][:_MOST_ATTRIBUTES]),
    }
