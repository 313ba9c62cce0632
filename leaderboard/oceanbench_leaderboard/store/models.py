"""The tables of the service: teams, tokens, uploads, submissions, runs, results, standings."""

from datetime import UTC, datetime
from typing import Any, ClassVar, Literal

from sqlalchemy import (
    JSON,
    BigInteger,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Text,
    TypeDecorator,
    UniqueConstraint,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

__all__ = [
    "FINISHED",
    "Action",
    "Base",
    "EndedSession",
    "Event",
    "Part",
    "Result",
    "Run",
    "Standing",
    "StandingPage",
    "State",
    "Submission",
    "Team",
    "Token",
    "Upload",
    "UploadPart",
    "User",
]

type State = Literal["queued", "checking", "scoring", "scored", "refused", "failed"]
type Part = Literal["public", "private"]

FINISHED: tuple[State, ...] = ("scored", "refused", "failed")
_BIG = BigInteger().with_variant(Integer, "sqlite")  # SQLite numbers rows only in its own INTEGER


class UtcDateTime(TypeDecorator[datetime]):
    """An instant: aware on the way in and on the way out, UTC in the database."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give UTC to the database; a time without a zone is refused."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value} has no time zone; give an aware time")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give an aware time; SQLite keeps none of the zone."""
        return value if value is None or value.tzinfo else value.replace(tzinfo=UTC)


class Base(DeclarativeBase):
    """All tables."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: UtcDateTime,
        dict[str, Any]: JSON,
        list[Any]: JSON,
        State: String(16),
        Part: String(16),
    }


class Team(Base):
    """Who submits. ``key`` is the name in one case, so that no two teams look alike."""

    __tablename__ = "teams"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    key: Mapped[str] = mapped_column(String(160), unique=True)
    created: Mapped[datetime]
    active: Mapped[bool] = mapped_column(default=True)


class User(Base):
    """A person of a team: signed in with ``provider`` (orcid, github), or made by an administrator."""

    __tablename__ = "users"
    __table_args__ = (UniqueConstraint("provider", "subject"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    team_id: Mapped[int] = mapped_column(ForeignKey("teams.id"), index=True)
    name: Mapped[str] = mapped_column(String(160))
    provider: Mapped[str] = mapped_column(String(32), default="local")
    subject: Mapped[str] = mapped_column(String(160))
    admin: Mapped[bool] = mapped_column(default=False)
    active: Mapped[bool] = mapped_column(default=True)
    created: Mapped[datetime]

    team: Mapped[Team] = relationship()


class Token(Base):
    """A secret of a team: only its digest is kept; ``prefix`` finds the row."""

    __tablename__ = "tokens"

    id: Mapped[int] = mapped_column(primary_key=True)
    team_id: Mapped[int] = mapped_column(ForeignKey("teams.id"), index=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    label: Mapped[str] = mapped_column(String(160), default="")
    prefix: Mapped[str] = mapped_column(String(16), unique=True)
    sha256: Mapped[str] = mapped_column(String(64))
    scopes: Mapped[str] = mapped_column(String(160))  # words, separated by spaces
    created: Mapped[datetime]
    expires: Mapped[datetime | None]
    revoked: Mapped[datetime | None]
    last_used: Mapped[datetime | None]
    made_by: Mapped[int | None] = mapped_column(ForeignKey("tokens.id"), index=True)

    team: Mapped[Team] = relationship()
    user: Mapped[User | None] = relationship()


class EndedSession(Base):
    """A session of the pages that was ended by signing out, kept ``until`` its cookie is too old anyway."""

    __tablename__ = "ended_sessions"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    until: Mapped[datetime] = mapped_column(index=True)


class Upload(Base):
    """Bytes that a team sends, named by their digest; whole once ``completed`` is set."""

    __tablename__ = "uploads"
    __table_args__ = (UniqueConstraint("team_id", "sha256"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    team_id: Mapped[int] = mapped_column(ForeignKey("teams.id"))
    sha256: Mapped[str] = mapped_column(String(64))
    size: Mapped[int] = mapped_column(_BIG)
    created: Mapped[datetime]
    completed: Mapped[datetime | None]

    parts: Mapped[list["UploadPart"]] = relationship(order_by="UploadPart.start")


class UploadPart(Base):
    """A stretch of an upload that is safe in the store under ``key``; ``created`` when it was whole."""

    __tablename__ = "upload_parts"

    upload_id: Mapped[int] = mapped_column(ForeignKey("uploads.id"), primary_key=True)
    start: Mapped[int] = mapped_column(_BIG, primary_key=True)
    size: Mapped[int] = mapped_column(_BIG)
    key: Mapped[str] = mapped_column(String(300))
    created: Mapped[datetime | None]


class Submission(Base):
    """A map, or filtered swaths, that a team entered on a track of a challenge.

    ``duplicate_of`` names the earlier submission of the same team whose canonical values are the same.
    """

    __tablename__ = "submissions"
    __table_args__ = (
        UniqueConstraint("team_id", "challenge", "track", "sha256"),
        Index("ix_submissions_board", "challenge", "track"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    team_id: Mapped[int] = mapped_column(ForeignKey("teams.id"), index=True)
    upload_id: Mapped[int | None] = mapped_column(ForeignKey("uploads.id"), index=True)
    challenge: Mapped[str] = mapped_column(String(80))
    track: Mapped[str] = mapped_column(String(160))
    method: Mapped[str] = mapped_column(String(160))
    card: Mapped[dict[str, Any]]
    file_name: Mapped[str] = mapped_column(String(255))  # shown, never a path
    size: Mapped[int] = mapped_column(_BIG)
    sha256: Mapped[str] = mapped_column(String(64))
    canonical_sha256: Mapped[str] = mapped_column(String(64), default="", index=True)
    duplicate_of: Mapped[str | None] = mapped_column(ForeignKey("submissions.id"))
    created: Mapped[datetime] = mapped_column(index=True)
    selected: Mapped[bool] = mapped_column(default=False)  # a final entry, by choice of the team
    hidden: Mapped[bool] = mapped_column(default=False)
    deleted: Mapped[datetime | None]

    team: Mapped[Team] = relationship()
    runs: Mapped[list["Run"]] = relationship(order_by="Run.id", back_populates="submission")


class Run(Base):
    """One scoring of a submission by one version of its challenge; ``round`` counts those asked for anew.

    A worker holds it by ``lease`` until ``lease_until``; only the holder of the present lease may write.
    ``scored_under`` is the lease under which it was scored; what that attempt stored lies in ``folder``.
    """

    __tablename__ = "runs"
    __table_args__ = (UniqueConstraint("submission_id", "challenge_version", "round"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    submission_id: Mapped[str] = mapped_column(ForeignKey("submissions.id"))
    challenge_version: Mapped[str] = mapped_column(String(16))
    round: Mapped[int] = mapped_column(default=1)
    state: Mapped[State] = mapped_column(default="queued", index=True)
    reason: Mapped[str] = mapped_column(Text, default="")
    problems: Mapped[list[Any]] = mapped_column(default=list)  # what_given, expected, fix
    flags: Mapped[list[Any]] = mapped_column(default=list)  # words, for instance "equal to the truth"
    attempts: Mapped[int] = mapped_column(default=0)
    lease: Mapped[str | None] = mapped_column(String(32))
    lease_until: Mapped[datetime | None]
    scored_under: Mapped[str] = mapped_column(String(32), default="")
    worker: Mapped[str] = mapped_column(String(160), default="")
    created: Mapped[datetime]
    started: Mapped[datetime | None]
    finished: Mapped[datetime | None]

    submission: Mapped[Submission] = relationship(back_populates="runs")
    results: Mapped[list["Result"]] = relationship(back_populates="run")

    @property
    def folder(self) -> str:
        """Place in the store of what was made when it was scored: no two attempts have the same."""
        return "/".join(filter(None, ("runs", str(self.id), self.scored_under)))


class Result(Base):
    """The numbers of a run: of the public part (all, where nothing is withheld) or of the private one.

    ``evaluation`` is the JSON of an :class:`~oceanbench.score.Evaluation`; ``comparison`` holds the sums by
    block from which two entries are compared.
    """

    __tablename__ = "results"

    run_id: Mapped[int] = mapped_column(ForeignKey("runs.id"), primary_key=True)
    part: Mapped[Part] = mapped_column(primary_key=True)
    evaluation: Mapped[dict[str, Any]]
    comparison: Mapped[dict[str, Any]]
    created: Mapped[datetime]

    run: Mapped[Run] = relationship(back_populates="results")


class Event(Base):
    """What happened to a submission, and when."""

    __tablename__ = "events"

    id: Mapped[int] = mapped_column(primary_key=True)
    submission_id: Mapped[str] = mapped_column(ForeignKey("submissions.id"), index=True)
    run_id: Mapped[int | None] = mapped_column(ForeignKey("runs.id"))
    at: Mapped[datetime]
    what: Mapped[str] = mapped_column(String(32))
    note: Mapped[str] = mapped_column(Text, default="")


class Standing(Base):
    """A ranked track of one version of a board; made anew whenever a row of it changes.

    ``state`` tells from what it was made, ``head`` what stands above the rows, and ``fixed`` the rows that
    are no submissions; the ranked rows lie on pages.
    """

    __tablename__ = "standings"

    challenge: Mapped[str] = mapped_column(String(80), primary_key=True)
    version: Mapped[str] = mapped_column(String(16), primary_key=True)
    track: Mapped[str] = mapped_column(String(160), primary_key=True)
    revision: Mapped[int] = mapped_column(default=0)
    made: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(64), default="")
    head: Mapped[dict[str, Any]] = mapped_column(default=dict)
    fixed: Mapped[list[Any]] = mapped_column(default=list, deferred=True)


class StandingPage(Base):
    """Some rows of a standing as compressed JSON; ``show`` is ``best`` or ``all``, ``page`` counts from 0."""

    __tablename__ = "standing_pages"

    challenge: Mapped[str] = mapped_column(String(80), primary_key=True)
    version: Mapped[str] = mapped_column(String(16), primary_key=True)
    track: Mapped[str] = mapped_column(String(160), primary_key=True)
    show: Mapped[str] = mapped_column(String(8), primary_key=True)
    page: Mapped[int] = mapped_column(primary_key=True)
    rows: Mapped[bytes] = mapped_column(LargeBinary)


class Action(Base):
    """What an administrator did: who, when, what."""

    __tablename__ = "actions"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    who: Mapped[str] = mapped_column(String(160))
    what: Mapped[str] = mapped_column(Text)
