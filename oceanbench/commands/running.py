"""The commands ``run`` and ``sample``: a map, or a folder of filtered passes."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from oceanbench.catalog import load_challenge
from oceanbench.challenge import Challenge, Track
from oceanbench.commands.options import DATA, EXISTING, settings_of
from oceanbench.terminal import progress_bar

if TYPE_CHECKING:
    from oceanbench.running import FilterRun

__all__ = ["run", "sample"]

_OUTPUT = click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    required=True,
    help="The file of the map; of filtered swaths the folder, with one file for each pass.",
)


@click.command()
@click.argument("challenge")
@click.option(
    "--method", "spec", required=True, help="A name from 'oceanbench methods', or file.py:function."
)
@click.option("--track", help="Which observations the method may use; the first track if not given.")
@click.option("--set", "settings", multiple=True, metavar="NAME=VALUE", help="A parameter of the method.")
@click.option("--noise", is_flag=True, help="Observations with measurement error, where there are both.")
@click.option("--input", "source", type=EXISTING, help="Passes to filter in place of those of the challenge.")
@click.option("--workers", type=click.IntRange(min=1), help="Passes filtered at a time; one per processor.")
@click.option("--data", type=DATA, help="Folder with the files of the challenge.")
@_OUTPUT
def run(
    challenge: str,
    spec: str,
    track: str | None,
    settings: tuple[str, ...],
    noise: bool,
    source: Path | None,
    workers: int | None,
    data: Path | None,
    output: Path,
) -> None:
    """Run a method on a challenge and write its map, or its filtered passes.

    \b
    Example: oceanbench run 2020a-twin --method oi --track "4 nadirs" -o map.nc
    Example: oceanbench run 2022a-twin --method median -o filtered
    """
    definition = load_challenge(challenge)
    chosen, parameters = definition.track(track), settings_of(settings)
    _refuse_absent_folder(output)
    if definition.filters:
        if noise:
            raise click.BadParameter(f"the passes of {definition.id} carry their noise", param_hint="--noise")
        return _run_filter(definition, spec, chosen, parameters, source, workers or 0, data, output)
    if source is not None or workers is not None:
        raise click.BadParameter(f"{definition.id} has no swaths to filter", param_hint="--input, --workers")
    return _run_mapping(definition, spec, chosen, parameters, noise, data, output)


def _run_mapping(
    challenge: Challenge,
    spec: str,
    track: Track,
    settings: Mapping[str, str],
    noise: bool,
    data: Path | None,
    output: Path,
) -> None:
    from oceanbench.methods import write_map
    from oceanbench.running import run_challenge

    _refuse_folder(output)
    with progress_bar() as progress:
        result = run_challenge(
            challenge, spec, track, settings=settings, noise=noise, data=data, progress=progress
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


def _run_filter(
    challenge: Challenge,
    spec: str,
    track: Track,
    settings: Mapping[str, str],
    source: Path | None,
    workers: int,
    data: Path | None,
    output: Path,
) -> None:
    from oceanbench.running import filter_challenge

    with progress_bar() as progress:
        result = filter_challenge(
            challenge,
            spec,
            track,
            output,
            settings=settings,
            source=source,
            data=data,
            workers=workers,
            progress=progress,
        )
    instead = f", in place of the {result.replaced} files that were there" * bool(result.replaced)
    click.echo(f"{output}: {_amount(result)} filtered in {result.seconds:.1f} s{instead}")
    click.echo(f"method {result.attributes['method']}, parameters {result.attributes['method_parameters']}")
    reference = "" if source is None else f" --reference {source}"
    click.echo(f"score it with: oceanbench evaluate {output} --challenge {challenge.id}{reference}")


def _amount(result: "FilterRun") -> str:
    return f"{result.pixels:,} heights of {result.passes} pass{'es' * (result.passes != 1)}"


def _refuse_absent_folder(output: Path) -> None:
    if not output.absolute().parent.is_dir():
        raise FileNotFoundError(
            f"there is no folder {output.parent} to write {output.name} into; make it first"
        )


def _refuse_folder(output: Path) -> None:
    if output.is_dir():
        raise click.BadParameter(f"{output} is a directory, and a map is a file", param_hint="-o")


@click.command()
@click.argument("challenge")
@click.option("--track", help="Which track it says it is for; the first if not given.")
@click.option("--data", type=DATA, help="Folder with the files of the challenge.")
@_OUTPUT
def sample(challenge: str, track: str | None, data: Path | None, output: Path) -> None:
    """Write a map, or a folder of passes, that every check accepts, to start from.

    Example: oceanbench sample 2020a-twin -o sample.nc
    """
    definition = load_challenge(challenge)
    _refuse_absent_folder(output)
    if definition.filters:
        from oceanbench.running import sample_passes

        made = sample_passes(definition, definition.track(track), output, data=data)
        click.echo(f"{output}: a valid submission to {definition.id}, {_amount(made)} as they were given")
        return click.echo("put your own heights in their place")
    from oceanbench.methods import write_map
    from oceanbench.running import sample_submission

    _refuse_folder(output)
    result = sample_submission(definition, definition.track(track), data=data)
    write_map(result.maps, output, attributes=result.attributes)
    return click.echo(f"{output}: a valid submission to {definition.id}; fill in your own ssh")
