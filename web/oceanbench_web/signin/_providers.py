"""Which providers there are: those whose names and secrets the environment holds."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from ipaddress import ip_address
from urllib.parse import urlsplit

__all__ = ["Provider", "providers"]

_PREFIX = "OCEANBENCH_"


@dataclass(frozen=True)
class Provider:
    """Where people have an account, and how they are asked about it.

    Attributes
    ----------
    id, title : str
        ``orcid``, ``ORCID``.
    client_id : str
        Under which the service is registered there.
    secret : str
        That goes with it.
    issuer : str
        Its address, which it puts into what it signs.
    authorise, token : str
        Addresses of the page that people are sent to, and of that which gives a token for a code.
    keys : str
        Address of its public keys; empty where it signs no identity (OpenID Connect).
    user : str
        Address that tells whose token it is; empty where the signed identity does.
    scope : str
        What is asked for: who somebody is, and nothing else.
    """

    id: str
    title: str
    client_id: str
    secret: str = field(repr=False)
    issuer: str
    authorise: str
    token: str
    keys: str
    user: str
    scope: str


def providers(environment: Mapping[str, str] | None = None) -> dict[str, Provider]:
    """Give the providers whose ``OCEANBENCH_ORCID_ID`` and ``…_SECRET`` (or ``GITHUB``) are set.

    ``OCEANBENCH_ORCID_URL`` and ``OCEANBENCH_GITHUB_URL`` name another place: the sandbox of ORCID, or a
    GitHub of one's own.

    Raises
    ------
    ValueError
        If a variable is missing or not allowed, or what speaks to providers is not installed.
    """
    given = os.environ if environment is None else environment
    found = {}
    for name, make in _KNOWN.items():
        client, secret = (given.get(f"{_PREFIX}{name}_{what}", "") for what in ("ID", "SECRET"))
        if not client and not secret:
            continue
        if not client or not secret:
            lacking = "ID" if secret else "SECRET"
            raise ValueError(f"{_PREFIX}{name}_{lacking} is not set, and its other half is; set both")
        provider = make(client, secret, _place(name, given))
        found[provider.id] = provider
    if found and find_spec("authlib") is None:
        raise ValueError("signing in through others needs Authlib: pip install 'oceanbench[signin]'")
    return found


def _place(name: str, given: Mapping[str, str]) -> str:
    url = given.get(f"{_PREFIX}{name}_URL", "").rstrip("/")
    if url and not _is_safe(url):
        raise ValueError(f"{_PREFIX}{name}_URL={url!r} is not allowed; give an https address")
    return url


def _is_safe(url: str) -> bool:
    parts = urlsplit(url)
    if parts.scheme == "https" and parts.hostname:
        return True
    try:
        return parts.scheme == "http" and ip_address(parts.hostname or "").is_loopback
    except ValueError:
        return False


def _orcid(client: str, secret: str, url: str) -> Provider:
    place = url or "https://orcid.org"
    return Provider(
        id="orcid",
        title="ORCID",
        client_id=client,
        secret=secret,
        issuer=place,
        authorise=f"{place}/oauth/authorize",
        token=f"{place}/oauth/token",
        keys=f"{place}/oauth/jwks",
        user="",
        scope="openid",
    )


def _github(client: str, secret: str, url: str) -> Provider:
    place = url or "https://github.com"
    return Provider(
        id="github",
        title="GitHub",
        client_id=client,
        secret=secret,
        issuer=place,
        authorise=f"{place}/login/oauth/authorize",
        token=f"{place}/login/oauth/access_token",
        keys="",
        user=f"{url}/api/v3/user" if url else "https://api.github.com/user",
        scope="read:user",
    )


_KNOWN: Mapping[str, Callable[[str, str, str], Provider]] = {"ORCID": _orcid, "GITHUB": _github}
