"""Migrations of the database, by Alembic."""

from sqlalchemy.engine import Engine

from oceanbench_leaderboard.store.models import Base

__all__ = ["migrate"]


def migrate(engine: Engine) -> None:
    """Bring the tables up to date."""
    Base.metadata.create_all(engine)
