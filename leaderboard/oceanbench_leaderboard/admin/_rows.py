"""Rows of the database as lines of JSON, and back; the same for SQLite and PostgreSQL."""

import base64
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Column, DateTime, LargeBinary, Table
from sqlalchemy.engine import Connection

__all__ = ["read_line", "rows_of", "write_line"]

_AT_ONCE = 500


def rows_of(connection: Connection, table: Table) -> Iterator[dict[str, Any]]:
    """Give the rows of a table in the order of its key, without holding all of them."""
    ordered = table.select().order_by(*table.primary_key.columns)
    result = connection.execution_options(yield_per=_AT_ONCE).execute(ordered)
    for row in result.mappings():
        yield dict(row)


def write_line(table: Table, row: dict[str, Any]) -> bytes:
    """Give a row as a line of JSON."""
    said = {column.name: _write(row[column.name]) for column in table.columns}
    return json.dumps(said, ensure_ascii=True, allow_nan=False, separators=(",", ":")).encode() + b"\n"


def _write(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.replace(tzinfo=value.tzinfo or UTC).astimezone(UTC).isoformat()
    return base64.b64encode(value).decode() if isinstance(value, bytes | memoryview) else value


def read_line(table: Table, line: bytes) -> dict[str, Any]:
    """Give the row that a line holds.

    Raises
    ------
    ValueError
        If it is no row of that table.
    """
    said = json.loads(line)
    if not isinstance(said, dict) or set(said) != set(table.columns.keys()):
        raise ValueError(f"a line is no row of {table.name!r}; take another backup")
    return {column.name: _read(column, said[column.name]) for column in table.columns}


def _read(column: Column[Any], value: Any) -> Any:
    if value is None:
        return None
    if isinstance(column.type, DateTime):
        return datetime.fromisoformat(value)
    return base64.b64decode(value) if isinstance(column.type, LargeBinary) else value
