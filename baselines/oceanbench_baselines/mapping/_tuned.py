"""Parameters by challenge as ``oceanbench tune`` found them, read from the result files that ship with us."""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

__all__ = ["merged", "presets"]

_SHIPPED = Path(__file__).parents[1] / "tuned"
_KIND = "oceanbench tune"


def presets(method: str, folder: Path = _SHIPPED) -> Mapping[str, Mapping[str, Any]]:
    """Parameters of a method by challenge, to be its ``PRESETS``.

    They come from the files ``<challenge>/<method>.json``, which ``oceanbench tune`` wrote: each holds every
    trial, and the command that made it.

    Parameters
    ----------
    method : str
        Its registered name.
    folder : pathlib.Path
        The shipped results unless given.

    Returns
    -------
    mapping of challenge to mapping of parameter to value
        Empty where the method was tuned for no challenge.

    Raises
    ------
    ValueError
        Where a file is no result of a search, or that of another method or challenge.
    """
    files = sorted(folder.glob(f"*/{method}.json"))
    return MappingProxyType({path.parent.name: _preset(path, method) for path in files})


def merged(
    chosen: Mapping[str, Mapping[str, Any]], tuned: Mapping[str, Mapping[str, Any]]
) -> Mapping[str, Mapping[str, Any]]:
    """Give the parameters by challenge: those chosen or fitted, and over them those that a search found.

    Parameters
    ----------
    chosen, tuned : mapping of challenge to mapping of parameter to value
        A parameter that only one of them has for a challenge stays.
    """
    challenges = [*chosen, *(name for name in tuned if name not in chosen)]
    return MappingProxyType(
        {name: MappingProxyType({**chosen.get(name, {}), **tuned.get(name, {})}) for name in challenges}
    )


@cache
def _preset(path: Path, method: str) -> Mapping[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        if content["kind"] != _KIND:
            raise ValueError(f"kind {content['kind']!r}")
        asked, found = content["asked"], dict(content["preset"])
        meant = asked["method"], asked["challenge"]
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(
            f"{path} is not a result of 'oceanbench tune' ({type(error).__name__}: {error}); write it again"
        ) from error
    if meant != (method, path.parent.name):
        raise ValueError(
            f"{path} was found for {meant[0]!r} on {meant[1]!r}; its place says {method!r} on "
            f"{path.parent.name!r}: move it"
        )
    return MappingProxyType({name: _as_field(value) for name, value in found.items()})


def _as_field(value: Any) -> Any:
    """Lists of JSON are tuples of a parameter, so that a method stays hashable."""
    return tuple(_as_field(each) for each in value) if isinstance(value, list) else value
