"""The rows of a bench as tables in Markdown, for a page of documentation."""

from collections.abc import Iterator, Mapping, Sequence

from oceanbench.challenge import Challenge
from oceanbench_leaderboard.bench.agreement import Agreement
from oceanbench_leaderboard.bench.pictures import Picture
from oceanbench_leaderboard.bench.rows import BenchRow
from oceanbench_leaderboard.bench.words import (
    COST_REMARK,
    READING,
    Cell,
    cells_of,
    cost_of,
    heading,
    sentences_about,
    twin_banner,
)

__all__ = ["markdown_tables"]


def markdown_tables(
    challenge: Challenge,
    rows: Sequence[BenchRow],
    agreements: Sequence[Agreement],
    pictures: Mapping[str, Sequence[tuple[str, Picture]]] | None = None,
) -> str:
    """Give a table for each track, and how far its order is the published one.

    Parameters
    ----------
    challenge : Challenge
        Whose scores they are.
    rows : sequence of BenchRow
        All rows.
    agreements : sequence of Agreement
        Those of the tracks that have published rows.
    pictures : mapping of str to sequence of (str, Picture), optional
        By track, each with its address; they stand below the table.
    """
    blocks = [f"## {challenge.title} (`{challenge.id}` {challenge.version})"]
    if warning := twin_banner(challenge):
        blocks.append(f"**{warning}**")
    for track in dict.fromkeys(row.track for row in rows):
        of_track = [row for row in rows if row.track == track]
        blocks += [f"### {track}", "\n".join(_table(challenge, of_track))]
        blocks += [f"- `{row.method}` failed: {' '.join(row.error.split())}" for row in of_track if row.error]
        blocks += [
            "\n".join(f"- {sentence}" for sentence in sentences_about(one))
            for one in agreements
            if one.track == track
        ]
        for address, picture in (pictures or {}).get(track, ()):
            blocks += [f"![{picture.finding}]({address})", f"*{picture.caption}*"]
    return "\n\n".join([*blocks, READING, COST_REMARK]) + "\n"


def _table(challenge: Challenge, rows: Sequence[BenchRow]) -> Iterator[str]:
    scored = next((row for row in rows if row.evaluation is not None), rows[0])
    names = challenge.metric_names
    yield f"| method | {' | '.join(heading(scored, name) for name in names)} | s | MB |"
    yield f"|---|{'---|' * (len(names) + 2)}"
    for row in rows:
        cells = cells_of(row, challenge)
        numbers = [_text(cells[name]) for name in names] if cells else ["–"] * len(names)
        yield f"| `{row.method}` | {' | '.join(numbers)} | {' | '.join(cost_of(row))} |"


def _text(cell: Cell) -> str:
    interval = f" [{cell.interval}]" if cell.interval else ""
    return f"{cell.official}<br>{cell.robust}{interval}" if cell.robust else cell.official
