"""What the service keeps: tables in a database, files in a store."""

from oceanbench_leaderboard.store.database import Database, database_now
from oceanbench_leaderboard.store.files import FileStore, Sink
from oceanbench_leaderboard.store.models import (
    FINISHED,
    Action,
    Base,
    EndedSession,
    Event,
    Part,
    Result,
    Run,
    Standing,
    StandingPage,
    State,
    Submission,
    Team,
    Token,
    Upload,
    UploadPart,
    User,
)

__all__ = [
    "FINISHED",
    "Action",
    "Base",
    "Database",
    "EndedSession",
    "Event",
    "FileStore",
    "Part",
    "Result",
    "Run",
    "Sink",
    "Standing",
    "StandingPage",
    "State",
    "Submission",
    "Team",
    "Token",
    "Upload",
    "UploadPart",
    "User",
    "database_now",
]
