"""The commands ``oceanbench admin …``: parse, call, print."""

from pathlib import Path

import click

from oceanbench_leaderboard.admin.keeping import backup, check, export, restore
from oceanbench_leaderboard.admin.opening import DATA, remember_data
from oceanbench_leaderboard.admin.people import revoke, team, token, tokens, user, users
from oceanbench_leaderboard.admin.watching import delete, hide, log, queue, rescore, submissions, unhide

__all__ = ["admin"]


@click.group()
@click.option("--data", type=DATA, help="Folder of the service; every command takes it too.")
@click.pass_context
def admin(context: click.Context, data: Path | None) -> None:
    """Administer a service: tokens, teams, submissions, backups.

    The commands work on the folder, or the database, of a service, whether it runs or not.

    Example: oceanbench admin token "Deep Blue" --data /srv/oceanbench
    """
    remember_data(context, data)


for _command in (
    token,
    tokens,
    revoke,
    user,
    users,
    team,
    submissions,
    queue,
    hide,
    unhide,
    delete,
    rescore,
    log,
    export,
    backup,
    restore,
    check,
):
    admin.add_command(_command)
