"""What all commands of an administrator share: the service that they work on."""

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
from sqlalchemy import make_url

from oceanbench_leaderboard.settings import Settings

__all__ = ["DATA", "database_file", "remember_data", "settings_of", "where", "with_service"]

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
            new = _is_missing(settings)
            if new and not make:
                raise FileNotFoundError(
                    f"there is no service in {settings.data}; give --data or set OCEANBENCH_SERVICE, "
                    f"or begin one: oceanbench serve --data {settings.data}"
                )
            service = open_service(settings)
            try:
                command(service, *args, **options)
            finally:
                service.close()
            if new:
                click.echo(f"there was no service in {settings.data}; this is a new one", err=True)

        return run

    return decorate


def _is_missing(settings: Settings) -> bool:
    """Tell whether the database is a file, and is not there."""
    file = database_file(settings)
    return file is not None and not file.is_file()


def database_file(settings: Settings) -> Path | None:
    """Give the file of the database; None for one that is no file."""
    address = make_url(settings.database_url)
    return Path(address.database or "") if address.get_backend_name() == "sqlite" else None


def where(settings: Settings) -> str:
    """Say which service it is: its folder, and its database where that is not in the folder."""
    file = database_file(settings)
    if file is not None and file.parent == settings.data:
        return f"the service at {settings.data}"
    address = make_url(settings.database_url).render_as_string(hide_password=True)
    return f"the service at {settings.data} with the database {address}"
