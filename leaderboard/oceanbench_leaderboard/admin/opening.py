"""What all commands of an administrator share: the service that they work on."""

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
from sqlalchemy import make_url

from oceanbench_leaderboard.settings import Settings

__all__ = ["DATA", "remember_data", "settings_of", "with_service"]

DATA = click.Path(file_okay=False, path_type=Path)
_KEY = "oceanbench_leaderboard.admin.data"


def remember_data(context: click.Context, data: Path | None) -> None:
    """Keep the folder that stands before the name of a command."""
    context.meta[_KEY] = data


def settings_of(data: Path | None) -> Settings:
    """Give the settings of the service in a folder, or of the one that stands before the command."""
    return Settings.from_environment(data or click.get_current_context().meta.get(_KEY))


def with_service(*, make: bool = False) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Open the service for a command, and close it at the end; the command gets it as its first argument.

    Parameters
    ----------
    make : bool
        Whether the command makes a service where there is none.
    """

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        @click.option("--data", type=DATA, help="Folder of the service.")
        @functools.wraps(command)
        def run(*args: Any, data: Path | None, **options: Any) -> None:
            from oceanbench_leaderboard.service import open_service

            settings = settings_of(data)
            if not make:
                _refuse_missing(settings)
            service = open_service(settings)
            try:
                command(service, *args, **options)
            finally:
                service.close()

        return run

    return decorate


def _refuse_missing(settings: Settings) -> None:
    address = make_url(settings.database_url)
    if address.get_backend_name() == "sqlite" and not Path(address.database or "").is_file():
        raise FileNotFoundError(
            f"there is no service in {settings.data}; correct --data, or begin one: oceanbench serve --data "
            f"{settings.data}"
        )
