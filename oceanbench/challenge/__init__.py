"""A challenge as data: what ``challenge.toml`` may say, as frozen models that refuse everything else."""

from oceanbench.challenge._base import ChallengeError
from oceanbench.challenge._competition import Competition, PartName
from oceanbench.challenge._definition import Challenge
from oceanbench.challenge._files import Archive, DataFile, Days, Layout, Origin, Role
from oceanbench.challenge._reading import read_challenge
from oceanbench.challenge._rules import (
    ContributedMap,
    GriddedProtocol,
    Scoring,
    SubmissionSchema,
    SwathProtocol,
    Track,
    TrackProtocol,
)
from oceanbench.challenge._where_and_when import Box, Period, Periods

__all__ = [
    "Archive",
    "Box",
    "Challenge",
    "ChallengeError",
    "Competition",
    "ContributedMap",
    "DataFile",
    "Days",
    "GriddedProtocol",
    "Layout",
    "Origin",
    "PartName",
    "Period",
    "Periods",
    "Role",
    "Scoring",
    "SubmissionSchema",
    "SwathProtocol",
    "Track",
    "TrackProtocol",
    "read_challenge",
]
