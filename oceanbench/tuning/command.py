"""The command ``oceanbench tune``: parse, call, print."""

import re
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.table import Table

from oceanbench.catalog import load_challenge
from oceanbench.commands.options import DATA
from oceanbench.terminal import console, json_errors, json_option, print_json, progress_bar

if TYPE_CHECKING:  # what maps and scores is imported when the command runs
    from oceanbench.challenge import Track
    from oceanbench.tuning import Budget, Design, Result

__all__ = ["tune"]

_TRIALS = 40
_STOPPED = 130  # what a shell reports of a command that Ctrl-C ended


@click.command()
@click.argument("method")
@click.option("--challenge", required=True, help="For which challenge.")
@click.option("--track", help="Whose observations are imitated; the first track if not given.")
@click.option(
    "--set", "settings", multiple=True, metavar="NAME=VALUE", help="Where a parameter starts, or is fixed."
)
@click.option(
    "--search",
    "searched",
    metavar="NAME,NAME=LOW:HIGH",
    help="Which parameters, and between which bounds; all that the method names if not given.",
)
@click.option("--budget", type=int, help=f"Trials at most; {_TRIALS} if neither this nor --minutes is given.")
@click.option("--minutes", type=float, help="No trial begins later than this.")
@click.option("--days", type=int, default=60, show_default=True, help="Days scored in each trial.")
@click.option(
    "--stretches", type=int, default=3, show_default=True, help="Stretches of the training period for them."
)
@click.option("--noise", is_flag=True, help="Observations with measurement error, where there are both.")
@click.option("--seed", type=int, default=0, show_default=True, help="Of the points looked at first.")
@click.option("--data", type=DATA, help="Folder with the files of the challenge.")
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="File of the result.")
@json_option
def tune(
    method: str,
    challenge: str,
    track: str | None,
    settings: tuple[str, ...],
    searched: str | None,
    budget: int | None,
    minutes: float | None,
    days: int,
    stretches: int,
    noise: bool,
    seed: int,
    data: Path | None,
    output: Path | None,
    as_json: bool,
) -> None:
    """Search a method's parameters on days or missions that no score looks at.

    Where the challenge has a truth of other days, the track's own sampling is flown over that; elsewhere one
    altimeter in turn is left out, never one that judges a track. The result is written after each trial;
    the same command goes on where it was stopped.

    Example: oceanbench tune oi --challenge 2020a-twin --track "4 nadirs" --search Lx,Lt --minutes 10
    """
    from oceanbench.tuning import Budget, Design
    from oceanbench.tuning import tune as search

    with json_errors(as_json):
        limit = Budget(_TRIALS if budget is None and minutes is None else budget, minutes)
        design = Design(days=days, stretches=stretches, noise=noise, seed=seed)
        definition = load_challenge(challenge)
        chosen = definition.track(track)
        path = output or Path(_file_name(method, definition.id, chosen.id))
        values = _settings(settings)
        again = _again(method, definition.id, chosen, values, searched, design)
        try:
            with progress_bar() as progress:
                result = search(
                    definition,
                    method,
                    chosen,
                    path,
                    settings=values,
                    searched=_ranges(searched) if searched else None,
                    budget=limit,
                    design=design,
                    data=data,
                    command=again,
                    progress=progress,
                )
        except KeyboardInterrupt:
            click.echo(_where_it_stands(path), err=True)
            sys.exit(_STOPPED)
    if as_json:
        return print_json(result.to_json())
    return _print(result, path, limit)


def _file_name(method: str, challenge: str, track: str) -> str:
    """Name the file of a search by what it is about.

    Examples
    --------
    >>> _file_name("folder/own.py:Own", "2020a-twin", "1 swot + 4 nadirs")
    'tune-2020a-twin-1-swot-4-nadirs-Own.json'
    """
    words = re.findall(r"[A-Za-z0-9]+", track)
    return f"tune-{challenge}-{'-'.join(words)}-{method.rpartition(':')[2]}.json"


def _settings(pairs: tuple[str, ...]) -> dict[str, str]:
    wrong = [pair for pair in pairs if "=" not in pair]
    if wrong:
        raise click.BadParameter(f"{wrong[0]!r} has no '='; write --set NAME=VALUE", param_hint="--set")
    return dict(pair.split("=", 1) for pair in pairs)


def _ranges(text: str) -> dict[str, tuple[float, float] | None]:
    """Read which parameters are searched.

    Examples
    --------
    >>> _ranges("Lx, Lt=3:30")
    {'Lx': None, 'Lt': (3.0, 30.0)}
    """
    parts = [part.strip().partition("=") for part in text.split(",") if part.strip()]
    return {name.strip(): _range(name, bounds) if equals else None for name, equals, bounds in parts}


def _range(name: str, text: str) -> tuple[float, float]:
    try:
        low, high = (float(bound) for bound in text.split(":"))
    except ValueError:
        raise click.BadParameter(
            f"{name}={text!r} gives no two bounds; write {name}=LOW:HIGH", param_hint="--search"
        ) from None
    return low, high


def _again(
    method: str,
    challenge: str,
    track: "Track",
    settings: dict[str, str],
    searched: str | None,
    design: "Design",
) -> str:
    """Write the command that does the same search, without the places of files."""
    words = ["oceanbench", "tune", method, "--challenge", challenge, "--track", track.id]
    words += [word for name, value in settings.items() for word in ("--set", f"{name}={value}")]
    words += ["--search", searched] if searched else []
    words += ["--days", str(design.days), "--stretches", str(design.stretches), "--seed", str(design.seed)]
    return shlex.join([*words, "--noise"] if design.noise else words)


def _where_it_stands(path: Path) -> str:
    if not path.exists():
        return "stopped before the first trial was done"
    return f"stopped; what was tried is in {path}, and the same command goes on from there"


def _print(result: "Result", path: Path, budget: "Budget") -> None:
    best = result.best
    if best is None:  # pragma: no cover - a search whose start fails ends with a refusal
        raise ValueError(f"no trial of {path} could be mapped")
    start = result.trials[0]
    table = Table("parameter", "searched", "start", "best", "", box=None, pad_edge=False)
    for name, (low, high) in result.asked["searched"].items():
        value = best.parameters[name]
        table.add_row(
            name, f"{low:g} to {high:g}", f"{start.parameters[name]:g}", f"{value:g}", _note(low, high, value)
        )
    console().print(table)
    click.echo(f"rmse {100 * result.rmse(start):.2f} cm at the start, {_best_score(result)}")
    click.echo(_course(result, budget))
    click.echo(f"{path}: every trial, and the parameters to run with")
    if result.preset():
        click.echo(
            "  " + " ".join(f"--set {name}={_as_given(value)}" for name, value in result.preset().items())
        )


def _note(low: float, high: float, value: float) -> str:
    from oceanbench.tuning import Axis

    return "at its bound: try wider ones" if Axis("", low, high, value).at_bound(value) else ""


def _best_score(result: "Result") -> str:
    best: Any = result.best
    error = result.standard_error(best)
    spread = f" ± {100 * error:.2f}" if error == error else ""
    return f"{100 * result.rmse(best):.2f}{spread} cm at the best; mu {result.mu(best):.3f}"


def _course(result: "Result", budget: "Budget") -> str:
    failed = sum(not trial.squared for trial in result.trials)
    seconds = sum(trial.seconds for trial in result.trials)
    near = len(result.indistinguishable()) - 1
    parts = [f"{len(result.trials)} trials, {seconds / len(result.trials):.1f} s each"]
    parts += [f"{failed} could not be mapped"] * bool(failed)
    parts += [f"{near} others as good within one standard error"] * bool(near)
    spent = budget.trials is not None and len(result.trials) >= budget.trials
    return "; ".join(parts) + ("" if spent or budget.minutes else "; nothing was left to gain")


def _as_given(value: Any) -> str:
    """Write a value as ``--set`` takes it."""
    return ",".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
