"""The command ``oceanbench``: parse, call one function of the library, print."""

import errno
import os
import sys
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.table import Column, Table

import oceanbench
from oceanbench.catalog import load_challenge
from oceanbench.challenge import Challenge
from oceanbench.commands.options import FOLDER
from oceanbench.commands.running import run, sample
from oceanbench.commands.scoring import evaluate, validate
from oceanbench.commands.verifying import verify
from oceanbench.download.command import download, sources, status
from oceanbench.registry import Registry
from oceanbench.terminal import console, json_errors, json_option, print_json, progress_bar
from oceanbench.training.command import train
from oceanbench.tuning.command import tune

if TYPE_CHECKING:
    from oceanbench.method_card import MethodCard
    from oceanbench.overview import Row

__all__ = ["main"]

_COMMANDS = Registry("oceanbench.commands", "command")


class _Commands(click.Group):
    """Our own commands and those that installed packages register; these are imported when used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [*super().list_commands(ctx), *_COMMANDS.names()]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        own = super().get_command(ctx, cmd_name)
        if own is not None or cmd_name not in _COMMANDS.names():
            return own
        command = _COMMANDS.load(cmd_name)
        if not isinstance(command, click.Command):
            raise TypeError(f"the entry point {cmd_name!r} is {type(command).__name__}, not a click command")
        return command


@click.group(
    cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.version_option(oceanbench.__version__, package_name="oceanbench")
def cli() -> None:
    """From a sea surface height map to a score that others trust.

    Start with: oceanbench quickstart
    """


for _command in (download, status, sources, sample, validate, run, evaluate, verify, tune, train):
    cli.add_command(_command)


def main() -> None:
    """Run the command; what a user can mend is one line and exit code 1, a bug keeps its trace."""
    try:
        cli(prog_name="oceanbench")
    except (ValueError, LookupError, OSError) as error:
        if os.environ.get("OCEANBENCH_DEBUG") or isinstance(error, KeyError | IndexError):
            raise
        click.echo(f"error: {error}{_advice(error)}", err=True)
        sys.exit(1)


def _advice(error: Exception) -> str:
    """Tell what to do where the system does not let us write."""
    number = error.errno if isinstance(error, OSError) else None
    if number in (errno.EROFS, errno.EACCES, errno.EPERM):
        return "; write elsewhere: OCEANBENCH_DATA names the folder of data, --to and -o that of one command"
    return "; make room, or write elsewhere" if number == errno.ENOSPC else ""


@cli.command("list")
@json_option
def list_challenges(as_json: bool) -> None:
    """List the challenges.

    Example: oceanbench list
    """
    from oceanbench.overview import overview

    shelves, troubles = overview()
    for trouble in troubles:
        click.echo(f"warning: left out: {trouble}", err=True)
    if as_json:
        return print_json([_summary(row.challenge) for rows in shelves.values() for row in rows])
    for heading, rows in shelves.items():
        console().print(_shelf(heading, rows))
    click.echo("\nOne of them in full: oceanbench show ID")
    click.echo("Its data: oceanbench download ID, and what of them is here: oceanbench status ID")
    return None


def _shelf(heading: str, rows: "list[Row]") -> Table:
    table = Table(
        Column("id", no_wrap=True),
        Column("what"),
        Column("tracks", justify="right"),
        Column("data"),
        title=f"\n{heading}",
        title_style="bold",
        title_justify="left",
        box=None,
        pad_edge=False,
    )
    for row in rows:
        table.add_row(row.challenge.id, row.challenge.title, str(len(row.challenge.tracks)), row.data)
    return table


def _summary(challenge: Challenge) -> dict[str, Any]:
    return {
        "id": challenge.id,
        "version": challenge.version,
        "kind": challenge.kind,
        "title": challenge.title,
        "twin_of": challenge.twin_of or None,
        "tracks": [track.id for track in challenge.tracks],
        "ranking": challenge.ranking,
        "scored": not challenge.evaluation_pending,
        "pending": challenge.evaluation_pending or None,
    }


@cli.command()
@click.argument("challenge")
@click.option("--json", "as_json", is_flag=True, help="Print the whole definition as JSON.")
def show(challenge: str, as_json: bool) -> None:
    """Show one challenge: rules, periods, tracks, files.

    Example: oceanbench show 2020a
    """
    from oceanbench.description import lines_about

    definition = load_challenge(challenge)
    if as_json:
        return print_json(definition.model_dump(mode="json", exclude_none=True, exclude_defaults=True))
    for line in lines_about(definition):
        click.echo(line)
    return None


@cli.command()
@click.argument("name", required=False)
@json_option
def methods(name: str | None, as_json: bool) -> None:
    """List the installed methods, or tell all about one of them.

    Example: oceanbench methods oi
    """
    from oceanbench.method_card import card
    from oceanbench.methods import filter_names, method_names

    with json_errors(as_json):
        cards = [card(name)] if name else list(_cards([*method_names(), *filter_names()]))
    if as_json:
        return print_json([each.as_json() for each in cards])
    if name:
        return _print_card(cards[0])
    for heading, kind in (("Mapping", "mapping"), ("Filtering of swaths", "filter")):
        console().print(_listed([each for each in cards if each.kind == kind], heading))
    return click.echo("One of them, with its parameters: oceanbench methods NAME")


def _cards(names: list[str]) -> "Iterator[MethodCard]":
    """Give the cards of all methods; one that cannot be imported must not hide the others."""
    from oceanbench.method_card import card

    for name in names:
        try:
            yield card(name)
        except (ImportError, AttributeError) as error:
            click.echo(f"warning: left out: {name} cannot be imported: {error}", err=True)


def _listed(cards: "list[MethodCard]", heading: str) -> Table:
    table = Table(
        "name",
        "what",
        "takes",
        "cost",
        title=f"\n{heading}",
        title_style="bold",
        title_justify="left",
        box=None,
        pad_edge=False,
        padding=(0, 2, 0, 0),
    )
    for each in cards:
        table.add_row(each.name, each.summary, each.inputs, each.cost)
    return table


def _print_card(card: "MethodCard") -> None:
    click.echo(f"{card.name}: {card.summary}")
    for what, text in (("takes", card.inputs), ("cost", card.cost)):
        if text:
            click.echo(f"{what}: {text}")
    default = Column("default", overflow="fold")
    table = Table("parameter", default, "searched in", "what", box=None, pad_edge=False)
    for one in card.parameters:
        table.add_row(one.name, _shown(one.default), _range(one.search), one.about.replace("``", ""))
    console().print(table)
    for challenge, values in card.presets.items():
        texts = [f"{name}={_shown(value)}" for name, value in values.items()]
        console().print(
            f"on {challenge}, where --set says nothing else: {' '.join(texts)}", markup=False, highlight=False
        )


def _shown(value: Any) -> str:
    return ",".join(map(_shown, value)) if isinstance(value, list | tuple) else str(value)


def _range(search: tuple[float, float] | None) -> str:
    return f"{search[0]:g}..{search[1]:g}" if search else ""


@cli.command()
@click.option("--report", type=FOLDER, default="oceanbench-quickstart", show_default=True)
def quickstart(report: Path) -> None:
    """Make, score and draw a first map, on the ocean that ships with the package.

    Example: oceanbench quickstart
    """
    from oceanbench.quickstart import run_quickstart
    from oceanbench.report import print_evaluation

    started = time.perf_counter()
    with progress_bar() as progress:
        results = run_quickstart(report, progress)
    for result in results:
        print_evaluation(result, console())
    click.echo(f"map, numbers and pictures are in {report} after {time.perf_counter() - started:.0f} s")
    click.echo(f"open {(report / 'index.html').absolute()}")


@cli.group()
def twin() -> None:
    """Build the synthetic oceans that ship with the package."""


@twin.command("build")
@click.argument("challenge")
@click.option("-o", "--output", type=FOLDER, required=True, help="Folder to write the data into.")
@click.option("--seed", type=int, help="Seed of the run; the shipped one if not given.")
def twin_build(challenge: str, output: Path, seed: int | None) -> None:
    """Run the ocean model again and write a twin's truth; takes some minutes and needs JAX.

    Example: oceanbench twin build 2020a-twin -o rebuilt
    """
    from oceanbench.twin import TWINS, build

    definition = load_challenge(challenge)
    if definition.id not in TWINS:
        raise LookupError(f"{challenge} is not built by the program; what can be built: {', '.join(TWINS)}")
    if find_spec("jax") is None:
        raise LookupError("building a twin needs JAX; install it with: pip install '.[twin]' in the checkout")
    with progress_bar() as progress:
        build(definition.id, output, seed=seed, progress=progress)
    click.echo(f"{output}: the data of {challenge}, rebuilt")
