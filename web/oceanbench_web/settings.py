"""What the web process allows: from the environment, or the defaults."""

import os
from collections.abc import Mapping
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

__all__ = ["Network", "WebSettings"]

type Network = IPv4Network | IPv6Network

_PREFIX = "OCEANBENCH_WEB_"


def _networks(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    return tuple(ip_network(word, strict=False) for word in value.replace(",", " ").split())


class WebSettings(BaseModel):
    """Limits and trust of the web process.

    Attributes
    ----------
    trusted_proxies : tuple of networks
        Whose ``X-Forwarded-For`` is believed; nobody's by default.
    metrics : str
        Who may read the metrics: administrators only, callers of this machine too, or all.
    body_bytes : int
        Largest body of a request that is no upload.
    read_seconds : float
        How long a client may send nothing while it owes bytes.
    slowest_upload : int
        Bytes per second that an upload must keep up over each ``read_seconds``.
    uploads_at_once, uploads_at_once_in_all : int
        Uploads of one team, and of all, that this process takes at a time.
    requests_per_minute : int
        Requests that one token, one person who signed in, or one address without either may make.
    team_requests_per_minute : int
        Requests that one team may make, by all its tokens together.
    failures_per_minute : int
        Refused secrets that one address may try; good ones are taken from it all the same.
    listeners_per_address, listeners : int
        Streams of events of one address, and of all, that are open at a time.
    listening_seconds : float
        How long a stream of events lasts at most; clients connect again by themselves.
    recognise_seconds : float
        How often somebody who listens is recognised anew while there is no news; before any news in any case.
    poll_seconds : float
        How often a watched submission is looked up, whatever the number of its listeners.
    rush_requests : int
        Requests for the same board in one second that are a rush; 0: none are.
    rush_seconds : float
        How old an answer may be in a rush.
    boards_kept_bytes : int
        Memory for boards that are ready to be sent.
    session_days : int
        How long a person stays signed in.
    connections : int
        Connections that are served at a time; more are answered 503.
    connections_per_address : int
        Connections that one address may have at a time, but for trusted proxies; more are answered 429.
    head_seconds : float
        How long a client may take for the head of a request; then its connection is closed.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)

    trusted_proxies: Annotated[tuple[Network, ...], BeforeValidator(_networks)] = ()
    metrics: Literal["admin", "loopback", "all"] = "loopback"
    body_bytes: Annotated[int, Field(gt=0)] = 64 << 10
    read_seconds: Annotated[float, Field(gt=0)] = 30.0
    slowest_upload: Annotated[int, Field(ge=0)] = 4096
    uploads_at_once: Annotated[int, Field(gt=0)] = 8
    uploads_at_once_in_all: Annotated[int, Field(gt=0)] = 100
    requests_per_minute: Annotated[int, Field(gt=0)] = 1200
    team_requests_per_minute: Annotated[int, Field(gt=0)] = 3600
    failures_per_minute: Annotated[int, Field(gt=0)] = 20
    listeners_per_address: Annotated[int, Field(gt=0)] = 20
    listeners: Annotated[int, Field(gt=0)] = 500
    listening_seconds: Annotated[float, Field(gt=0)] = 900.0
    recognise_seconds: Annotated[float, Field(gt=0)] = 30.0
    poll_seconds: Annotated[float, Field(gt=0)] = 1.0
    rush_requests: Annotated[int, Field(ge=0)] = 20
    rush_seconds: Annotated[float, Field(gt=0)] = 0.5
    boards_kept_bytes: Annotated[int, Field(ge=0)] = 32 << 20
    session_days: Annotated[int, Field(gt=0)] = 14
    connections: Annotated[int, Field(gt=0)] = 1000
    connections_per_address: Annotated[int, Field(gt=0)] = 50
    head_seconds: Annotated[float, Field(gt=0)] = 10.0

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None, **changes: Any) -> Self:
        """Read ``OCEANBENCH_WEB_TRUSTED_PROXIES`` and so on; fields given by the caller win.

        Raises
        ------
        ValueError
            If a variable has a value that is not allowed; the message names it.
        """
        given = os.environ if environment is None else environment
        said = {name: value for name in cls.model_fields if (value := given.get(f"{_PREFIX}{name.upper()}"))}
        try:
            return cls(**{**said, **changes})
        except ValidationError as error:
            first = error.errors()[0]
            name = f"{_PREFIX}{str(first['loc'][0]).upper()}"
            raise ValueError(f"{name}={first['input']!r} is not allowed: {first['msg']}") from None
