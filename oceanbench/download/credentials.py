"""Accounts: from the environment or ``.netrc``, and never into a message."""

import os
import re
import sys
from dataclasses import dataclass, field
from netrc import NetrcParseError, netrc
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit, urlunsplit

__all__ = ["Account", "Login", "find_login", "netrc_path", "redacted", "scrubbed", "sent_in_clear"]

_USER_IN_URL = re.compile(r"(?<=://)[^/\s'\"]*@")
_QUERY_IN_URL = re.compile(r"(://[^\s'\"?]*)\?[^\s'\"]*")
_LINK = re.compile(r"::(?=[A-Za-z][A-Za-z0-9+.-]*://)")  # of a chain; in [::1] no address follows
_THIS_MACHINE = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True)
class Account:
    """An account that a place asks for: its name, the page to register, and the variables that hold it."""

    name: str
    register: str
    user_variable: str
    password_variable: str


@dataclass(frozen=True)
class Login:
    """A user and a password, which is never printed."""

    user: str = field(repr=False)
    password: str = field(repr=False)


def find_login(url: str, account: Account | None) -> Login | None:
    """Find the login for a URL: in the URL itself, in the account's variables, else in ``.netrc``.

    Only the entry of that very host counts; the ``default`` entry of a ``.netrc`` would hand one password to
    everybody. Where a login would be sent in clear, ``.netrc`` is read only for an account that is asked for.
    A user without a password, as a token in a URL, has an empty one, or that of the entry with this user.

    Raises
    ------
    ValueError
        If only one of the two variables is set, or ``.netrc`` cannot be read.
    """
    parts = urlsplit(_server_of(url))
    if parts.username and parts.password is None:
        return _of_user(unquote(parts.username), url)
    if parts.username is not None and parts.password is not None:
        return Login(unquote(parts.username), unquote(parts.password))
    if account is not None and (login := _from_environment(account)) is not None:
        return login
    if account is None and sent_in_clear(url):
        return None
    return _from_netrc(parts.hostname) if parts.hostname else None


def _server_of(url: str) -> str:
    """Give the last URL of a chain such as ``simplecache::https://host/x``: the one that is asked."""
    return _LINK.split(url)[-1]


def _of_user(user: str, url: str) -> Login:
    host = urlsplit(_server_of(url)).hostname
    known = None if host is None or sent_in_clear(url) else _from_netrc(host)
    return known if known is not None and known.user == user else Login(user, "")


def sent_in_clear(url: str) -> bool:
    """Whether everybody on the way could read a login for this URL: http, unless it stays on this machine."""
    parts = urlsplit(_server_of(url))
    return parts.scheme == "http" and parts.hostname not in _THIS_MACHINE


def _from_environment(account: Account) -> Login | None:
    variables = account.user_variable, account.password_variable
    user, password = (os.environ.get(variable) or None for variable in variables)
    if user is not None and password is not None:
        return Login(user, password)
    if user is None and password is None:
        return None
    missing = variables[0] if user is None else variables[1]
    raise ValueError(f"the variable {missing} is not set, though its companion is; set both")


def netrc_path() -> Path:
    """Give the file of logins: what ``NETRC`` names, else ``.netrc`` in the home folder."""
    named = os.environ.get("NETRC")
    return Path(named) if named else Path.home() / ("_netrc" if sys.platform == "win32" else ".netrc")


def _from_netrc(host: str) -> Login | None:
    path = netrc_path()
    if not path.exists() and not os.environ.get("NETRC"):
        return None
    try:
        entry = netrc(path).hosts.get(host)
    except NetrcParseError as error:  # its text may quote a password, so it is not chained
        raise ValueError(
            f"{path} is not a .netrc file: line {error.lineno} cannot be read; mend it"
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError(f"{path} cannot be read ({type(error).__name__}); mend it or unset NETRC") from None
    return None if entry is None or not entry[2] else Login(entry[0], entry[2])


def scrubbed(url: str) -> str:
    """Give a URL, or those of a chain, without user, password, query and fragment; a path stays as it is."""
    return "::".join(_scrubbed_link(link) for link in _LINK.split(url))


def _scrubbed_link(url: str) -> str:
    if "://" not in url:
        return url
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


def redacted(text: str, login: Login | None) -> str:
    """Give a message without the password, and without what may hide in its URLs.

    Where the password is empty the user is the secret: it is a token.
    """
    text = _QUERY_IN_URL.sub(r"\1", _USER_IN_URL.sub("", text))
    secret = "" if login is None else login.password or login.user
    for spelling in (secret, quote(secret, safe="")) if secret else ():
        text = text.replace(spelling, "***")
    return text
