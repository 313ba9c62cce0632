"""Accounts: from the environment or ``.netrc``, and never into a message."""

import os
import re
import sys
from dataclasses import dataclass, field
from netrc import NetrcParseError, netrc
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit, urlunsplit

__all__ = ["Account", "Login", "find_login", "netrc_path", "redacted", "scrubbed"]

_USER_IN_URL = re.compile(r"(?<=://)[^/\s'\"]*@")
_QUERY_IN_URL = re.compile(r"(://[^\s'\"?]*)\?[^\s'\"]*")


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
    everybody.

    Raises
    ------
    ValueError
        If only one of the two variables is set, or ``.netrc`` cannot be read.
    """
    parts = urlsplit(url)
    if parts.username is not None and parts.password is not None:
        return Login(unquote(parts.username), unquote(parts.password))
    if account is not None and (login := _from_environment(account)) is not None:
        return login
    return _from_netrc(parts.hostname) if parts.hostname else None


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
    """Give a URL without user, password, query and fragment; a plain path stays as it is."""
    if "://" not in url:
        return url
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


def redacted(text: str, login: Login | None) -> str:
    """Give a message without the password, and without what may hide in its URLs."""
    text = _QUERY_IN_URL.sub(r"\1", _USER_IN_URL.sub("", text))
    for secret in (login.password, quote(login.password, safe="")) if login is not None else ():
        text = text.replace(secret, "***")
    return text
