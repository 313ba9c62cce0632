"""The challenges that this installation knows.

Challenges are found in three places, the first that has a name wins: the folders of the variable
``OCEANBENCH_PATH`` (separated as in ``PATH``), the challenges shipped with the package, and folders
that other packages register under the entry-point group ``oceanbench.challenges`` (a package whose
directory holds one folder per challenge).
"""

import os
import re
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from oceanbench.challenge import Challenge, ChallengeError, read_challenge
from oceanbench.registry import Registry, near_matches

__all__ = ["challenge_folders", "challenge_names", "load_challenge", "shipped_challenges"]

_NAME = re.compile(r"[\w-]+")
_CHALLENGE_PACKAGES = Registry("oceanbench.challenges", "challenge package")


def shipped_challenges() -> Path:
    """Give the folder of the shipped challenges: inside a wheel, or at the root of a checkout."""
    package = Path(__file__).resolve().parent
    in_wheel = package / "challenges"
    return in_wheel if in_wheel.is_dir() else package.parent / "challenges"


def challenge_folders() -> list[Path]:
    """Give the folders whose subfolders are challenges, in the order in which they are searched.

    Raises
    ------
    LookupError
        If ``OCEANBENCH_PATH`` names a folder that does not exist.
    """
    extra = [Path(part) for part in os.environ.get("OCEANBENCH_PATH", "").split(os.pathsep) if part]
    missing = [str(folder) for folder in extra if not folder.is_dir()]
    if missing:
        raise LookupError(f"OCEANBENCH_PATH names {', '.join(missing)}: no such folder; correct the variable")
    return [*extra, shipped_challenges(), *_registered_folders()]


@cache  # what is installed does not change while a process runs, and reading it takes milliseconds
def _registered_folders() -> tuple[Path, ...]:
    folders: list[Path] = []
    for entry in _CHALLENGE_PACKAGES.entries().values():
        spec = find_spec(entry.value)
        folders += [Path(place) for place in (spec.submodule_search_locations or [])] if spec else []
    return tuple(folders)


def _definitions() -> dict[str, Path]:
    found: dict[str, Path] = {}
    for folder in challenge_folders():
        for file in sorted(folder.glob("*/challenge.toml")):
            found.setdefault(file.parent.name, file)
    return found


def _definition(name: str) -> Path | None:
    """Find one definition without looking at the others; a name that is a path finds nothing."""
    if _NAME.fullmatch(name) is None:
        return None
    files = (folder / name / "challenge.toml" for folder in challenge_folders())
    return next((file for file in files if file.is_file()), None)


def challenge_names() -> list[str]:
    """Give the names of all known challenges, sorted; no definition is read."""
    return sorted(_definitions())


def load_challenge(name: str) -> Challenge:
    """Read the challenge called ``name``.

    Raises
    ------
    LookupError
        If no challenge has that name; the message gives the near matches.
    ChallengeError
        If its definition cannot be used.

    Examples
    --------
    >>> load_challenge("2020a").domain.lon
    (-65.0, -55.0)
    """
    path = _definition(name)
    if path is None:
        definitions = _definitions()
        raise LookupError(
            f"no challenge is called {name!r}; {near_matches(name, definitions)}"
            f"known: {', '.join(sorted(definitions))}"
        )
    return _read(path, path.stat().st_mtime_ns)


@cache
def _read(path: Path, _mtime_ns: int) -> Challenge:
    challenge = read_challenge(path)
    if challenge.id != path.parent.name:
        raise ChallengeError(
            f"{path}: id = {challenge.id!r}, but its folder is called {path.parent.name!r}; "
            "call both the same"
        )
    return challenge
