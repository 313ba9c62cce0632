"""The API, version 1: JSON over HTTP, with one shape of errors."""

from fastapi import APIRouter

from oceanbench_web.api import accounts, boards, challenges, events, files, operations, submissions, uploads

__all__ = ["ROUTERS"]

ROUTERS: tuple[APIRouter, ...] = (
    challenges.router,
    boards.router,
    uploads.router,
    submissions.router,
    events.router,
    files.router,
    accounts.router,
    operations.router,
)
