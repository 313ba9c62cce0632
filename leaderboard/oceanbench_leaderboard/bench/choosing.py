"""What is to be run: which tracks, which methods, and with which parameters."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from oceanbench.challenge import Challenge, Track
from oceanbench.data_files import MissingDataError, find_files
from oceanbench.evaluation import refuse_pending
from oceanbench.methods import describe, filter_names, load_filter, load_method, method_names
from oceanbench.registry import near_matches

__all__ = ["Contestant", "chosen_methods", "chosen_tracks", "file_name"]


@dataclass(frozen=True)
class Contestant:
    """A method that takes part, with its parameters.

    Attributes
    ----------
    spec : str
        As given: a registered name, or ``path/to/file.py:function``.
    name : str
        As its maps say it: the registered name, or ``file.py:function``.
    settings : mapping of str to str
        The parameters that were given.
    parameters : mapping
        All of them, with those of the challenge's preset and the defaults.
    """

    spec: str
    name: str
    settings: Mapping[str, str]
    parameters: Mapping[str, Any]


def chosen_tracks(
    challenge: Challenge, names: Sequence[str], data: Path | None = None, source: Path | None = None
) -> tuple[Track, ...]:
    """Give the tracks that are named; where none is, those that can be judged on this machine.

    Parameters
    ----------
    challenge : Challenge
        Whose tracks they are.
    names : sequence of str
        What was asked for.
    data : pathlib.Path, optional
        Folder in which the files of the challenge are looked for first.
    source : pathlib.Path, optional
        Passes that are filtered, and judge, in place of those of the challenge: the first track stands for
        them where none is named.

    Raises
    ------
    LookupError
        If there is no such track, or the challenge cannot be scored yet.
    ValueError
        If ``source`` is given where maps are made.
    MissingDataError
        If the reference of a named track, or of all tracks, is not on this machine.
    """
    refuse_pending(challenge)
    if source is not None and not challenge.filters:
        raise ValueError(f"--input {source}: {challenge.id} makes maps; --data names its files")
    if names or source is not None:
        wanted: Sequence[str | None] = names or [None]
        tracks = {track.id: track for track in map(challenge.track, wanted)}
        for track in tracks.values() if source is None else ():
            _find_judge(challenge, track, data)
        return tuple(tracks.values())
    missing: list[MissingDataError] = []
    judged = []
    for track in challenge.tracks:
        try:
            _find_judge(challenge, track, data)
        except MissingDataError as error:
            missing.append(error)
        else:
            judged.append(track)
    if not judged:
        raise missing[0]
    return tuple(judged)


def _find_judge(challenge: Challenge, track: Track, data: Path | None) -> None:
    """Refuse a track whose truth (where there is none: whose passes) is neither here nor can be made here."""
    file = challenge.file(track.reference or track.observations[0])
    if not file.derived:
        find_files(challenge, file, data)


def chosen_methods(
    challenge: Challenge, specs: Sequence[str], settings: Iterable[str]
) -> tuple[Contestant, ...]:
    """Give the methods that take part, in the order given; all that are installed where none is named.

    Each is loaded once, so that a wrong name or parameter is told before the first method runs.

    Parameters
    ----------
    challenge : Challenge
        Its presets are the defaults of a method.
    specs : sequence of str
        Names, or ``path/to/file.py:function``.
    settings : iterable of str
        ``METHOD.NAME=VALUE`` each.

    Raises
    ------
    ValueError
        If a setting is none, belongs to no method that takes part, or a method is named twice.
    LookupError
        If there is no such method.
    """
    wanted = list(specs) or (filter_names() if challenge.filters else method_names())
    given = _by_method(settings, wanted)
    found = [_contestant(challenge, spec, given.get(spec, {})) for spec in wanted]
    names = [file_name(one.name) for one in found]
    for place, name in enumerate(names):
        if name in names[:place]:
            raise ValueError(f"method {found[place].name!r} takes part twice; name it once")
    return tuple(found)


def _contestant(challenge: Challenge, spec: str, settings: Mapping[str, str]) -> Contestant:
    load = load_filter if challenge.filters else load_method
    told = describe(load(spec, settings, challenge=challenge.id))
    return Contestant(spec, told["name"], settings, told["parameters"])


def _by_method(settings: Iterable[str], specs: Sequence[str]) -> dict[str, dict[str, str]]:
    given: dict[str, dict[str, str]] = {}
    for text in settings:
        key, equals, value = text.partition("=")
        method, dot, name = key.rpartition(".")
        if not (equals and dot and method and name):
            raise ValueError(f"--set {text}: write it as METHOD.NAME=VALUE, for instance oi.Lt=5")
        if method not in specs:
            near = near_matches(method, specs)
            raise ValueError(
                f"--set {text}: method {method!r} takes no part; {near}those that do: {', '.join(specs)}"
            )
        given.setdefault(method, {})[name] = value
    return given


def file_name(text: str) -> str:
    """Give a name that every file system takes.

    Examples
    --------
    >>> file_name("1 swot + 4 nadirs"), file_name("level.py:Level")
    ('1-swot-4-nadirs', 'level-py-level')
    """
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")
