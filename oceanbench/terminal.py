"""What every command prints with: one console, JSON, a bar, refusals as JSON."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bars

from oceanbench.progress import Progress

__all__ = ["console", "json_errors", "json_option", "print_json", "progress_bar"]

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


def console() -> Console:
    """Give the console for tables; it colours nothing on its own."""
    return Console(highlight=False)


def print_json(value: object) -> None:
    """Print JSON for a program to read."""
    click.echo(json.dumps(value, indent=2, ensure_ascii=False))


@contextmanager
def progress_bar() -> Iterator[Progress]:
    """Show one bar for each stage on a terminal; elsewhere stay silent."""
    errors = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f} %"))
    with Bars(*columns, TimeElapsedColumn(), console=errors, disable=not errors.is_terminal) as bars:
        tasks: dict[str, Any] = {}

        def report(sentence: str, fraction: float) -> None:
            if sentence not in tasks:
                tasks[sentence] = bars.add_task(sentence, total=1.0)
            bars.update(tasks[sentence], completed=fraction)

        yield report


@contextmanager
def json_errors(as_json: bool) -> Iterator[None]:
    """Where JSON is asked for, print a refusal as JSON too."""
    try:
        yield
    except (ValueError, LookupError, OSError) as error:
        if not as_json or isinstance(error, KeyError | IndexError):
            raise
        problems = [str(problem) for problem in getattr(error, "problems", [error])]
        print_json({"valid": False, "problems": problems})
        sys.exit(1)
