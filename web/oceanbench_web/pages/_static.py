"""The files of the pages: few, small, read once, and named by what is in them."""

import hashlib
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from fastapi import APIRouter, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

__all__ = ["router", "static"]

router = APIRouter(include_in_schema=False)

_TYPES = MappingProxyType(
    {
        "style.css": "text/css; charset=utf-8",
        "submit.js": "text/javascript; charset=utf-8",
        "icon.svg": "image/svg+xml",
    }
)
_FOR_EVER = "public, max-age=31536000, immutable"


@cache
def _content(name: str) -> bytes:
    return (files("oceanbench_web") / "static" / name).read_bytes()


@cache
def static(name: str) -> str:
    """Give the address of a file; it changes with what is in the file, so that browsers may keep it.

    Examples
    --------
    >>> static("style.css").startswith("/static/style.css?v=")
    True
    """
    return f"/static/{name}?v={hashlib.sha256(_content(name)).hexdigest()[:12]}"


@router.get("/static/{name}")
def give(name: str, request: Request) -> Response:
    """Give one of the files."""
    if name not in _TYPES:
        raise HTTPException(404, f"there is no file {name[:80]!r}")
    kept = _FOR_EVER if request.url.query else "no-cache"
    return Response(_content(name), media_type=_TYPES[name], headers={"cache-control": kept})


@router.get("/favicon.ico")
def icon(request: Request) -> Response:
    """Give the icon to browsers that ask for it by its old name."""
    return give("icon.svg", request)
