"""What all parts of a definition have in common."""

from pydantic import BaseModel, ConfigDict


class ChallengeError(ValueError):
    """A ``challenge.toml`` that cannot be used; the message says file, key, value and cure."""


class Part(BaseModel):
    """A table of a definition: frozen, and closed to keys it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)
