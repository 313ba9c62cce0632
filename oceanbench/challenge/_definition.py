"""One challenge: its rules and its files, held together."""

import re
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from oceanbench.challenge._base import Part
from oceanbench.challenge._competition import Competition, PartName
from oceanbench.challenge._files import Archive, DataFile, Role
from oceanbench.challenge._rules import (
    ContributedMap,
    GriddedProtocol,
    Scoring,
    SubmissionSchema,
    SwathProtocol,
    Track,
    TrackProtocol,
)
from oceanbench.challenge._where_and_when import Box, Periods
from oceanbench.registry import near_matches

_QUANTITIES = ("ssh", "speed", "vorticity")
_REGIMES = ("global", "coastal", "offshore_low", "offshore_high")
_TABLES = {
    "map-osse": "gridded",
    "map-ose": "along_track",
    "filter-osse": "swath",
    "filter-ose": "swath",
}
_METRICS = {
    ("map-osse", "odc"): ("mu", "sigma", "lambda_x", "lambda_t"),
    ("map-osse", "neurips"): ("nrmse", "lambda_x_isotrop", "lambda_x_spacetime", "lambda_t_spacetime"),
    ("map-ose", "odc"): ("mu", "sigma", "lambda_x"),
    ("map-ose", "neurips"): ("nrmse", "lambda_x_alongtrack"),
    ("filter-osse", "odc"): (
        *(f"rmse.{quantity}.{regime}" for quantity in _QUANTITIES for regime in _REGIMES),
        *(f"lambda_snr1.{quantity}" for quantity in _QUANTITIES),
    ),
    ("filter-ose", "odc"): (
        "roberts_discontinuity_fraction",
        *(f"{name}.{part}" for name in ("ssim", "ssim_residual") for part in ("ssha", "speed", "vorticity")),
    ),
}


class Challenge(Part):
    """One challenge, as its ``challenge.toml`` defines it.

    A changed rule is a new ``version``; scores of different versions are never compared. Where
    ``observed`` is ``sla``, methods map anomalies and the file of role ``mean`` is added to their maps.
    ``evaluation_pending`` says why this version of the program cannot score it yet. ``profile_of`` names the
    challenge whose maps are judged here by other metrics, ``data_of`` the one whose data folder is shared.
    A ``truth`` that is withheld is on no machine but that of the service that scores; ``competition`` holds
    its dates and the blocks of days that are shown and kept back.
    """

    id: Annotated[str, Field(pattern="^[a-z0-9][a-z0-9-]*$")]
    version: Annotated[str, Field(pattern=r"^\d+\.\d+$")]
    kind: Literal["map-osse", "map-ose", "filter-osse", "filter-ose"]
    title: str
    summary: str
    citation: str
    dois: tuple[str, ...] = ()
    licence: str
    evaluation_pending: str = ""
    twin_of: str = ""
    profile_of: str = ""
    data_of: str = ""
    observed: Literal["ssh", "sla"] = "ssh"
    truth: Literal["public", "withheld"] = "public"
    ranking: str = "mu"
    notes: tuple[str, ...] = ()
    domain: Box
    periods: Periods
    tracks: Annotated[tuple[Track, ...], Field(min_length=1)]
    files: Annotated[tuple[DataFile, ...], Field(min_length=1)]
    archives: tuple[Archive, ...] = ()
    maps: tuple[ContributedMap, ...] = ()
    submission: SubmissionSchema
    gridded: GriddedProtocol | None = None
    along_track: TrackProtocol | None = None
    swath: SwathProtocol | None = None
    competition: Competition | None = None
    folder: Path = Field(default=Path(), exclude=True)

    @model_validator(mode="after")
    def _can_be_scored(self) -> Self:
        wanted = _TABLES[self.kind]
        if self.evaluation_pending:
            return self
        if getattr(self, wanted) is None:
            raise ValueError(f"kind {self.kind!r} needs a table [{wanted}]; add it")
        if self.ranking not in self.metric_names:
            raise ValueError(
                f"ranking {self.ranking!r} is no score of it; there are {', '.join(self.metric_names)}"
            )
        for track in self.tracks:
            if not track.reference and self.kind != "filter-ose":
                raise ValueError(f"track {track.id!r} has no reference to be scored against; name a file")
        return self

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        files, archives = _unique("files", self.files), _unique("archives", self.archives)
        if self.observed == "sla" and not self.files_of("mean") and not self.evaluation_pending:
            raise ValueError("observed = 'sla' needs a file of role 'mean' to add; define it")
        for track in self.tracks:
            if len(set(track.observations)) < len(track.observations):
                raise ValueError(f"track {track.id!r} names a file twice: {', '.join(track.observations)}")
            for name in filter(None, (*track.observations, track.reference)):
                if name not in files:
                    raise ValueError(f"track {track.id!r} names file {name!r}; files are {sorted(files)}")
        for file in self.files:
            if file.archive and file.archive not in archives:
                raise ValueError(
                    f"file {file.id!r} names archive {file.archive!r}; archives are {sorted(archives)}"
                )
        for contributed in self.maps:
            if contributed.file not in {file.id for file in self.files_of("map")}:
                raise ValueError(
                    f"map {contributed.method!r} names file {contributed.file!r}, not one of role 'map'"
                )
            if contributed.plus and contributed.plus not in files:
                raise ValueError(
                    f"map {contributed.method!r} adds file {contributed.plus!r}; files are {sorted(files)}"
                )
            self.track(contributed.track)
        return self

    @model_validator(mode="after")
    def _keeps_its_secret(self) -> Self:
        if self.truth == "withheld":
            _refuse_leaks(self)
        if self.competition is None or not self.competition.parts:
            return self
        if self.truth == "public":
            raise ValueError(
                "public and private periods hide nothing where truth = 'public'; leave them out of "
                "[competition], or write truth = 'withheld'"
            )
        for track in self.tracks:
            if wrong := self.competition.outside(track.evaluation or self.periods.evaluation):
                raise ValueError(f"track {track.id!r}: {wrong}")
        return self

    @property
    def withholds_truth(self) -> bool:
        """Whether nobody but the service that scores has the truth."""
        return self.truth == "withheld"

    def withholds(self, file: DataFile) -> bool:
        """Tell whether ``file`` is the truth that only the service has."""
        return self.truth == "withheld" and file.id in {track.reference for track in self.tracks}

    @property
    def is_twin(self) -> bool:
        """Whether the ocean of this challenge is synthetic and stands for another challenge's."""
        return bool(self.twin_of)

    @property
    def metric_names(self) -> tuple[str, ...]:
        """Names of the official scores, in the order of the published tables; none while it is not scored."""
        table = getattr(self, _TABLES[self.kind])
        return () if table is None else _METRICS[self.kind, getattr(table, "profile", "odc")]

    @property
    def filters(self) -> bool:
        """Whether swaths are filtered here, not maps made."""
        return self.kind.startswith("filter")

    def on(self, track: Track) -> Self:
        """Give this challenge with the box and the scored days of one of its tracks."""
        periods = self.periods
        if track.evaluation is not None:
            periods = periods.model_copy(update={"evaluation": track.evaluation})
        return self.model_copy(update={"domain": track.domain or self.domain, "periods": periods})

    def part(self, name: PartName) -> Self:
        """Give this challenge with one block of its competition as the scored days, on all tracks.

        Raises
        ------
        LookupError
            If nothing of it is split.
        """
        parts = self.competition.parts if self.competition else {}
        if name not in parts:
            raise LookupError(
                f"{self.id} has no {name} part: its [competition] names no periods; score it whole"
            )
        whole, block = self.periods.evaluation, parts[name]
        if whole.official_end is not None and block.official_last_instant > whole.official_last_instant:
            block = block.model_copy(update={"official_end": whole.official_end})
        return self.model_copy(
            update={
                "periods": self.periods.model_copy(update={"evaluation": block}),
                "tracks": tuple(track.model_copy(update={"evaluation": None}) for track in self.tracks),
            }
        )

    def scored_as(self, scoring: Scoring) -> Self:
        """Give this challenge with the settings that a published row was made with."""
        evaluation = self.periods.evaluation
        if scoring.official_end is not None:
            evaluation = evaluation.model_copy(update={"official_end": scoring.official_end})
        names = ("detrend", "window", "truth_offset", "truth_stride")
        changed = {name: value for name in names if (value := getattr(scoring, name)) is not None}
        gridded = self.gridded and self.gridded.model_copy(update={**changed, "daily": scoring.daily})
        return self.model_copy(
            update={
                "domain": scoring.domain or self.domain,
                "periods": self.periods.model_copy(update={"evaluation": evaluation}),
                "gridded": gridded,
            }
        )

    def archive(self, archive_id: str) -> Archive:
        """Give the archive called ``archive_id``.

        Raises
        ------
        LookupError
            If the challenge has no such archive.
        """
        for archive in self.archives:
            if archive.id == archive_id:
                return archive
        raise LookupError(f"{self.id} has no archive {archive_id!r}; it has {[a.id for a in self.archives]}")

    def file(self, file_id: str) -> DataFile:
        """Give the file called ``file_id``.

        Raises
        ------
        LookupError
            If the challenge has no such file.
        """
        for file in self.files:
            if file.id == file_id:
                return file
        raise LookupError(f"{self.id} has no file {file_id!r}; it has {[f.id for f in self.files]}")

    def files_of(self, role: Role) -> tuple[DataFile, ...]:
        """Give the files with one role, in the order of the definition."""
        return tuple(file for file in self.files if file.role == role)

    def track(self, name: str | None = None) -> Track:
        """Give the track called ``name``; case and punctuation do not matter, None gives the first.

        Raises
        ------
        LookupError
            If the challenge has no such track.

        Examples
        --------
        >>> from oceanbench.catalog import load_challenge
        >>> load_challenge("2020a").track("4-Nadirs").id
        '4 nadirs'
        """
        if name is None:
            return self.tracks[0]
        by_key = {_key(track.id): track for track in self.tracks}
        if _key(name) not in by_key:
            names = [track.id for track in self.tracks]
            raise LookupError(
                f"{self.id} has no track {name!r}; {near_matches(name, names)}tracks: {'; '.join(names)}"
            )
        return by_key[_key(name)]


def _key(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _refuse_leaks(challenge: Challenge) -> None:
    """Refuse a truth that is called withheld and can be had, or is an observation."""
    if challenge.filters:
        raise ValueError("the truth of swaths lies in the passes that are filtered; write truth = 'public'")
    seen = {name for track in challenge.tracks for name in track.observations}
    for file in filter(challenge.withholds, challenge.files):
        if file.urls or file.archive or file.derived:
            raise ValueError(
                f"the truth is withheld, and file {file.id!r} says where to get it; leave out its urls, "
                "archive and derived"
            )
        if file.id in seen:
            raise ValueError(
                f"the truth is withheld, and file {file.id!r} is an observation of a track too; take another"
            )


def _unique(what: str, parts: tuple[DataFile, ...] | tuple[Archive, ...]) -> set[str]:
    ids = [part.id for part in parts]
    if len(set(ids)) < len(ids):
        raise ValueError(f"two {what} have the same id; give each its own")
    return set(ids)
