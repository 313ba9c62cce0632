"""One challenge in words: its rules, its periods, its tracks, its files."""

from collections.abc import Iterator

from oceanbench.challenge import Challenge, DataFile, Origin
from oceanbench.download.space import human_bytes
from oceanbench.sources import place_of

__all__ = ["lines_about"]


def lines_about(challenge: Challenge) -> Iterator[str]:
    """Describe a challenge to somebody who may want to take part."""
    yield f"{challenge.id} {challenge.version}: {challenge.title}"
    yield challenge.summary
    if challenge.evaluation_pending:
        yield f"not scored by this version: {challenge.evaluation_pending}"
    yield from _rules(challenge)
    yield from _competition(challenge)
    yield from _tracks(challenge)
    yield from _files(challenge)
    yield from (f"note: {note}" for note in challenge.notes)
    yield f"cite: {' '.join([challenge.citation, *(f'doi:{doi}' for doi in challenge.dois)])}"
    yield f"licence: {challenge.licence}"


def _rules(challenge: Challenge) -> Iterator[str]:
    box, submission = challenge.domain, challenge.submission
    yield f"box: {box.west:g}..{box.east:g} E, {box.south:g}..{box.north:g} N"
    for name, period in challenge.periods.named():
        yield f"{name}: {period.start} to {period.end}. {period.note}".rstrip()
    yield f"submission: {submission.variables[0]}({', '.join(submission.dims)}), {submission.quantity}"
    scores = f"; official scores: {', '.join(challenge.metric_names)}" if challenge.metric_names else ""
    yield f"ranked by: {challenge.ranking}{scores}"


def _competition(challenge: Challenge) -> Iterator[str]:
    if challenge.withholds_truth:
        yield "truth: withheld; the service that holds it scores, and tells numbers to the noise level"
    rules = challenge.competition
    if rules is None:
        return
    for name, instant in (("opens", rules.opens), ("closes", rules.closes)):
        if instant is not None:
            yield f"{name}: {instant:%Y-%m-%d %H:%M} UTC"
    if rules.submissions_per_day:
        yield f"submissions of a team on one UTC day: {rules.submissions_per_day}"
    if rules.final_entries:
        yield f"entries that a team may choose for the final ranking: {rules.final_entries}"
    for part, period in rules.parts.items():
        words = "shown at once" if part == "public" else "kept back until the end"
        yield f"scores {words}: {period.start} to {period.end}"


def _tracks(challenge: Challenge) -> Iterator[str]:
    for track in challenge.tracks:
        judge = f"judged by {track.reference}" if track.reference else "without a truth"
        yield f"track {track.id!r}: {', '.join(track.observations)}; {judge}"


def _files(challenge: Challenge) -> Iterator[str]:
    maps = challenge.files_of("map")
    for file in challenge.files:
        if file not in maps:
            yield f"file {file.id} ({file.role}): {file.path}; {_origin(challenge, file)}"
    if maps:
        yield f"maps made by others: {', '.join(file.id for file in maps)}"
        if not challenge.evaluation_pending:
            yield f"to score these maps again: oceanbench reproduce {challenge.id}"
    yield f"addresses of all files: oceanbench sources {challenge.id}"


def _origin(challenge: Challenge, file: DataFile) -> str:
    if challenge.withholds(file):
        return "withheld"
    if file.derived:
        return "made from shipped data at first use"
    archive = challenge.archive(file.archive) if file.archive else None
    servers = dict.fromkeys(place_of(url).source for url in (*(archive.urls if archive else ()), *file.urls))
    if not servers:
        return (
            "with this package"
            if any((challenge.folder / "data").glob(file.pattern))
            else "no place is known"
        )
    packed = f"in {archive.name}" if archive else ""
    return ", ".join(filter(None, [packed, _size(archive or file), f"from {' or '.join(servers)}"]))


def _size(origin: Origin) -> str:
    if origin.size is not None:
        return human_bytes(origin.size)
    return "" if origin.size_about is None else f"about {human_bytes(origin.size_about)}"
