"""The rows of a bench as tables in Markdown, for a page of documentation."""

from collections.abc import Iterator, Mapping, Sequence

from oceanbench.challenge import Challenge
from oceanbench_leaderboard.bench.agreement import Agreement
from oceanbench_leaderboard.bench.paired import Difference
from oceanbench_leaderboard.bench.pictures import Picture
from oceanbench_leaderboard.bench.rows import BenchRow
from oceanbench_leaderboard.bench.shown import shown_metrics
from oceanbench_leaderboard.bench.words import (
    Cell,
    banner,
    cells_of,
    cost_of,
    cost_remark,
    heading,
    own_passes,
    reading,
    sentence_about,
    sentences_about,
)

__all__ = ["markdown_tables"]


def markdown_tables(
    challenge: Challenge,
    rows: Sequence[BenchRow],
    agreements: Sequence[Agreement],
    pictures: Mapping[str, Sequence[tuple[str, Picture]]] | None = None,
    differences: Sequence[Difference] = (),
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
    differences : sequence of Difference
        Of filters, those to the best of their track.
    """
    blocks = [f"## {challenge.title} (`{challenge.id}` {challenge.version})"]
    if warning := banner(challenge, own_passes(rows)):
        blocks.append(f"**{warning}**")
    for track in dict.fromkeys(row.track for row in rows):
        of_track = [row for row in rows if row.track == track]
        blocks += [f"### {track}", "\n".join(_table(challenge, of_track))]
        blocks += [f"- `{row.method}` failed: {' '.join(row.error.split())}" for row in of_track if row.error]
        told = [sentence_about(one) for one in differences if one.track == track]
        told += [sentence for one in agreements if one.track == track for sentence in sentences_about(one)]
        blocks += ["\n".join(f"- {sentence}" for sentence in told)] if told else []
        for address, picture in (pictures or {}).get(track, ()):
            blocks += [f"![{picture.finding}]({address})", f"*{picture.caption}*"]
    return "\n\n".join([*blocks, reading(challenge), cost_remark(challenge)]) + "\n"


def _table(challenge: Challenge, rows: Sequence[BenchRow]) -> Iterator[str]:
    scored = next((row for row in rows if row.evaluation is not None), rows[0])
    names = shown_metrics(challenge)
    yield f"| method | {' | '.join(heading(scored, name) for name in names)} | s | MB |"
    yield f"|---|{'---|' * (len(names) + 2)}"
    for row in rows:
        cells = cells_of(row, names)
        numbers = [_text(cells[name]) for name in names] if cells else ["–"] * len(names)
        yield f"| `{row.method}` | {' | '.join(numbers)} | {' | '.join(cost_of(row))} |"


def _text(cell: Cell) -> str:
    interval = f" [{cell.interval}]" if cell.interval else ""
    if not cell.robust:
        return f"{cell.official}{interval}"
    return f"{cell.official}<br>{cell.robust}{interval}"
