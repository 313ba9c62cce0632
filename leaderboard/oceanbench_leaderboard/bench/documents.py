"""A page of documentation that holds tables and pictures of a bench between two marks.

The marks are comments, each a line of its own: ``<!-- bench-methods 2020a-twin: begin -->`` and the same with
``end``. What lies between them belongs to the command; the prose around them is nobody's but the authors'.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

from oceanbench.challenge import Challenge
from oceanbench_leaderboard.bench.agreement import Agreement
from oceanbench_leaderboard.bench.markdown import markdown_tables
from oceanbench_leaderboard.bench.paired import Difference
from oceanbench_leaderboard.bench.pictures import Picture
from oceanbench_leaderboard.bench.rows import BenchRow

__all__ = ["part_of_page", "write_into_page"]

_SHOWN = (
    *("scores", "heights", "errors", "formal", "planes", "cells", "scales"),
    *("vorticity", "ratios", "columns"),
)
_FOLDER = Path("pictures") / "methods"


def part_of_page(page: Path | None, challenge: Challenge) -> str:
    """Give what stands between the marks of a challenge; nothing where there is no page.

    Raises
    ------
    ValueError
        If the page lacks a mark, or they stand the wrong way round.
    """
    if page is None:
        return ""
    begin, end = _marks(challenge)
    _, found, rest = page.read_text(encoding="utf-8").partition(begin)
    part, closed, _ = rest.partition(end)
    if not (found and closed):
        raise ValueError(
            f"{page} has no place for {challenge.id}; write the lines {begin} and {end} where it is to be"
        )
    return part


def write_into_page(
    page: Path,
    challenge: Challenge,
    rows: Sequence[BenchRow],
    agreements: Sequence[Agreement],
    pictures: Mapping[str, tuple[Picture, ...]],
    differences: Sequence[Difference] = (),
) -> None:
    """Replace what stands between the marks of a challenge; pictures go to ``pictures/methods`` beside it.

    Parameters
    ----------
    page : pathlib.Path
        A page in Markdown with the marks.
    challenge : Challenge
        Whose scores they are.
    rows : sequence of BenchRow
        All rows.
    agreements : sequence of Agreement
        Those of the tracks that have published rows.
    pictures : mapping of str to tuple of Picture
        By track; those that compare methods are shown, not those of one method alone.
    differences : sequence of Difference
        Of filters, those to the best of their track.

    Raises
    ------
    ValueError
        As for :func:`part_of_page`.
    """
    before = part_of_page(page, challenge)
    begin, end = _marks(challenge)
    folder = page.parent / _FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    shown: dict[str, list[tuple[str, Picture]]] = {}
    for track, drawn in pictures.items():
        for picture in drawn:
            if picture.name in _SHOWN:
                name = f"{challenge.id}_{picture.file}"
                (folder / name).write_bytes(picture.png)
                shown.setdefault(track, []).append(((_FOLDER / name).as_posix(), picture))
    text = markdown_tables(challenge, rows, agreements, shown, differences)
    whole = page.read_text(encoding="utf-8")
    page.write_text(whole.replace(f"{begin}{before}{end}", f"{begin}\n\n{text}\n{end}"), encoding="utf-8")


def _marks(challenge: Challenge) -> tuple[str, str]:
    return f"<!-- bench-methods {challenge.id}: begin -->", f"<!-- bench-methods {challenge.id}: end -->"
