"""Commands about who may come in: tokens, people, teams."""

import click
from rich.table import Table

from oceanbench.terminal import console, json_option, print_json
from oceanbench_leaderboard import accounts
from oceanbench_leaderboard.accounts import OPERATOR, TeamView
from oceanbench_leaderboard.admin.listing import listing
from oceanbench_leaderboard.admin.opening import where, with_service
from oceanbench_leaderboard.service import Service

__all__ = ["revoke", "team", "token", "tokens", "user", "users"]


@click.command()
@click.argument("team")
@click.option("--days", type=int, default=365, show_default=True, help="For how long; 0: until revoked.")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    type=click.Choice(accounts.SCOPES),
    help="What it may do; several may be given.  [default: submit, read]",
)
@click.option("--label", default="", help="What it is for.")
@with_service(make=True)
def token(service: Service, team: str, days: int, scopes: tuple[str, ...], label: str) -> None:
    """Make a token for a team, and the team if there is none; print the token.

    It is shown this once, alone on the standard output; a digest of it is kept.

    Example: oceanbench admin token "Deep Blue" --days 90 --label "nightly run"
    """
    from oceanbench_leaderboard.admin import note

    given = scopes or ("submit", "read")
    issued = accounts.issue_token(service, team, scopes=given, days=days or None, label=label)
    note(service, OPERATOR, f"made token {issued.prefix} for team {team!r}: {', '.join(given)}")
    until = f"until {issued.expires:%Y-%m-%d}" if issued.expires else "until it is revoked"
    click.echo(f"token {issued.prefix} of team {team}: {', '.join(given)}; good {until}", err=True)
    click.echo(f"good in {where(service.settings)}", err=True)
    click.echo("it is shown this once:", err=True)
    click.echo(issued.secret)


@click.command()
@click.argument("team", required=False)
@json_option
@with_service()
def tokens(service: Service, team: str | None, as_json: bool) -> None:
    """List tokens: all, or those of a team; never the secrets.

    Example: oceanbench admin tokens "Deep Blue"
    """
    found = accounts.tokens(service, team=team)
    if as_json:
        return print_json([one.model_dump(mode="json") for one in found])
    table = listing("token", "team", "may", "made", "expires", "last used", "label", whole="token")
    for one in found:
        ends = "revoked" if one.revoked else f"{one.expires:%Y-%m-%d}" if one.expires else "never"
        used = f"{one.last_used:%Y-%m-%d %H:%M}" if one.last_used else "–"
        table.add_row(one.prefix, one.team, " ".join(one.scopes), _day(one), ends, used, one.label)
    return console().print(table)


def _day(one: accounts.TokenView) -> str:
    return f"{one.created:%Y-%m-%d}"


@click.command()
@click.argument("which", metavar="PREFIX|TEAM")
@with_service()
def revoke(service: Service, which: str) -> None:
    """Make a token useless, or all those of a team.

    Example: oceanbench admin revoke 3f9ac01b22de
    """
    from oceanbench_leaderboard.admin import note

    gone = accounts.revoke_tokens(service, which)
    for one in gone:
        note(service, OPERATOR, f"revoked token {one.prefix} of team {one.team!r}")
        click.echo(f"token {one.prefix} of team {one.team} is revoked")
    if not gone:
        click.echo("it was revoked before")


@click.group()
def user() -> None:
    """Make people, shut them out, let them in.

    Example: oceanbench admin user create "A. Wave" --team "Deep Blue" --admin
    """


@user.command("create")
@click.argument("name")
@click.option("--team", required=True, help="Made if there is none.")
@click.option("--admin", is_flag=True, help="An administrator.")
@click.option("--token", "with_token", is_flag=True, help="Make a token for them too, and print it.")
@with_service()
def create_user(service: Service, name: str, team: str, admin: bool, with_token: bool) -> None:
    """Make a person of a team.

    Example: oceanbench admin user create "A. Wave" --team "Deep Blue" --token
    """
    from oceanbench_leaderboard.admin import note

    made = accounts.create_user(service, name, team, admin=admin)
    rank = "administrator" if admin else "user"
    note(service, OPERATOR, f"made {rank} {made.name!r} of team {made.team!r}")
    click.echo(f"{rank} {made.id}: {made.name}, team {made.team}", err=True)
    if with_token:
        scopes = ("submit", "read", "admin") if admin else ("submit", "read")
        click.echo(accounts.issue_token(service, made.team, scopes=scopes, user_id=made.id).secret)


@user.command("deactivate")
@click.argument("user_id", type=int)
@with_service()
def deactivate_user(service: Service, user_id: int) -> None:
    """Shut a person out: their tokens and sessions are refused.

    Example: oceanbench admin user deactivate 3
    """
    _let_in(service, user_id, False)


@user.command("activate")
@click.argument("user_id", type=int)
@with_service()
def activate_user(service: Service, user_id: int) -> None:
    """Let a person in again.

    Example: oceanbench admin user activate 3
    """
    _let_in(service, user_id, True)


@user.command("promote")
@click.argument("user_id", type=int)
@click.option("--no", "demote", is_flag=True, help="Make them an ordinary user.")
@with_service()
def promote_user(service: Service, user_id: int, demote: bool) -> None:
    """Make somebody who signs in an administrator.

    Example: oceanbench admin user promote 3
    """
    from oceanbench_leaderboard.admin import note

    changed = accounts.change_user(service, user_id, admin=not demote)
    note(service, OPERATOR, f"made {changed.name!r} {'no ' if demote else 'an '}administrator")
    click.echo(f"{changed.name} is {'an' if changed.admin else 'no'} administrator")


def _let_in(service: Service, user_id: int, active: bool) -> None:
    from oceanbench_leaderboard.admin import note

    changed = accounts.change_user(service, user_id, active=active)
    done = "let in" if active else "shut out"
    note(service, OPERATOR, f"{done} user {changed.name!r} of team {changed.team!r}")
    click.echo(f"{changed.name} is {done}")


@click.command()
@json_option
@with_service()
def users(service: Service, as_json: bool) -> None:
    """List people.

    Example: oceanbench admin users
    """
    found = accounts.users(service)
    if as_json:
        return print_json([one.model_dump(mode="json") for one in found])
    table = Table("id", "name", "team", "signs in with", "admin", "active", box=None, pad_edge=False)
    for one in found:
        through = "tokens" if one.provider == "local" else f"{one.provider} {one.subject}"
        table.add_row(str(one.id), one.name, one.team, through, _yes(one.admin), _yes(one.active))
    return console().print(table)


def _yes(said: bool) -> str:
    return "yes" if said else "no"


@click.group()
def team() -> None:
    """List teams, shut them out, let them in.

    Example: oceanbench admin team list
    """


@team.command("list")
@json_option
@with_service()
def list_teams(service: Service, as_json: bool) -> None:
    """List teams.

    Example: oceanbench admin team list --json
    """
    found = accounts.teams(service)
    if as_json:
        return print_json([one.model_dump(mode="json") for one in found])
    table = Table("id", "team", "since", "submissions", "active", box=None, pad_edge=False)
    for one in found:
        since = f"{one.created:%Y-%m-%d}"
        table.add_row(str(one.id), one.name, since, str(one.submissions), _yes(one.active))
    return console().print(table)


@team.command("deactivate")
@click.argument("name")
@with_service()
def deactivate_team(service: Service, name: str) -> None:
    """Shut a team out: its tokens are refused, and its rows leave the boards.

    Example: oceanbench admin team deactivate "Deep Blue"
    """
    _report(_set_active(service, name, False), "shut out")


@team.command("activate")
@click.argument("name")
@with_service()
def activate_team(service: Service, name: str) -> None:
    """Let a team in again.

    Example: oceanbench admin team activate "Deep Blue"
    """
    _report(_set_active(service, name, True), "let in")


def _set_active(service: Service, name: str, active: bool) -> TeamView:
    from oceanbench_leaderboard.admin import note, refresh_boards_of

    changed = accounts.set_active(service, name, active)
    note(service, OPERATOR, f"{'let in' if active else 'shut out'} team {changed.name!r}")
    refresh_boards_of(service, changed.id)
    return changed


def _report(changed: TeamView, done: str) -> None:
    click.echo(f"team {changed.name} is {done}; it has {changed.submissions} submissions")
