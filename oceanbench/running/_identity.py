"""What a file says of the challenge that it was made for."""

from oceanbench.challenge import Challenge

__all__ = ["identity"]


def identity(challenge: Challenge, track: str) -> dict[str, str]:
    """Give the attributes by which a submission tells its challenge, version and track."""
    return {
        "title": f"{challenge.submission.quantity} ({challenge.title})",
        "challenge": challenge.id,
        "challenge_version": challenge.version,
        "track": track,
    }
