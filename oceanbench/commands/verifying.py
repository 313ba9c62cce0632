"""The command ``verify``."""

import json
import sys
from pathlib import Path
from typing import Any

import click

from oceanbench.commands.options import DATA, EXISTING
from oceanbench.terminal import json_errors, json_option, print_json, progress_bar

__all__ = ["verify"]

_MOST_BYTES = 64 << 20
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.argument("passport", type=_FILE)
@click.argument("map_file", type=EXISTING, metavar="MAP")
@click.option(
    "--reference",
    multiple=True,
    type=EXISTING,
    help="The truth, where the score is one on a truth of its own.",
)
@click.option("--data", type=DATA, help="Folder with the files of the challenge.")
@json_option
def verify(
    passport: Path, map_file: Path, reference: tuple[Path, ...], data: Path | None, as_json: bool
) -> None:
    """Compute a score again from its map and compare it with its passport; exit code 1 if it is another.

    PASSPORT is what 'oceanbench evaluate --json' printed, or the passport of a submission to a service.

    Example: oceanbench verify passport.json my_map.nc
    """
    from oceanbench.verification import verify as compute_again

    with json_errors(as_json), progress_bar() as progress:
        document = _read(passport)
        found = compute_again(document, map_file, reference=reference, data=data, progress=progress)
    if as_json:
        print_json(found.to_json())
    else:
        for line in found.lines():
            click.echo(line)
    if not found.holds:
        sys.exit(1)


def _read(path: Path) -> Any:
    if path.stat().st_size > _MOST_BYTES:
        raise ValueError(
            f"{path} has {path.stat().st_size} bytes, which no passport has; give the JSON of one"
        )
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"{path} is not JSON ({error}); give the JSON of a passport") from error
