"""Which attempt scored a run, so that each stores in its own place; when a part of an upload came."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add two columns; what was scored before lies in the folder of its run itself."""
    with op.batch_alter_table("runs") as runs:
        runs.add_column(sa.Column("scored_under", sa.String(length=32), nullable=False, server_default=""))
    with op.batch_alter_table("upload_parts") as parts:
        parts.add_column(sa.Column("created", sa.DateTime(timezone=True), nullable=True))
