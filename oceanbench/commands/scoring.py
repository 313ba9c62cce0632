"""The commands ``validate`` and ``evaluate``."""

from pathlib import Path
from typing import Literal

import click

from oceanbench.commands.options import DATA, EXISTING, FOLDER
from oceanbench.listeners import tell_listeners
from oceanbench.terminal import console, json_errors, json_option, print_json, progress_bar

__all__ = ["evaluate", "validate"]

type Holes = Literal["refuse", "zero", "official"]

_HOLES = click.Choice(["refuse", "zero", "official"])


@click.command()
@click.argument("map_file", type=EXISTING, metavar="MAP")
@click.option("--challenge", help="Which challenge it is for; guessed from the file if not given.")
@click.option("--track", help="Which track; from the file, or the one whose box and days it covers.")
@click.option(
    "--reference", multiple=True, type=EXISTING, help="Of swaths: the passes that were filtered, if your own."
)
@click.option("--variable", help="Which variable holds the heights, if the file leaves a choice.")
@click.option(
    "--holes", type=_HOLES, default="refuse", show_default=True, help="What a NaN in the box means."
)
@json_option
def validate(
    map_file: Path,
    challenge: str | None,
    track: str | None,
    reference: tuple[Path, ...],
    variable: str | None,
    holes: Holes,
    as_json: bool,
) -> None:
    """Check a map or filtered swaths without scoring: everything that is wrong, at once.

    Example: oceanbench validate my_map.nc
    """
    from oceanbench.evaluation import check_map

    with json_errors(as_json):
        definition, notes = check_map(
            map_file,
            challenge=challenge,
            track=track,
            reference=reference,
            variable=variable,
            holes=holes,
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


@click.command(cls=_SeveralReferences)
@click.argument("map_file", type=EXISTING, metavar="MAP")
@click.option("--challenge", help="Which challenge it is for; guessed from the file if not given.")
@click.option(
    "--track", help="Which track; from the file, else the one whose box and days it covers, else the first."
)
@click.option(
    "--reference",
    multiple=True,
    type=EXISTING,
    help="Truth of your own, files or a folder of passes: it decides grid and period.",
)
@click.option(
    "--segment-km",
    type=click.FloatRange(min=0, min_open=True),
    help="Of filtered swaths: length of the segments of the spectra, official and robust.",
)
@click.option("--variable", help="Which variable holds the heights, if the file leaves a choice.")
@click.option("--reference-variable", help="The same for a gridded reference.")
@click.option(
    "--holes", type=_HOLES, default="refuse", show_default=True, help="What a NaN in the box means."
)
@click.option("--data", type=DATA, help="Folder with the files of the challenge.")
@click.option("--report", type=FOLDER, help="Write a page with pictures into this folder.")
@click.option("--no-record", is_flag=True, help="Do not keep the score for 'oceanbench leaderboard'.")
@json_option
def evaluate(
    map_file: Path,
    challenge: str | None,
    track: str | None,
    reference: tuple[Path, ...],
    segment_km: float | None,
    variable: str | None,
    reference_variable: str | None,
    holes: Holes,
    data: Path | None,
    report: Path | None,
    no_record: bool,
    as_json: bool,
) -> None:
    """Score a map or filtered swaths: what the challenge's own code would say, and better numbers beside it.

    \b
    Example: oceanbench evaluate my_map.nc --challenge 2020a-twin --report report
    Example: oceanbench evaluate my_filtered --challenge 2022a --reference dc_inputs
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
            segment_km=segment_km,
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
