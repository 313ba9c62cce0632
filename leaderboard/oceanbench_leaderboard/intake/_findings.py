"""Reasons to refuse a file, as the process that reads it tells them."""

from collections.abc import Iterable
from typing import NamedTuple

__all__ = ["MOST_PROBLEMS", "MOST_TEXT", "Finding", "Refused", "clean_text"]

MOST_PROBLEMS, MOST_TEXT = 50, 2000


class Finding(NamedTuple):
    """What was given, what is expected, what to do."""

    what_given: str
    expected: str
    fix: str


class Refused(Exception):
    """The file is refused, for these reasons."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings = list(findings)
        super().__init__("; ".join(finding.what_given for finding in self.findings))


def clean_text(text: object, most: int = MOST_TEXT) -> str:
    """Give words in one line, without characters that do anything but show, and not too many of them."""
    shown = "".join(letter if letter.isprintable() else " " for letter in str(text)[: 4 * most])
    joined = " ".join(shown.split())
    return joined if len(joined) <= most else f"{joined[: most - 1]}…"
