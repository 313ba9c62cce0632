"""The page of the rules: how ranks and ties are made, what counts, what is not allowed."""

from fastapi import APIRouter
from starlette.responses import Response

from oceanbench_web.pages._reader import TheReader, answer

__all__ = ["router"]

router = APIRouter(include_in_schema=False)


@router.get("/about")
def show_rules(reader: TheReader) -> Response:
    """Show the rules of this service."""
    limits = reader.parts.service.settings.limits
    return answer(reader, "about", json_twin="/api/v1/challenges", limits=limits, address=reader.address)
