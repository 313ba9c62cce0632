"""What the processes of the service log: one line per event, as words or as JSON, and never a secret."""

import logging
import re
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any, Literal, TextIO

import structlog

__all__ = ["CENSORED", "censor", "censored", "configure_logs"]

CENSORED = "[censored]"

_SECRET_NAME = re.compile(r"token|secret|password|passwd|authorization|cookie|api_?key|csrf", re.IGNORECASE)
_SECRETS = (
    (re.compile(r"\bob_[A-Za-z0-9]+_[A-Za-z0-9_\-]+"), f"ob_{CENSORED}"),
    (re.compile(r"(?i)\b(bearer|basic)\s+[^\s'\",;]+"), rf"\1 {CENSORED}"),
    (re.compile(r"(?i)(://[^\s/:@]*):[^\s@]*@"), rf"\1:{CENSORED}@"),
    (
        re.compile(
            r"""(?ix)([\w.-]*(?:token|secret|passw(?:or)?d|authorization|cookie|api_?key|csrf)[\w.-]*["']?)"""
            r"""(\s*[=:]\s*)(?:"[^"]*"|'[^']*'|[^\s,;&'"}]+)"""
        ),
        rf"\1\2{CENSORED}",
    ),
)

_QUIET = ("botocore", "aiobotocore", "s3fs", "fsspec", "asyncio", "alembic", "httpx", "httpcore", "urllib3")
# huey tells of each message at INFO what the pipeline tells in better words
_ONLY_WARNINGS = ("huey", "sqlalchemy")


def censor(text: str) -> str:
    """Give a text without what looks like a secret.

    Examples
    --------
    >>> censor("Authorization: Bearer ob_abc_def")
    'Authorization: [censored] [censored]'
    >>> censor("postgresql://me:mine@host/db")
    'postgresql://me:[censored]@host/db'
    """
    for pattern, instead in _SECRETS:
        text = pattern.sub(instead, text)
    return text


def censored(value: Any) -> Any:
    """Give a value of a log line, at any depth, without what looks like a secret."""
    if isinstance(value, str):
        return censor(value)
    if isinstance(value, bytes):
        return censor(value.decode(errors="replace"))
    if isinstance(value, Mapping):
        return {
            key: CENSORED if isinstance(key, str) and _SECRET_NAME.search(key) and item else censored(item)
            for key, item in value.items()
        }
    if isinstance(value, list | tuple | set | frozenset):
        return [censored(item) for item in value]
    if value is None or isinstance(value, bool | int | float):
        return value
    return censor(str(value))


def _censor_event(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> Mapping[str, Any]:
    record = {name: event.pop(name) for name in ("_record", "_from_structlog") if name in event}
    return {**censored(event), **record}


def configure_logs(
    log_format: Literal["json", "text"] = "text", *, stream: TextIO | None = None, level: int = logging.INFO
) -> None:
    """Send what structlog and the standard library log to one place, without secrets.

    Parameters
    ----------
    log_format : str
        ``json``: one object per line; ``text``: for people.
    stream : file, optional
        Standard error, if not given.
    level : int
        The least that is logged.
    """
    before = _processors()
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *before,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(_formatter(log_format, before))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for names, least in ((_QUIET, logging.WARNING), (_ONLY_WARNINGS, logging.WARNING)):
        for name in names:
            logging.getLogger(name).setLevel(max(level, least))
    logging.captureWarnings(True)


def _processors() -> list[Any]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
    ]


def _formatter(log_format: Literal["json", "text"], before: list[Any]) -> logging.Formatter:
    render: list[Any] = (
        [structlog.processors.format_exc_info, _censor_event, structlog.processors.JSONRenderer(default=str)]
        if log_format == "json"
        else [
            structlog.processors.format_exc_info,
            _censor_event,
            structlog.dev.ConsoleRenderer(colors=False),
        ]
    )
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=before,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *render],
    )
