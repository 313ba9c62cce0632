"""Refuse to face other people with insecure settings."""

import os
import stat
from collections.abc import Iterator, Mapping
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy import make_url

from oceanbench_leaderboard.settings import Settings
from oceanbench_web.errors import InsecureSettings
from oceanbench_web.settings import WebSettings

__all__ = ["check_production"]

_KEY_LENGTH = 32
_KEY_LETTERS = 10


def check_production(
    settings: Settings, web: WebSettings | None = None, environment: Mapping[str, str] | None = None
) -> None:
    """Refuse insecure settings in production mode; in development mode nothing is asked.

    Parameters
    ----------
    settings : Settings
    web : WebSettings, optional
        Read from the environment if not given.
    environment : mapping, optional
        In place of that of the process.

    Raises
    ------
    InsecureSettings
        The message lists every reason, and what to do about it.
    """
    if settings.mode != "production":
        return
    given = os.environ if environment is None else environment
    web = web or WebSettings.from_environment(given)
    reasons = [
        *_about_the_key(settings.secret_key),
        *_about_the_address(settings.base_url),
        *_about_readable_files(settings),
        *_about_engines(settings),
        *_about_the_web(web),
        *_about_debugging(given),
    ]
    if reasons:
        listed = "".join(f"\n- {reason}" for reason in reasons)
        raise InsecureSettings(f"OCEANBENCH_MODE=production, but these settings are not safe:{listed}")


def _about_the_key(key: str) -> Iterator[str]:
    how = "give 48 random characters, for instance of: openssl rand -base64 36"
    if not key:
        yield f"OCEANBENCH_SECRET_KEY is not set; {how}"
    elif len(key) < _KEY_LENGTH or len(set(key)) < _KEY_LETTERS:
        yield (
            f"OCEANBENCH_SECRET_KEY has {len(key)} characters, {len(set(key))} of them different; "
            f"at least {_KEY_LENGTH} and {_KEY_LETTERS} are needed; {how}"
        )


def _about_the_address(base_url: str) -> Iterator[str]:
    address = urlsplit(base_url)
    if not base_url:
        yield "OCEANBENCH_BASE_URL is not set; give the https address under which people reach the service"
    elif address.scheme != "https" or not address.hostname:
        yield f"OCEANBENCH_BASE_URL={base_url} is no https address; tokens would travel in the clear"


def _about_readable_files(settings: Settings) -> Iterator[str]:
    for path in _own_paths(settings):
        if path.exists() and _open_to_others(path):
            mode = stat.filemode(path.stat().st_mode)
            yield f"{path} can be reached by every user of this machine ({mode}); run: chmod o-rwx {path}"


def _own_paths(settings: Settings) -> Iterator[Path]:
    yield settings.data
    for url in (settings.database_url, settings.queue_url):
        if url.startswith("sqlite"):
            database = make_url(url).database
            if database and database != ":memory:":
                yield Path(database)
    if "://" not in settings.store_url:
        yield Path(settings.store_url)


def _open_to_others(path: Path) -> bool:
    """Tell whether others may reach it: a closed folder above shuts off what lies in it."""
    shut = any(not above.stat().st_mode & stat.S_IXOTH for above in path.absolute().parents)
    return bool(path.stat().st_mode & stat.S_IRWXO) and not shut


def _about_engines(settings: Settings) -> Iterator[str]:
    for name, url in (("DATABASE_URL", settings.database_url), ("QUEUE_URL", settings.queue_url)):
        address = urlsplit(url)
        if address.hostname and not address.password and not _is_loopback(address.hostname):
            yield f"OCEANBENCH_{name} names {address.hostname} without a password; give one"
    if settings.store_url.startswith("http://"):
        yield "OCEANBENCH_STORE is an http address; uploads would travel in the clear"


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _about_the_web(web: WebSettings) -> Iterator[str]:
    if any(network.prefixlen == 0 for network in web.trusted_proxies):
        yield "OCEANBENCH_WEB_TRUSTED_PROXIES trusts every address; name those of the proxies"
    if web.metrics == "all":
        yield "OCEANBENCH_WEB_METRICS=all shows the metrics to everybody; choose loopback or admin"


def _about_debugging(environment: Mapping[str, str]) -> Iterator[str]:
    for name in ("OCEANBENCH_DEBUG", "PYTHONASYNCIODEBUG", "PYTHONDEVMODE"):
        if environment.get(name):
            yield f"{name} is set; unset it"
