"""What is said about a map that was opened: notes on what was changed, and reasons to refuse it."""

from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Problem:
    """One reason to refuse a map: what was given, what is expected, what to do."""

    what_given: str
    expected: str
    fix: str

    def __str__(self) -> str:
        return f"{self.what_given}; expected {self.expected}; {self.fix}"


class SubmissionError(ValueError):
    """A map that cannot be accepted, with all the reasons found.

    Attributes
    ----------
    source : str
        Where the map came from.
    problems : list of Problem
        Never empty.
    """

    def __init__(self, source: str, problems: Sequence[Problem]) -> None:
        self.source = source
        self.problems = list(problems)
        count = f"{len(self.problems)} problem" + ("s" if len(self.problems) > 1 else "")
        super().__init__("\n".join([f"{source}: {count}", *(f"- {problem}" for problem in self.problems)]))

    def __reduce__(self) -> tuple[type["SubmissionError"], tuple[str, list[Problem]]]:
        # a refusal crosses from the process that opens a map to the one that reports it
        return SubmissionError, (self.source, self.problems)


@dataclass
class Findings:
    """Notes and problems met so far with one source."""

    source: str
    notes: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def note(self, sentence: str) -> None:
        """Keep a sentence about a change made."""
        self.notes.append(sentence)

    def refuse(self, what_given: str, expected: str, fix: str) -> None:
        """Keep a reason to refuse the map; the search for others goes on."""
        self.problems.append(Problem(what_given, expected, fix))

    def stop_if_refused(self) -> None:
        """Raise where there is any reason to refuse the map."""
        if self.problems:
            raise SubmissionError(self.source, self.problems)


def listed(items: Sequence[str], most: int = 10) -> str:
    """Give ``items`` in one line, the first ``most`` of them by name."""
    rest = len(items) - most
    return ", ".join(items[:most]) + (f" and {rest} more" if rest > 0 else "")
