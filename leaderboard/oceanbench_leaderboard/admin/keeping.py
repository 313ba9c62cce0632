"""Commands that keep a service safe: export, backup, restore, check."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from oceanbench.terminal import json_option, print_json, progress_bar
from oceanbench_leaderboard.accounts import OPERATOR
from oceanbench_leaderboard.admin.opening import DATA, database_file, settings_of, where, with_service
from oceanbench_leaderboard.errors import Conflict
from oceanbench_leaderboard.service import Service
from oceanbench_leaderboard.settings import Settings

__all__ = ["backup", "check", "export", "restore"]

_FILE = click.Path(dir_okay=False, path_type=Path)


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@with_service()
def export(service: Service, folder: Path) -> None:
    """Write all that is public into a folder: boards as JSON and CSV, passports, reports.

    Example: oceanbench admin export ./boards
    """
    from oceanbench_leaderboard.admin import export as write
    from oceanbench_leaderboard.admin import note

    with progress_bar() as progress:
        index = write(service, folder, progress)
    note(service, OPERATOR, "exported all that is public")
    click.echo(f"{folder}: {len(index['boards'])} boards, {len(index['submissions'])} submissions")


@click.command()
@click.argument("file", type=_FILE)
@with_service()
def backup(service: Service, file: Path) -> None:
    """Write all that the service keeps into one new file, while it goes on working.

    Who has the file has what all teams sent: keep it as you keep the service. Restore it with: oceanbench
    admin restore FILE

    Example: oceanbench admin backup /backups/2026-06-01.tar
    """
    from oceanbench_leaderboard.admin import back_up, note

    note(service, OPERATOR, "made a backup")
    with progress_bar() as progress:
        made = back_up(service, file, progress)
    rows = sum(table.rows for table in made.tables.values())
    click.echo(f"{file}: {rows} rows, {len(made.files)} files, {file.stat().st_size} bytes")


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--revoke-tokens", is_flag=True, help="Let no token of the backup be good.")
@click.option("--data", type=DATA, help="Folder of the service.")
def restore(file: Path, revoke_tokens: bool, data: Path | None) -> None:
    """Fill an empty service from a backup, whatever database and store it was made on.

    What was deleted since the backup is back, and a token that was revoked since is good again: revoke all of
    them by --revoke-tokens, and make new ones.

    This also moves a service from one machine to several: set the addresses of PostgreSQL and S3 first.

    Example: oceanbench admin restore /backups/2026-06-01.tar --data /srv/oceanbench
    """
    from oceanbench_leaderboard.admin import restore as fill
    from oceanbench_leaderboard.store import Database, FileStore

    settings = settings_of(data)
    with _as_it_was(settings):
        database = Database(settings.database_url)
        try:
            store = FileStore(settings.store_url)
            with progress_bar() as progress:
                done = fill(database, store, file, progress, revoke_tokens=revoke_tokens)
        except Conflict as error:
            such = ", such as --data NEW" if database_file(settings) else ""
            raise Conflict(f"{where(settings)} cannot be filled: {error}{such}") from error
        finally:
            database.close()
    rows = sum(table.rows for table in done.tables.values())
    click.echo(f"{rows} rows and {len(done.files)} files, as they were at {done.made}")
    if revoke_tokens:
        click.echo(
            f"every token is revoked; make new ones with: oceanbench admin token TEAM --data {settings.data}"
        )


@contextmanager
def _as_it_was(settings: Settings) -> Iterator[None]:
    """Where a restore fails, take away the database that it made, unless somebody else works there too."""
    file = database_file(settings)
    new = file is not None and not file.exists()
    try:
        yield
    except BaseException:
        if new and file is not None and file.is_file():
            made = [file.with_name(file.name + end) for end in ("", "-wal", "-shm")]
            if {one.name for one in file.parent.iterdir()} <= {"files", *(one.name for one in made)}:
                for one in made:
                    one.unlink(missing_ok=True)
        raise


@click.command()
@click.option("--deep", is_flag=True, help="Read every upload, and compute its digest.")
@click.option("--tidy", is_flag=True, help="Delete the files that no row names.")
@json_option
@with_service()
def check(service: Service, deep: bool, tidy: bool, as_json: bool) -> None:
    """Hold the files against the database: what is missing, what is damaged, what is left over.

    Ends with code 1 if something is missing or damaged.

    Example: oceanbench admin check --deep
    """
    from oceanbench_leaderboard.admin import check as look

    with progress_bar() as progress:
        found = look(service, deep=deep, progress=progress)
    if tidy:
        for key in found.leftovers:
            service.files.delete(key)
    if as_json:
        print_json(vars(found))
    else:
        for problem in found.problems:
            click.echo(problem)
        left = f"{len(found.leftovers)} left over{' and deleted' if tidy else ''}"
        click.echo(f"{found.uploads} uploads, {found.runs} reports, {found.files} files; {left}")
    if found.problems:
        sys.exit(1)
