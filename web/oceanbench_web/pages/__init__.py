"""The pages: made on the server, readable without a script, each with its JSON twin.

A route asks another room for a view, makes of it what a table shows, and gives that to a template.
"""

from fastapi import APIRouter

from oceanbench_web.pages import (
    _about,
    _board,
    _boards,
    _provider,
    _signing,
    _static,
    _submission,
    _submitting,
    _team,
)
from oceanbench_web.pages._errors import error_page

__all__ = ["error_page", "router"]

router = APIRouter(include_in_schema=False)
for _part in (_boards, _board, _submission, _submitting, _team, _signing, _provider, _about, _static):
    router.include_router(_part.router)
