"""Routes: who the caller is, and the tokens of the own team."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path
from starlette.exceptions import HTTPException

from oceanbench_leaderboard import accounts
from oceanbench_leaderboard.accounts import Principal
from oceanbench_leaderboard.errors import ServiceError
from oceanbench_web.api.documents import API, Me, NewToken, TokenDocument, TokenList
from oceanbench_web.dependencies import Somebody, TheService, allowed
from oceanbench_web.refusals import documented

__all__ = ["router"]

router = APIRouter(prefix=API, tags=["accounts"])

type _Keeper = Annotated[Principal, Depends(allowed("change", "the tokens of a team"))]
type _Prefix = Annotated[str, Path(pattern="^[0-9a-z_]{1,40}$", description="As in the list of tokens.")]


@router.get("/me", summary="Who the caller is", responses=documented())
def show_me(principal: Somebody) -> Me:
    """Give the team, the person if one is known, and what the token is good for."""
    return Me(
        team=principal.team,
        name=principal.name,
        scopes=sorted(principal.scopes),
        admin=principal.admin,
    )


@router.get("/tokens", summary="Tokens of the own team", responses=documented())
def list_tokens(service: TheService, principal: _Keeper) -> TokenList:
    """Give the tokens of the team, the newest first; no secrets."""
    return TokenList(tokens=accounts.tokens(service, team_id=principal.team_id))


@router.post("/tokens", status_code=201, summary="Make a token", responses=documented(404, 409, 422))
def make_token(wanted: NewToken, service: TheService, principal: _Keeper) -> TokenDocument:
    """Make a token with no more rights than the caller has; the secret is shown this once.

    One that is made with a token ends with that at the latest, and is revoked with it; ``expires`` says when.
    """
    try:
        issued = accounts.make_token(
            service, principal, scopes=wanted.scopes, days=wanted.days, label=wanted.label
        )
    except ServiceError:
        raise
    except ValueError as error:  # a label that cannot be shown
        raise HTTPException(422, str(error)) from None
    expires = issued.expires.isoformat() if issued.expires else None
    return TokenDocument(secret=issued.secret, prefix=issued.prefix, expires=expires)


@router.delete("/tokens/{prefix}", status_code=204, summary="Revoke a token", responses=documented(404, 422))
def revoke_token(prefix: _Prefix, service: TheService, principal: _Keeper) -> None:
    """Make a token of the team useless, for ever, and those that were made with it."""
    accounts.revoke_token(service, principal, prefix)
