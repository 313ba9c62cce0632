"""The commands that bring the data of a challenge here and tell what is here."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.table import Table

from oceanbench.catalog import load_challenge
from oceanbench.commands.options import DATA
from oceanbench.download.space import MARGIN, human_bytes
from oceanbench.terminal import console, json_option, print_json

if TYPE_CHECKING:  # what speaks to a network is imported when a command runs
    from oceanbench.download.places import Listing
    from oceanbench.download.plan import Group, Plan
    from oceanbench.download.status import Status

__all__ = ["ask_amount", "download", "sources", "status"]

_ASK_ABOVE = 1_000_000_000  # bytes
_FOLDER = click.Path(file_okay=False, path_type=Path)
_accept_option = click.option(
    "--accept-certificate",
    "accept",
    multiple=True,
    metavar="HOST",
    help="Fetch from this host although its certificate is not valid.",
)


@click.command()
@click.argument("challenge")
@click.option(
    "--only",
    multiple=True,
    type=click.Choice(["obs", "reference", "maps", "training"]),
    help="What is wanted; observations and reference if not given.",
)
@click.option("--track", help="Only what this track needs.")
@click.option("--source", help="Only from this server; see 'oceanbench sources ID'.")
@click.option("--to", type=_FOLDER, help="Folder to put it in, instead of the data folder.")
@click.option("--jobs", type=click.IntRange(1, 16), default=4, show_default=True, help="Files at once.")
@click.option("--dry-run", is_flag=True, help="Say what would be fetched, and fetch nothing.")
@click.option("--yes", is_flag=True, help="Do not ask before large downloads.")
@click.option(
    "--accept-changed",
    "changed",
    multiple=True,
    metavar="FILE",
    help="Take this file although it differs from what came first; a promised digest still counts.",
)
@_accept_option
@json_option
def download(
    challenge: str,
    only: "tuple[Group, ...]",
    track: str | None,
    source: str | None,
    to: Path | None,
    jobs: int,
    dry_run: bool,
    yes: bool,
    changed: tuple[str, ...],
    accept: tuple[str, ...],
    as_json: bool,
) -> None:
    """Download the data of a challenge: checked, resumed where it stopped, unpacked.

    Example: oceanbench download medsea-2021
    """
    from oceanbench.download.plan import make_plan
    from oceanbench.download.sizes import with_sizes

    definition = load_challenge(challenge)
    chosen = None if track is None else definition.track(track)
    plan = make_plan(definition, only=only, track=chosen, source=source, to=to)
    if dry_run:
        return _tell_plan(plan, as_json)
    if not (plan.items or plan.derived or plan.shipped or plan.nowhere or plan.withheld):
        raise LookupError(
            f"{definition.id} defines no such files; 'oceanbench show {definition.id}' lists all"
        )
    _tell_gaps(plan)
    plan = with_sizes(plan, accept_certificates_of=accept)
    _ask(plan, yes)
    return _deliver(plan, jobs, accept, changed, as_json)


def _tell_plan(plan: "Plan", as_json: bool) -> None:
    if as_json:
        return print_json(plan.to_json())
    table = Table("file", "size", "state", "from", box=None, pad_edge=False)
    for item in plan.items:
        begun = f", {human_bytes(item.begun)} are here" if item.begun else ""
        state = "here" if item.here else f"to fetch{begun}"
        places = dict.fromkeys(candidate.source for candidate in item.artefact.candidates)
        table.add_row(item.artefact.name, _size(item.size, item.exact), state, ", ".join(places))
    if plan.items:
        console().print(table)
    _tell_gaps(plan)
    for line in _totals(plan):
        click.echo(line)
    return None


def _totals(plan: "Plan") -> Iterator[str]:
    known = [human_bytes(plan.to_fetch)] if plan.to_fetch or not plan.of_unknown_size else []
    unknown = [f"{plan.of_unknown_size} of unknown size"] if plan.of_unknown_size else []
    yield f"{len(plan.missing)} of {len(plan.items)} to fetch: {', and '.join([*known, *unknown])}"
    at_least = "at least " if plan.of_unknown_size else ""
    needed = f"takes {at_least}{human_bytes(plan.needed)} of disk in" if plan.needed else "it goes into"
    yield f"{needed} {plan.folder}, where {human_bytes(plan.free)} are free"


def _size(size: int | None, exact: bool) -> str:
    return "unknown" if size is None else human_bytes(size) if exact else f"about {human_bytes(size)}"


def _tell_gaps(plan: "Plan") -> None:
    nowhere = f"not at {plan.source}" if plan.source else "no place is known that has"
    told = (
        ("comes with the package", plan.shipped),
        ("made here from what comes with the package", plan.derived),
        (nowhere, plan.nowhere),
        ("withheld, held by the service that scores", plan.withheld),
    )
    for words, files in told:
        if files:
            click.echo(f"{words}: {', '.join(file.id for file in files)}", err=True)


def _ask(plan: "Plan", yes: bool) -> None:
    """Ask before a large download; without a terminal it has to be meant with ``--yes``.

    Raises
    ------
    OSError
        If the disk has no room for it.
    ValueError
        If it is large, was not meant, and nobody is there to be asked.
    """
    if plan.needed > plan.free - MARGIN and plan.missing:
        raise OSError(
            f"{plan.folder} has {human_bytes(plan.free)} free, this download needs "
            f"{human_bytes(plan.needed)} and leaves {human_bytes(MARGIN)} alone; make room, or name another "
            "folder with --to"
        )
    ask_amount(plan.to_fetch, yes, into=f" into {plan.folder}", hint=", or see --dry-run")


def ask_amount(amount: int, yes: bool, *, into: str = "", hint: str = "") -> None:
    """Ask before many bytes are fetched; without a terminal they have to be meant with ``--yes``.

    Raises
    ------
    ValueError
        If they are many, were not meant, and nobody is there to be asked.
    """
    if amount <= _ASK_ABOVE or yes:
        return
    told = human_bytes(amount)
    if not sys.stdin.isatty():
        raise ValueError(f"this would fetch {told}; say --yes if that is meant{hint}")
    click.confirm(f"Fetch {told}{into}?", abort=True)


def _deliver(
    plan: "Plan", jobs: int, accept: tuple[str, ...], changed: tuple[str, ...], as_json: bool
) -> None:
    from oceanbench.download.bar import TransferBar
    from oceanbench.download.delivery import deliver

    try:
        with TransferBar() as bar:
            delivery = deliver(
                plan, jobs=jobs, accept_certificates_of=accept, accept_changed=changed, progress=bar
            )
    except KeyboardInterrupt:
        click.echo("stopped; the same command goes on where this one was", err=True)
        sys.exit(130)
    if as_json:
        return print_json(delivery.to_json())
    for line in delivery.lines():
        click.echo(line)
    definition = plan.challenge
    click.echo(f"licence: {definition.licence}")
    click.echo(f"cite: {' '.join([definition.citation, *(f'doi:{doi}' for doi in definition.dois)])}")
    return None


@click.command()
@click.argument("challenge")
@click.option("--data", type=DATA, help="Folder to look in first.")
@click.option("--verify", is_flag=True, help="Read every file and compare its digest.")
@json_option
def status(challenge: str, data: Path | None, verify: bool, as_json: bool) -> None:
    """Tell what of a challenge is here, whole and verified, and what its tracks still need.

    Example: oceanbench status 2020a
    """
    from oceanbench.download.status import status_of

    found = status_of(load_challenge(challenge), given=data, deep=verify)
    if as_json:
        return print_json(found.to_json())
    table = Table("file", "role", "state", "files", "size", "", box=None, pad_edge=False)
    for one in found.files:
        count, size = (str(one.found), human_bytes(one.size)) if one.found else ("", "")
        table.add_row(one.file.id, one.file.role, one.verdict, count, size, one.note)
    console().print(table)
    for line in _readiness(found):
        click.echo(line)
    return None


def _readiness(found: "Status") -> Iterator[str]:
    lacking = {track.id: found.missing_for(track) for track in found.challenge.tracks}
    for track, files in lacking.items():
        missing = f"missing {', '.join(one.file.id for one in files)}"
        yield f"track {track!r}: {missing if files else 'ready'}"
    if any(lacking.values()):
        yield f"get what is missing with: oceanbench download {found.challenge.id}"


@click.command()
@click.argument("challenge")
@click.option("--check", is_flag=True, help="Ask each server whether it has the file; nothing is fetched.")
@_accept_option
@json_option
def sources(challenge: str, check: bool, accept: tuple[str, ...], as_json: bool) -> None:
    """List where the files of a challenge can come from.

    Example: oceanbench sources 2021a --check
    """
    from oceanbench.download.places import list_places

    listing = list_places(load_challenge(challenge), check=check, accept_certificates_of=accept)
    if as_json:
        return print_json(listing.to_json())
    for line in _lines_of(listing):
        click.echo(line)
    return None


def _lines_of(listing: "Listing") -> Iterator[str]:
    """Give addresses on lines of their own, whole, so that they can be copied."""
    if not listing.rows:
        yield "all of it comes with the package"
    last = ""
    for row in listing.rows:
        if row.name != last:
            last = row.name
            yield row.name
        yield f"  {row.candidate.source}: {row.candidate.place}"
        if listing.checked:
            yield f"    {', '.join(filter(None, row.words()))}"
    yield from listing.about_servers()
