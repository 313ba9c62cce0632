"""What is said about many passes: what they have in common is said once, with their numbers."""

from collections.abc import Mapping, Sequence

from oceanbench.submission._problems import Findings, Problem, SubmissionError, listed

type Key = int | tuple[int, int]


def label(key: Key) -> str:
    """Give a pass in words: its number, and that of its cycle where there are several."""
    return f"{key}" if isinstance(key, int) else f"{key[1]} of cycle {key[0]}"


def named(keys: Sequence[Key]) -> str:
    """Give passes in words: ``pass 5``, ``passes 5, 44``."""
    return f"{'pass' if len(keys) == 1 else 'passes'} {listed([label(key) for key in keys])}"


def tell_by_pass[K: (int, tuple[int, int])](found: Mapping[K, Findings], findings: Findings) -> None:
    """Keep in ``findings`` what was found in each pass; a note on all of them goes without numbers."""
    problems: dict[Problem, list[K]] = {}
    notes: dict[str, list[K]] = {}
    for key in sorted(found):
        for problem in found[key].problems:
            problems.setdefault(problem, []).append(key)
        for sentence in found[key].notes:
            notes.setdefault(sentence, []).append(key)
    for problem, keys in problems.items():
        findings.refuse(f"{named(keys)}: {problem.what_given}", problem.expected, problem.fix)
    for sentence, keys in notes.items():
        findings.note(sentence if len(keys) == len(found) else f"{named(keys).capitalize()}: {sentence}")


def stop_at_most(most: int, findings: Findings) -> None:
    """Raise where there is any reason to refuse: the first ``most``, and how many others there are."""
    rest = len(findings.problems) - most
    if rest > 0:
        further = Problem(f"{rest} further problems", "none", "mend those above first")
        raise SubmissionError(findings.source, [*findings.problems[:most], further])
    findings.stop_if_refused()
