"""The key that signs cookies: the one of the settings, or one made once for a folder of data."""

import os
import secrets
from contextlib import suppress
from pathlib import Path

from oceanbench_leaderboard.settings import Settings

__all__ = ["secret_key"]


def secret_key(settings: Settings) -> str:
    """Give the key of the settings; where there is none, that of the folder of data, made if need be.

    Raises
    ------
    OSError
        If the folder cannot be written.
    """
    if settings.secret_key:
        return settings.secret_key
    path = settings.data / "secret_key"
    if not path.exists():
        _make(path)
    key = path.read_text(encoding="ascii").strip()
    if len(key) < 32:
        raise ValueError(f"{path} holds {len(key)} characters, not a key; delete it to get a new one")
    return key


def _make(path: Path) -> None:
    """Make the file so that it is whole at once, and the first of two processes wins."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as stream:
        stream.write(secrets.token_urlsafe(48))
    try:
        with suppress(FileExistsError):
            os.link(part, path)
    finally:
        part.unlink()
