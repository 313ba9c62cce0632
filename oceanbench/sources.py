"""The servers of the field by their short names, so that a host that moves is mended in one place.

They stand in a ``sources.toml`` beside the definitions: the shipped one, and those of the folders of
``OCEANBENCH_PATH`` and of other packages, of which the first that has a name wins.
"""

import re
import tomllib
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

from fsspec import available_protocols
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError, field_validator

from oceanbench.catalog import challenge_folders
from oceanbench.challenge import ChallengeError
from oceanbench.download.credentials import Account
from oceanbench.registry import near_matches

_SHORT = re.compile(r"[a-z][a-z0-9-]+:(?!//)")

__all__ = ["Place", "Source", "known_sources", "place_of"]


class Source(BaseModel):
    """A server that keeps data of several challenges.

    Attributes
    ----------
    title : str
        Whose it is.
    base : str
        What the paths of definitions are appended to; it ends with ``/``.
    note : str
        What is known of its troubles.
    account : Account, optional
        The account it asks for.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: str
    base: str
    note: str = ""
    account: Account | None = None

    @field_validator("base")
    @classmethod
    def _end_with_a_slash(cls, base: str) -> str:
        # without it the base of one server would be the beginning of the name of another
        if not base.endswith("/"):
            raise ValueError(f"base {base!r} does not end with '/'; add it")
        return base


class Place(BaseModel):
    """One address: whole URL, short name of its server, account it asks for."""

    model_config = ConfigDict(frozen=True)

    url: str
    source: str
    account: Account | None = None


def known_sources() -> dict[str, Source]:
    """Give the servers that are known by name.

    Raises
    ------
    ChallengeError
        If a ``sources.toml`` cannot be used.
    """
    found: dict[str, Source] = {}
    for folder in challenge_folders():
        path = folder / "sources.toml"
        if path.is_file():
            for name, source in _read(path, path.stat().st_mtime_ns).items():
                found.setdefault(name, source)
    return found


@cache
def _read(path: Path, _mtime_ns: int) -> dict[str, Source]:
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
        return TypeAdapter(dict[str, Source]).validate_python(content)
    except (tomllib.TOMLDecodeError, ValidationError) as error:
        raise ChallengeError(f"{path}: {error}; each table is a server with title and base") from error


def place_of(url: str) -> Place:
    """Give the address that a definition means by ``name:path`` or by a whole URL.

    Raises
    ------
    ChallengeError
        If no server has that name.

    Examples
    --------
    >>> place_of("github:owner/repository/commit/file.nc").url
    'https://raw.githubusercontent.com/owner/repository/commit/file.nc'
    >>> place_of("https://example.org/data/file.nc").source
    'example.org'
    """
    sources = known_sources()
    name, _, path = url.partition(":")
    if name in sources:
        return Place(url=sources[name].base + path, source=name, account=sources[name].account)
    if _SHORT.match(url) and name not in available_protocols():
        raise ChallengeError(
            f"{url!r} names no server that is known; {near_matches(name, sources)}"
            f"known: {', '.join(sources)}; or write a whole URL"
        )
    for name, source in sources.items():
        if url.startswith(source.base):
            return Place(url=url, source=name, account=source.account)
    return Place(url=url, source=urlsplit(url).hostname or urlsplit(url).scheme or "this machine")
