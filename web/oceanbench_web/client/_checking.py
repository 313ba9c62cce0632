"""The check of a map before it is sent: the same that the service makes."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from oceanbench.catalog import load_challenge
from oceanbench.challenge import Challenge

if TYPE_CHECKING:
    from oceanbench.submission import Problem

__all__ = ["Checked", "check", "unchecked"]


@dataclass(frozen=True)
class Checked:
    """A map that may be sent.

    Attributes
    ----------
    challenge, track : str
        What it is entered for.
    notes : tuple of str
        What the service will change on the way in.
    attributes : mapping
        Global attributes of the file.
    """

    challenge: str
    track: str
    notes: tuple[str, ...] = ()
    attributes: Mapping[str, Any] = field(default_factory=dict)


def check(path: Path, challenge: str | None, track: str | None) -> Checked:
    """Check a map as the service will, and find what it is for.

    Raises
    ------
    SubmissionError
        With all the reasons to refuse it.
    LookupError
        If the challenge or the track is not known, or several tracks are possible and none is named.
    ValueError
        If it is a folder.
    """
    from oceanbench.evaluation import check_map
    from oceanbench.submission import SubmissionError

    refuse_folder(path)
    try:
        definition, notes = check_map(path, challenge=challenge, track=track)
    except SubmissionError as refusal:
        raise SubmissionError(refusal.source, [_curable(one) for one in refusal.problems]) from None
    attributes = _attributes(path)
    return Checked(definition.id, _track_of(definition, track, attributes), notes, attributes)


def unchecked(path: Path, challenge: str | None, track: str | None) -> Checked:
    """Take a file as it is; whoever does that must say what it is for.

    Raises
    ------
    ValueError
        If the challenge or the track is not named, or it is a folder.
    """
    refuse_folder(path)
    if not challenge or not track:
        raise ValueError("without the check nobody looks what the map is for; give --challenge and --track")
    return Checked(challenge, track)


def refuse_folder(path: Path) -> None:
    """Refuse a folder, and say how its passes become one file.

    Raises
    ------
    ValueError
        If it is one.
    """
    if path.is_dir():
        raise ValueError(
            f"{path} is a folder, and the service takes one NetCDF file; "
            "oceanbench.swaths.joined puts passes into one, and to_netcdf writes it"
        )


def _curable(problem: "Problem") -> "Problem":
    """Name no option that only scoring at home has."""
    if "--holes" in problem.fix:
        return replace(problem, fix="fill them: the service scores a map without holes only")
    if "--variable" in problem.fix:
        return replace(problem, fix="keep one in the file, or rename it to what the challenge calls it")
    return problem


def _attributes(path: Path) -> Mapping[str, Any]:
    from oceanbench.netcdf import open_data

    with open_data(path, decode_times=False, indexes=False) as dataset:
        return dict(dataset.attrs)


def _track_of(challenge: Challenge, given: str | None, attributes: Mapping[str, Any]) -> str:
    said = attributes.get("track") if attributes.get("challenge") == challenge.id else None
    if given is not None or isinstance(said, str):
        return challenge.track(given if given is not None else said).id
    if len(challenge.tracks) == 1:
        return challenge.tracks[0].id
    names = "; ".join(track.id for track in challenge.tracks)
    raise LookupError(
        f"{challenge.id} has several tracks, and the file names none; give --track, one of: {names}"
    )


def known_here(challenge: str) -> Challenge | None:
    """Give the definition of a challenge as this machine knows it, if it does."""
    try:
        return load_challenge(challenge)
    except LookupError:
        return None
