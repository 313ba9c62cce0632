"""The command ``oceanbench``: parse, call one function of the library, print."""

import errno
import os
import sys
import time
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click
from rich.table import Column, Table

import oceanbench
from oceanbench.catalog import load_challenge
from oceanbench.challenge import Challenge
from oceanbench.download.command import download, sources, status
from oceanbench.listeners import tell_listeners
from oceanbench.registry import Registry
from oceanbench.terminal import console, json_errors, json_option, print_json, progress_bar
from oceanbench.tuning.command import tune

if TYPE_CHECKING:
    from oceanbench.method_card import MethodCard
    from oceanbench.overview import Row

__all__ = ["main"]

_COMMANDS = Registry("oceanbench.commands", "command")
type Holes = Literal["refuse", "zero", "official"]

_HOLES = click.Choice(["refuse", "zero", "official"])
_EXISTING = click.Path(exists=True, path_type=Path)
_FOLDER = click.Path(file_okay=False, path_type=Path)
_DATA = click.Path(exists=True, file_okay=False, path_type=Path)


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


cli.add_command(download)
cli.add_command(status)
cli.add_command(sources)
cli.add_command(tune)


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
    from oceanbench.methods import method_names

    with json_errors(as_json):
        cards = [card(each) for each in ([name] if name else method_names())]
    if as_json:
        return print_json([each.as_json() for each in cards])
    if name:
        return _print_card(cards[0])
    table = Table("name", "what", "takes", "cost", box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for each in cards:
        table.add_row(each.name, each.summary, each.inputs, each.cost)
    console().print(table)
    return click.echo("One of them, with its parameters: oceanbench methods NAME")


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
@click.argument("challenge")
@click.option(
    "--method", "spec", required=True, help="A name from 'oceanbench methods', or file.py:function."
)
@click.option("--track", help="Which observations the method may use; the first track if not given.")
@click.option("--set", "settings", multiple=True, metavar="NAME=VALUE", help="A parameter of the method.")
@click.option("--noise", is_flag=True, help="Observations with measurement error, where there are both.")
@click.option("--data", type=_DATA, help="Folder with the files of the challenge.")
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), required=True)
def run(
    challenge: str,
    spec: str,
    track: str | None,
    settings: tuple[str, ...],
    noise: bool,
    data: Path | None,
    output: Path,
) -> None:
    """Run a method on a challenge and write its map.

    Example: oceanbench run 2020a-twin --method oi --track "4 nadirs" -o map.nc
    """
    from oceanbench.methods import write_map
    from oceanbench.running import run_challenge

    definition = load_challenge(challenge)
    _refuse_absent_folder(output)
    with progress_bar() as progress:
        result = run_challenge(
            definition,
            spec,
            definition.track(track),
            settings=_settings(settings),
            noise=noise,
            data=data,
            progress=progress,
        )
    write_map(result.maps, output, attributes=result.attributes)
    click.echo(f"{output}: {result.observations} observations mapped in {result.seconds:.1f} s")
    click.echo(f"method {result.attributes['method']}, parameters {result.attributes['method_parameters']}")
    missing = int(result.maps["ssh"].isnull().sum())
    if missing:
        click.echo(
            f"{missing} of its {result.maps['ssh'].size} heights are missing: where one is to be scored, "
            "'evaluate' wants to be told with --holes what that means",
            err=True,
        )


def _settings(pairs: tuple[str, ...]) -> dict[str, str]:
    wrong = [pair for pair in pairs if "=" not in pair]
    if wrong:
        raise click.BadParameter(f"{wrong[0]!r} has no '='; write --set NAME=VALUE", param_hint="--set")
    return dict(pair.split("=", 1) for pair in pairs)


def _refuse_absent_folder(output: Path) -> None:
    if not output.absolute().parent.is_dir():
        raise FileNotFoundError(
            f"there is no folder {output.parent} to write {output.name} into; make it first"
        )


@cli.command()
@click.argument("challenge")
@click.option("--track", help="Which track it says it is for; the first if not given.")
@click.option("--data", type=_DATA, help="Folder with the files of the challenge.")
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), required=True)
def sample(challenge: str, track: str | None, data: Path | None, output: Path) -> None:
    """Write a map that every check accepts, to start from.

    Example: oceanbench sample 2020a-twin -o sample.nc
    """
    from oceanbench.methods import write_map
    from oceanbench.running import sample_submission

    definition = load_challenge(challenge)
    _refuse_absent_folder(output)
    result = sample_submission(definition, definition.track(track), data=data)
    write_map(result.maps, output, attributes=result.attributes)
    click.echo(f"{output}: a valid submission to {definition.id}; fill in your own ssh")


@cli.command()
@click.argument("map_file", type=_EXISTING, metavar="MAP")
@click.option("--challenge", help="Which challenge it is for; guessed from the file if not given.")
@click.option("--track", help="Which track; from the file, or the one whose box and days it covers.")
@click.option("--variable", help="Which variable holds the heights, if the file leaves a choice.")
@click.option(
    "--holes", type=_HOLES, default="refuse", show_default=True, help="What a NaN in the box means."
)
@json_option
def validate(
    map_file: Path,
    challenge: str | None,
    track: str | None,
    variable: str | None,
    holes: Holes,
    as_json: bool,
) -> None:
    """Check a map without scoring it: everything that is wrong with it, at once.

    Example: oceanbench validate my_map.nc
    """
    from oceanbench.evaluation import check_map

    with json_errors(as_json):
        definition, notes = check_map(
            map_file, challenge=challenge, track=track, variable=variable, holes=holes
        )
    if as_json:
        return print_json({"valid": True, "challenge": definition.id, "notes": list(notes)})
    click.echo(f"{map_file}: a valid submission to {definition.id}")
    for note in notes:
        click.echo(f"  {note}")
    return None


class _SeveralReferences(click.Command):
    """After a leading MAP, ``--reference`` takes all the files that follow, as a shell's ``*`` gives them."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        return super().parse_args(ctx, _repeated(args, "--reference"))


def _repeated(args: list[str], option: str) -> list[str]:
    """Write ``option a b`` as ``option a option b`` where the command begins with its own argument.

    Examples
    --------
    >>> _repeated(["map.nc", "--reference", "a.nc", "b.nc", "--json"], "--reference")
    ['map.nc', '--reference', 'a.nc', '--reference', 'b.nc', '--json']
    >>> _repeated(["--reference", "a.nc", "map.nc"], "--reference")
    ['--reference', 'a.nc', 'map.nc']
    """
    if not args or args[0].startswith("-"):
        return args
    spread: list[str] = []
    taking = False
    for position, word in enumerate(args):
        taking = word == option or (taking and not word.startswith("-"))
        if taking and word != option and args[position - 1] != option:
            spread.append(option)
        spread.append(word)
    return spread


@cli.command(cls=_SeveralReferences)
@click.argument("map_file", type=_EXISTING, metavar="MAP")
@click.option("--challenge", help="Which challenge it is for; guessed from the file if not given.")
@click.option(
    "--track", help="Which track; from the file, else the one whose box and days it covers, else the first."
)
@click.option(
    "--reference",
    multiple=True,
    type=_EXISTING,
    help="Truth of your own, one file or several: it decides grid and period.",
)
@click.option("--variable", help="Which variable holds the heights, if the file leaves a choice.")
@click.option("--reference-variable", help="The same for a gridded reference.")
@click.option(
    "--holes", type=_HOLES, default="refuse", show_default=True, help="What a NaN in the box means."
)
@click.option("--data", type=_DATA, help="Folder with the files of the challenge.")
@click.option("--report", type=_FOLDER, help="Write a page with pictures into this folder.")
@click.option("--no-record", is_flag=True, help="Do not keep the score for 'oceanbench leaderboard'.")
@json_option
def evaluate(
    map_file: Path,
    challenge: str | None,
    track: str | None,
    reference: tuple[Path, ...],
    variable: str | None,
    reference_variable: str | None,
    holes: Holes,
    data: Path | None,
    report: Path | None,
    no_record: bool,
    as_json: bool,
) -> None:
    """Score a map: what the challenge's own code would say, and better numbers beside it.

    Example: oceanbench evaluate my_map.nc --challenge 2020a-twin --report report
    """
    from oceanbench.evaluation import evaluate as evaluate_map
    from oceanbench.report import print_evaluation, write_report

    with json_errors(as_json), progress_bar() as progress:
        result = evaluate_map(
            map_file,
            challenge=challenge,
            track=track,
            reference=reference,
            variable=variable,
            reference_variable=reference_variable,
            holes=holes,
            data=data,
            progress=progress,
        )
    page = write_report(result, report) if report else None
    kept = [] if no_record else list(tell_listeners(result))
    if as_json:
        return print_json(result.to_json())
    print_evaluation(result, console())
    for line in [f"report: {page}"] * bool(page) + kept:
        click.echo(line)
    return None


@cli.command()
@click.option("--report", type=_FOLDER, default="oceanbench-quickstart", show_default=True)
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
@click.option("-o", "--output", type=_FOLDER, required=True, help="Folder to write the data into.")
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
