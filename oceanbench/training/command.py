"""The command ``oceanbench train``: parse, call, print."""

import shlex
import sys
from pathlib import Path

import click

from oceanbench.catalog import load_challenge
from oceanbench.commands.options import DATA
from oceanbench.terminal import json_errors, json_option, print_json, progress_bar

__all__ = ["train"]

_MINUTES = 30.0
_STOPPED = 130  # what a shell reports of a command that Ctrl-C ended


@click.command()
@click.argument("name")
@click.option("--challenge", required=True, help="From whose training passes is learned.")
@click.option("--minutes", type=float, help=f"Time; {_MINUTES:g} if neither this nor --steps is given.")
@click.option("--steps", type=int, help="Steps of the optimiser.")
@click.option("--seed", type=int, default=0, show_default=True, help="Of all that is drawn.")
@click.option("--data", type=DATA, help="Folder with the files of the challenge.")
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="File of the weights (.npz)."
)
@json_option
def train(
    name: str,
    challenge: str,
    minutes: float | None,
    steps: int | None,
    seed: int,
    data: Path | None,
    output: Path | None,
    as_json: bool,
) -> None:
    """Train a filter that learns, on passes that no score looks at.

    Weights, a record (.json) and the curve (.png) are written now and then: what is stopped is not lost.
    The weights are given to the filter with --set weights=FILE.

    Example: oceanbench train unet --challenge 2022a-twin --minutes 30 -o weights.npz
    """
    from oceanbench.training import Limits
    from oceanbench.training import train as learn

    with json_errors(as_json):
        limits = Limits(steps, _MINUTES if minutes is None and steps is None else minutes, seed)
        definition = load_challenge(challenge)
        path = output or Path(f"{name}-{definition.id}.npz")
        again = _again(name, definition.id, limits.steps, limits.minutes, seed)
        try:
            with progress_bar() as progress:
                record = learn(definition, name, path, limits, data=data, command=again, progress=progress)
        except KeyboardInterrupt:
            click.echo(_where_it_stands(path), err=True)
            sys.exit(_STOPPED)
    if as_json:
        return print_json({"weights": str(path), **record})
    last = record["curve"][-1]
    click.echo(
        f"{last['step']} steps in {last['seconds'] / 60:.1f} minutes; held-out heights: "
        f"{1e3 * last['held_out_rmse']:.2f} mm, unfiltered {1e3 * last['untreated_rmse']:.2f} mm"
    )
    return click.echo(f"{path}: the weights; run with them: --set weights={path}")


def _again(name: str, challenge: str, steps: int | None, minutes: float | None, seed: int) -> str:
    """Write the command that does the same training, without the places of files.

    Examples
    --------
    >>> _again("unet", "2022a-twin", None, 30.0, 0)
    'oceanbench train unet --challenge 2022a-twin --minutes 30 --seed 0'
    """
    words = ["oceanbench", "train", name, "--challenge", challenge]
    words += ["--steps", str(steps)] if steps is not None else []
    words += ["--minutes", f"{minutes:g}"] if minutes is not None else []
    return shlex.join([*words, "--seed", str(seed)])


def _where_it_stands(path: Path) -> str:
    if not path.exists():
        return "stopped before the first look; nothing was written"
    return f"stopped; the weights as they were at the last look are in {path}"
