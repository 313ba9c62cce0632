"""Commands about submissions: what waits, what is shown, what is taken away."""

from datetime import datetime

import click
from rich.table import Table

from oceanbench.terminal import console, json_option, print_json
from oceanbench_leaderboard import submissions as room
from oceanbench_leaderboard.accounts import OPERATOR
from oceanbench_leaderboard.admin.listing import listing
from oceanbench_leaderboard.admin.opening import with_service
from oceanbench_leaderboard.service import Service

__all__ = ["delete", "hide", "log", "queue", "rescore", "submissions", "unhide"]


@click.command()
@click.option("--challenge", help="Those to one challenge.")
@click.option("--limit", type=click.IntRange(1, 500), default=50, show_default=True)
@click.option("--after", help="Those that follow on this id.")
@json_option
@with_service()
def submissions(
    service: Service, challenge: str | None, limit: int, after: str | None, as_json: bool
) -> None:
    """List submissions, the newest first, with hidden and deleted ones.

    Example: oceanbench admin submissions --challenge 2020a-twin
    """
    found = room.every(service, OPERATOR, challenge, limit, after)
    if as_json:
        return print_json([one.model_dump(mode="json") for one in found])
    table = listing("id", "state", "team", "challenge", "track", "method", "entered", whole="id")
    for one in found:
        marks = [name for name, said in (("hidden", one.hidden), ("deleted", one.deleted)) if said]
        state = ", ".join([one.state, *marks])
        table.add_row(one.id, state, one.team, one.challenge, one.track, one.method, _minute(one.created))
    return console().print(table)


def _minute(time: datetime) -> str:
    return f"{time:%Y-%m-%d %H:%M}"


@click.command()
@json_option
@with_service()
def queue(service: Service, as_json: bool) -> None:
    """Show what is worked on, and what waits.

    Example: oceanbench admin queue
    """
    from oceanbench_leaderboard.admin import running

    found = running(service)
    if as_json:
        return print_json([one.model_dump(mode="json") for one in found])
    headers = ("run", "submission", "state", "team", "challenge", "since", "tries", "worker")
    table = listing(*headers, whole="submission")
    for one in found:
        since = _minute(one.created)
        table.add_row(
            str(one.run),
            one.submission,
            one.state,
            one.team,
            f"{one.challenge} {one.version}",
            since,
            str(one.attempts),
            one.worker or "–",
        )
    return console().print(table)


@click.command()
@click.argument("submission")
@with_service()
def hide(service: Service, submission: str) -> None:
    """Take a submission off the board.

    Example: oceanbench admin hide k3n8wq2mzt7pxa
    """
    shown = room.hide(service, OPERATOR, submission)
    click.echo(f"submission {shown.id} of team {shown.team} is hidden")


@click.command()
@click.argument("submission")
@with_service()
def unhide(service: Service, submission: str) -> None:
    """Put a hidden submission back.

    Example: oceanbench admin unhide k3n8wq2mzt7pxa
    """
    shown = room.hide(service, OPERATOR, submission, hidden=False)
    click.echo(f"submission {shown.id} of team {shown.team} is shown")


@click.command()
@click.argument("submission")
@with_service()
def delete(service: Service, submission: str) -> None:
    """Throw away the bytes and the report of a submission.

    A line stays that says that it was there. To keep its team from entering the same bytes anew, hide it
    first.

    Example: oceanbench admin delete k3n8wq2mzt7pxa
    """
    gone = room.delete(service, OPERATOR, submission)
    click.echo(f"submission {gone.id} of team {gone.team} is deleted")


@click.command()
@click.argument("submission", required=False)
@click.option("--challenge", help="All submissions to a challenge.")
@with_service()
def rescore(service: Service, submission: str | None, challenge: str | None) -> None:
    """Score a submission anew, or all those to a challenge; old scores are kept.

    Example: oceanbench admin rescore --challenge 2020a-twin
    """
    from oceanbench_leaderboard.admin import rescore_challenge

    if (submission is None) == (challenge is None):
        raise click.UsageError("give either a submission or --challenge")
    if challenge is not None:
        done = rescore_challenge(service, OPERATOR, challenge)
    else:
        done = [room.rescore(service, OPERATOR, str(submission)).id]
    click.echo(f"{len(done)} queued: {' '.join(done)}" if done else "there is nothing to score anew")


@click.command()
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True)
@json_option
@with_service()
def log(service: Service, limit: int, as_json: bool) -> None:
    """Show what administrators did, the newest first.

    Example: oceanbench admin log
    """
    from oceanbench_leaderboard.admin import actions

    found = actions(service, limit)
    if as_json:
        return print_json([one.model_dump(mode="json") for one in found])
    table = Table("when (UTC)", "who", "what", box=None, pad_edge=False)
    for one in found:
        table.add_row(_minute(one.at), one.who, one.what)
    return console().print(table)
