"""Which token made a token, and which sessions were ended by signing out."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add a column to the tokens, and a table."""
    with op.batch_alter_table("tokens") as tokens:
        tokens.add_column(sa.Column("made_by", sa.Integer(), nullable=True))
        tokens.create_foreign_key(op.f("fk_tokens_made_by_tokens"), "tokens", ["made_by"], ["id"])
        tokens.create_index(op.f("ix_tokens_made_by"), ["made_by"], unique=False)
    op.create_table(
        "ended_sessions",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ended_sessions")),
    )
    op.create_index(op.f("ix_ended_sessions_until"), "ended_sessions", ["until"], unique=False)
