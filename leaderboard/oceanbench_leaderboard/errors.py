"""What the service refuses, by kind; the message says what was given, what is allowed, what to do."""

__all__ = [
    "Closed",
    "Conflict",
    "DigestMismatch",
    "Forbidden",
    "NotFound",
    "QuotaExceeded",
    "ServiceError",
    "TooLarge",
    "Unauthorised",
    "Unavailable",
]


class ServiceError(ValueError):
    """A request that cannot be met as it is."""


class Unauthorised(ServiceError):
    """Nobody, or a token that is unknown, expired or revoked."""


class Forbidden(ServiceError):
    """Somebody who may see the thing, but not do this to it."""


class NotFound(ServiceError):
    """There is no such thing, or none that the asker may see."""


class Conflict(ServiceError):
    """The thing is not in the state that the request takes for granted.

    Attributes
    ----------
    offset : int or None
        Of an upload: how many bytes of it are safe, from where the client goes on.
    """

    def __init__(self, message: str, offset: int | None = None) -> None:
        super().__init__(message)
        self.offset = offset


class TooLarge(ServiceError):
    """More bytes than are allowed."""


class DigestMismatch(ServiceError):
    """The bytes are not those whose digest was told; they were thrown away."""


class Closed(ServiceError):
    """The challenge does not take submissions now."""


class QuotaExceeded(ServiceError):
    """Too many submissions.

    Attributes
    ----------
    retry_after : float
        Seconds after which another is taken.
    """

    def __init__(self, message: str, retry_after: float) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Unavailable(OSError):
    """The database, the store or the queue does not answer, or the disk is full; nothing was kept."""
