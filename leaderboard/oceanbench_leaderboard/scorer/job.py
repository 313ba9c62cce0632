"""What the scorer is asked for."""

from typing import Any

from pydantic import BaseModel, ConfigDict

__all__ = ["ScoringJob"]


class ScoringJob(BaseModel):
    """A canonical map, and what it was submitted for.

    Attributes
    ----------
    challenge : str
        Its id; the definition and the truth are those of the machine that scores.
    track : str
    sha256 : str
        Digest of the bytes that were uploaded; it stands in the passport.
    method : str
        Name that the team gave its method.
    card : dict
        What the team says of it.
    version : str
        Version of the challenge that the scores are for; empty: the present one.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    challenge: str
    track: str
    sha256: str
    method: str = ""
    card: dict[str, Any] = {}
    version: str = ""
