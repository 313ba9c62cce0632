"""What the web room refuses itself, before any other room is asked."""

from oceanbench_leaderboard.errors import ServiceError

__all__ = ["InsecureSettings", "RateLimited"]


class RateLimited(ServiceError):
    """Too much in too short a time, or too many at once.

    Attributes
    ----------
    retry_after : float
        Seconds to wait.
    """

    def __init__(self, message: str, retry_after: float) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class InsecureSettings(ValueError):
    """Settings that must not face other people; the message lists all of them."""
