"""Kinds of options that several commands take."""

from pathlib import Path

import click

__all__ = ["DATA", "EXISTING", "FOLDER", "settings_of"]

EXISTING = click.Path(exists=True, path_type=Path)
FOLDER = click.Path(file_okay=False, path_type=Path)
DATA = click.Path(exists=True, file_okay=False, path_type=Path)


def settings_of(pairs: tuple[str, ...]) -> dict[str, str]:
    """Read the values of ``--set NAME=VALUE``."""
    wrong = [pair for pair in pairs if "=" not in pair]
    if wrong:
        raise click.BadParameter(f"{wrong[0]!r} has no '='; write --set NAME=VALUE", param_hint="--set")
    return dict(pair.split("=", 1) for pair in pairs)
