"""The page of a team: its submissions, what is left of its quota, its tokens."""

from collections.abc import Iterator
from dataclasses import dataclass

from fastapi import APIRouter
from starlette.responses import Response

from oceanbench_leaderboard.accounts import IssuedToken, TokenView, make_token, may, revoke_token, tokens
from oceanbench_leaderboard.errors import ServiceError
from oceanbench_leaderboard.submissions import QuotaView, SubmissionView, mine, quota
from oceanbench_web.pages._reader import Form, Member, TheMember, answer, go_to

__all__ = ["router"]

router = APIRouter(include_in_schema=False)

_LATEST = 100
_DAYS = 365


@dataclass(frozen=True)
class _Token:
    """A token, and whether it is still good."""

    view: TokenView
    state: str
    present: bool


@router.get("/team")
def show_team(member: TheMember) -> Response:
    """Show the team of the reader."""
    return _page(member)


@router.post("/team/tokens")
def add_token(member: TheMember, form: Form) -> Response:
    """Make a token; it is shown on the page that follows, and never again."""
    days = form.get("days", "").strip() or str(_DAYS)
    try:
        if not days.isdecimal() or len(days) > 5:
            raise ValueError(f"{days[:40]!r} is no number of days; give 1 to 3650")
        scopes = [scope for scope in ("submit", "read") if form.get(scope)]
        made = make_token(
            member.parts.service,
            member.principal,
            scopes=scopes,
            days=int(days),
            label=form.get("label", ""),
        )
    except ServiceError:
        raise
    except ValueError as error:
        return _page(member, trouble=str(error), status=422)
    return _page(member, made=made)


@router.post("/team/tokens/{prefix}/revoke")
def drop_token(member: TheMember, prefix: str, form: Form) -> Response:
    """Make a token useless."""
    revoke_token(member.parts.service, member.principal, prefix)
    return go_to("/sign-in" if prefix == member.principal.token else "/team#tokens")


def _page(
    member: Member, *, made: IssuedToken | None = None, trouble: str = "", status: int = 200
) -> Response:
    service, principal = member.parts.service, member.principal
    found = mine(service, principal, limit=_LATEST) if may(principal, "see log") else []
    return answer(
        member,
        "team",
        json_twin="/api/v1/submissions",
        status=status,
        principal=principal,
        submissions=found,
        quotas=list(_quotas(member, found)),
        default=service.settings.limits,
        tokens=[_token(member, one) for one in tokens(service, team_id=principal.team_id)],
        may_change=may(principal, "change"),
        made=made,
        trouble=trouble,
        days=_DAYS,
        address=member.address,
    )


def _quotas(member: Member, found: list[SubmissionView]) -> Iterator[QuotaView]:
    """Give the quota of each challenge that the team takes part in; one that is gone has none."""
    for challenge in dict.fromkeys(one.challenge for one in found):
        try:
            yield quota(member.parts.service, member.principal, challenge)
        except ServiceError:
            continue


def _token(member: Member, token: TokenView) -> _Token:
    if token.revoked is not None:
        state = "revoked"
    elif token.expires is not None and token.expires <= member.parts.service.now():
        state = "expired"
    else:
        state = "good"
    return _Token(token, state, token.prefix == member.principal.token)
