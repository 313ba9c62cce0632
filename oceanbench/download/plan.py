"""What a download of a challenge would fetch, before anything is fetched."""

import os
import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Any, Final, Literal

from oceanbench.challenge import Archive, Challenge, DataFile, Origin, Role, Track
from oceanbench.data_files import folder_of, is_whole
from oceanbench.download.artefact import Artefact, Candidate
from oceanbench.download.lock import Lock
from oceanbench.download.part import Part
from oceanbench.download.space import free_bytes
from oceanbench.sources import place_of

__all__ = ["GROUPS", "Group", "Item", "Plan", "candidates_of", "make_plan", "mirror", "plain_items"]

type Group = Literal["obs", "reference", "maps", "training"]

GROUPS: Final[dict[Group, tuple[Role, ...]]] = {
    "obs": ("observations", "mean", "auxiliary"),
    "reference": ("reference", "mean", "auxiliary"),
    "maps": ("map",),
    "training": ("training",),
}
"""Roles of the files that each word stands for."""

_ALWAYS: Final[tuple[Group, ...]] = ("obs", "reference")
ARCHIVES: Final = ".archives"  # below the data folder; an archive leaves it once it is unpacked


@dataclass(frozen=True)
class Item:
    """One thing to fetch: a file, or an archive with the files that it gives.

    Attributes
    ----------
    artefact : Artefact
        Where it goes, where it may come from, what is promised of it.
    files : tuple of DataFile
        What it is, or gives.
    size : int or None
        Bytes to fetch, as promised or as its provider's page says; None where nobody says.
    exact : bool
        Whether the size is promised, not only told.
    here : bool
        Whether it lies in its place already.
    begun : int
        Bytes of it that an earlier, interrupted download has left.
    archive : Archive, optional
        Where it is one.
    """

    artefact: Artefact
    files: tuple[DataFile, ...]
    size: int | None
    exact: bool
    here: bool
    begun: int = 0
    archive: Archive | None = None

    @property
    def left(self) -> int:
        """Bytes that are still to come, as far as known."""
        return max((self.size or 0) - self.begun, 0)

    def to_json(self) -> dict[str, Any]:
        """Give what a table says of it."""
        return {
            "name": self.artefact.name,
            "files": [file.id for file in self.files],
            "roles": list(dict.fromkeys(file.role for file in self.files)),
            "bytes": self.size,
            "exact": self.exact,
            "here": self.here,
            "begun": self.begun,
            "sources": [candidate.source for candidate in self.artefact.candidates],
        }


@dataclass(frozen=True)
class Plan:
    """Everything that a download would fetch.

    Attributes
    ----------
    challenge : Challenge
    folder : Path
        Where it goes.
    items : tuple of Item
    derived : tuple of DataFile
        Files that the program makes itself.
    shipped : tuple of DataFile
        Files that came with the definition.
    nowhere : tuple of DataFile
        Files that no known place has.
    free : int
        Bytes that the disk of the folder has left.
    source : str, optional
        The only server that is asked.
    withheld : tuple of DataFile
        The truth that nobody can have but the service that scores.
    """

    challenge: Challenge
    folder: Path
    items: tuple[Item, ...]
    derived: tuple[DataFile, ...]
    shipped: tuple[DataFile, ...]
    nowhere: tuple[DataFile, ...]
    free: int
    source: str | None = None
    withheld: tuple[DataFile, ...] = ()

    @property
    def missing(self) -> tuple[Item, ...]:
        """What is not here yet."""
        return tuple(item for item in self.items if not item.here)

    @property
    def to_fetch(self) -> int:
        """Bytes to fetch, as far as known."""
        return sum(item.left for item in self.missing)

    @property
    def of_unknown_size(self) -> int:
        """How many of the missing items are of unknown size."""
        return sum(item.size is None for item in self.missing)

    @property
    def needed(self) -> int:
        """Bytes of disk that it takes, as far as known: an archive lies there packed and unpacked."""
        return sum(item.left + (item.size or 0 if item.archive else 0) for item in self.missing)

    def to_json(self) -> dict[str, Any]:
        """Give the stable JSON form."""
        return {
            "challenge": self.challenge.id,
            "folder": str(self.folder),
            "items": [item.to_json() for item in self.items],
            "bytes_to_fetch": self.to_fetch,
            "items_of_unknown_size": self.of_unknown_size,
            "bytes_needed": self.needed,
            "bytes_free": self.free,
            "made_here": [file.id for file in self.derived],
            "shipped": [file.id for file in self.shipped],
            "nowhere": [file.id for file in self.nowhere],
            "withheld": [file.id for file in self.withheld],
        }


def mirror() -> str | None:
    """Give the mirror of this institute, which is tried before every other place; None without one."""
    given = os.environ.get("OCEANBENCH_MIRROR", "").rstrip("/")
    if re.match(r"[\w.-]+:\d+(/|$)", given):
        raise ValueError(f"OCEANBENCH_MIRROR is {given!r}; write http://{given}, or the path of a folder")
    return given or None


def make_plan(
    challenge: Challenge,
    *,
    only: Collection[Group] = (),
    track: Track | None = None,
    source: str | None = None,
    to: Path | None = None,
    files: Collection[DataFile] | None = None,
) -> Plan:
    """Find out what a download would fetch; no server is contacted.

    Parameters
    ----------
    challenge : Challenge
        Definition.
    only : collection of {"obs", "reference", "maps", "training"}
        What is wanted; observations and reference if nothing is named.
    track : Track, optional
        Only what this track needs.
    source : str, optional
        Only from this server: a name of ``sources.toml``, a host, or ``mirror``.
    to : Path, optional
        Folder to put it in, instead of the data folder of the challenge.
    files : collection of DataFile, optional
        These files, whatever their roles.

    Returns
    -------
    Plan

    Raises
    ------
    LookupError
        If nothing wanted is at that source.
    """
    folder = folder_of(challenge) if to is None else to
    asked = _wanted(challenge, only, track) if files is None else tuple(files)
    withheld = tuple(file for file in asked if challenge.withholds(file))
    wanted = tuple(file for file in asked if file not in withheld)
    planner = _Planner(challenge, folder, source)
    derived, shipped = _split_off(challenge, wanted)
    rest = [file for file in wanted if file not in derived and file not in shipped]
    items = _merged(planner.items(rest))
    paths = {file.path for item in items for file in item.files}
    patterns = {file.pattern for item in items if item.archive for file in item.files}
    nowhere = tuple(
        file
        for file in rest
        if file.path not in paths and not any(PurePosixPath(file.path).match(one) for one in patterns)
    )
    if source is not None and rest and not items:
        raise LookupError(_not_at(challenge, rest, source))
    return Plan(challenge, folder, items, derived, shipped, nowhere, free_bytes(folder), source, withheld)


def _merged(items: Iterable[Item]) -> tuple[Item, ...]:
    """Join items that are one file, as where truth and mean stand in the same one."""
    by_target: dict[Path, Item] = {}
    for item in items:
        known = by_target.get(item.artefact.target)
        by_target[item.artefact.target] = item if known is None else _joined(known, item)
    return tuple(by_target.values())


def _joined(one: Item, other: Item) -> Item:
    places = tuple(dict.fromkeys([*one.artefact.candidates, *other.artefact.candidates]))
    artefact = replace(
        one.artefact,
        candidates=places,
        size=one.artefact.size or other.artefact.size,
        md5=one.artefact.md5 or other.artefact.md5,
        sha256=one.artefact.sha256 or other.artefact.sha256,
    )
    return replace(
        one,
        artefact=artefact,
        files=(*one.files, *other.files),
        size=one.size if one.exact or other.size is None else other.size,
        exact=one.exact or other.exact,
    )


def candidates_of(challenge: Challenge) -> Iterator[tuple[str, tuple[Candidate, ...]]]:
    """Give every place of every archive and file; of a list of days the first day stands for all."""
    planner = _Planner(challenge, folder_of(challenge), None)
    for archive in challenge.archives:
        yield archive.name, planner.candidates(archive, archive.name)
    for file in challenge.files:
        for path in file.paths()[:1]:
            if file.urls:
                yield path, planner.candidates(file, Path(path).name, several=file.is_several)


def plain_items(plan: Plan, file: DataFile) -> tuple[Item, ...]:
    """Give the items of a file as it comes without an archive; none where it has no place of its own."""
    return tuple(_Planner(plan.challenge, plan.folder, plan.source).plain(file)) if file.urls else ()


def _wanted(challenge: Challenge, only: Collection[Group], track: Track | None) -> tuple[DataFile, ...]:
    roles = {role for group in only or _ALWAYS for role in GROUPS[group]}
    chosen = [file for file in challenge.files if file.role in roles]
    tracks = challenge.tracks if track is None else (track,)
    used = {name for one in tracks for name in (*one.observations, one.reference)}
    used |= {
        contributed.file for contributed in challenge.maps if contributed.track in {one.id for one in tracks}
    }
    of_tracks = ("observations", "reference") if track is None else ("observations", "reference", "map")
    return tuple(file for file in chosen if file.role not in of_tracks or file.id in used)


def _split_off(
    challenge: Challenge, wanted: Collection[DataFile]
) -> tuple[tuple[DataFile, ...], tuple[DataFile, ...]]:
    beside = challenge.folder / "data"
    derived = tuple(file for file in wanted if file.derived)
    shipped = tuple(file for file in wanted if not file.derived and any(beside.glob(file.pattern)))
    return derived, shipped


def _not_at(challenge: Challenge, files: Collection[DataFile], source: str) -> str:
    urls = [url for file in files for url in file.urls]
    urls += [url for file in files if file.archive for url in challenge.archive(file.archive).urls]
    names = sorted({place_of(url).source for url in urls} | ({"mirror"} if mirror() else set()))
    return f"{challenge.id} has nothing of this at {source!r}; its sources are {', '.join(names) or 'none'}"


class _Planner:
    """Turns files into items, each archive once."""

    def __init__(self, challenge: Challenge, folder: Path, source: str | None) -> None:
        self.challenge, self.folder, self.source = challenge, folder, source
        self.lock = Lock(folder)

    def items(self, files: Collection[DataFile]) -> Iterator[Item]:
        """Give the items of files: archives once each, plain files where no archive gives them."""
        packed = [file for file in files if self._archive_of(file) is not None]
        done: set[str] = set()
        for file in files:
            archive = self._archive_of(file)
            if archive is None:
                inside = [other for other in packed if PurePosixPath(file.path).match(other.pattern)]
                yield from self.plain(file) if not inside else ()
            elif archive.id not in done:
                done.add(archive.id)
                yield self.packed(archive, tuple(other for other in files if other.archive == archive.id))

    def _archive_of(self, file: DataFile) -> Archive | None:
        """Give the archive that a file comes in; None where it comes plainly, or from no place asked for."""
        archive = self.challenge.archive(file.archive) if file.archive else None
        return archive if archive is not None and self.candidates(archive, archive.name) else None

    def plain(self, file: DataFile) -> Iterator[Item]:
        """Give one item for each path of a file that comes as it is."""
        for path in file.paths():
            candidates = self.candidates(file, Path(path).name, path=path, several=file.is_several)
            if candidates:
                target = self.folder / path
                promised = None if file.is_several else file.size
                artefact = Artefact(path, target, candidates, promised, file.md5, file.sha256)
                here = target.is_file() and self.lock.check(target) != "changed"
                size = promised or file.size_about
                yield Item(artefact, (file,), size, promised is not None, here, Part(target).size)

    def packed(self, archive: Archive, files: tuple[DataFile, ...]) -> Item:
        """Give the item of an archive."""
        target = self.folder / ARCHIVES / archive.name
        candidates = self.candidates(archive, archive.name)
        artefact = Artefact(archive.name, target, candidates, archive.size, archive.md5, archive.sha256)
        return Item(
            artefact,
            files,
            size=archive.size or archive.size_about,
            exact=archive.size is not None,
            here=self._is_unpacked(archive, files),
            begun=target.stat().st_size if target.is_file() else Part(target).size,
            archive=archive,
        )

    def _is_unpacked(self, archive: Archive, files: tuple[DataFile, ...]) -> bool:
        """Tell whether the files of an archive are here, as recorded or as somebody put them.

        An archive that still lies in its folder was not unpacked to its end. Of files put by hand below a
        pattern nobody can say whether they are all; those whose names are known must all be there.
        """
        recorded = self.lock.archives().get(archive.name)
        if recorded is not None:
            return all(self.lock.check(self.folder / member) == "ok" for member in recorded.members)
        if (self.folder / ARCHIVES / archive.name).exists():
            return False
        return all(is_whole(self.folder, file) for file in files)

    def candidates(
        self, origin: Origin, name: str, *, path: str = "", several: bool = False
    ) -> tuple[Candidate, ...]:
        """Give the places of a file or an archive, the mirror first."""
        found = [Candidate(place, "mirror") for place in self._mirrored(path or name, name)]
        for url in origin.urls:
            place = place_of(f"{url}{name}" if several else url)
            found.append(Candidate(place.url, place.source, place.account))
        found.sort(key=lambda candidate: candidate.account is not None)  # those for everybody come first
        if self.source is None:
            return tuple(found)
        return tuple(candidate for candidate in found if self.source == candidate.source)

    def _mirrored(self, path: str, name: str) -> list[str]:
        """Give the addresses below the mirror: by path, as some challenges have two files of one name."""
        root, kept = mirror(), self.challenge.data_of or self.challenge.id
        return [] if root is None else [f"{root}/{kept}/{one}" for one in dict.fromkeys([path, name])]
