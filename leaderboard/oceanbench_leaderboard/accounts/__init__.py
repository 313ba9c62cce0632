"""Who somebody is, and what they may do: teams, users, tokens, one rule for all of it."""

from oceanbench_leaderboard.accounts._authority import OPERATOR, Deed, Principal, Scope, may, require
from oceanbench_leaderboard.accounts._names import team_key, team_name
from oceanbench_leaderboard.accounts._people import (
    UserView,
    change_user,
    create_user,
    principal_of_user,
    sign_in,
    users,
)
from oceanbench_leaderboard.accounts._sessions import end_session, session_has_ended
from oceanbench_leaderboard.accounts._teams import TeamView, set_active, team_named, teams
from oceanbench_leaderboard.accounts._tokens import (
    SCOPES,
    IssuedToken,
    TokenView,
    authenticate,
    issue_token,
    make_token,
    principal_of_token,
    revoke_token,
    revoke_tokens,
    tokens,
)

__all__ = [
    "OPERATOR",
    "SCOPES",
    "Deed",
    "IssuedToken",
    "Principal",
    "Scope",
    "TeamView",
    "TokenView",
    "UserView",
    "authenticate",
    "change_user",
    "create_user",
    "end_session",
    "issue_token",
    "make_token",
    "may",
    "principal_of_token",
    "principal_of_user",
    "require",
    "revoke_token",
    "revoke_tokens",
    "session_has_ended",
    "set_active",
    "sign_in",
    "team_key",
    "team_name",
    "team_named",
    "teams",
    "tokens",
    "users",
]
