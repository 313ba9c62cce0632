"""Which source opens which address, and with which login."""

from collections.abc import Collection
from functools import cached_property
from urllib.parse import urlsplit

from oceanbench.download.artefact import Candidate
from oceanbench.download.certificates import Certificates, accepted_hosts
from oceanbench.download.credentials import Login, find_login, netrc_path, sent_in_clear
from oceanbench.download.errors import CandidateFailed
from oceanbench.download.patience import Patience
from oceanbench.download.stopping import Stop
from oceanbench.download.streams import Source

__all__ = ["Sources", "login_for"]


class Sources:
    """The sources of one run; they are made when they are first needed.

    Parameters
    ----------
    accept_certificates_of : collection of str
        Hosts whose certificate is not checked, beside those of ``OCEANBENCH_ACCEPT_CERTIFICATES``.
    patience : Patience
        How long is waited.
    stop : Stop
        Breaks off what is waited for.
    """

    def __init__(self, accept_certificates_of: Collection[str], patience: Patience, stop: Stop) -> None:
        self._certificates = Certificates(accepted_hosts(accept_certificates_of))
        self._patience = patience
        self._stop = stop

    def of(self, candidate: Candidate) -> Source:
        """Give the source that opens a candidate."""
        return self._http if _is_http(candidate) else self._anywhere

    @cached_property
    def _http(self) -> Source:
        from oceanbench.download.http import HttpSource

        return HttpSource(self._certificates, self._patience, self._stop)

    @cached_property
    def _anywhere(self) -> Source:
        from oceanbench.download.anywhere import FileSource

        return FileSource(self._patience, self._stop)


def _is_http(candidate: Candidate) -> bool:
    return candidate.url.lower().startswith(("http://", "https://"))


def login_for(candidate: Candidate) -> Login | None:
    """Find the login of a candidate.

    Raises
    ------
    CandidateFailed
        If it asks for an account and none is given, what is given cannot be read, or would be sent in clear.
    """
    try:
        login = find_login(candidate.url, candidate.account)
    except ValueError as error:
        raise CandidateFailed(str(error), f"Mend the login of {candidate.source}.") from error
    if login is None and candidate.account is not None:
        raise _without_account(candidate)
    if login is not None and sent_in_clear(candidate.url):
        raise _in_clear(candidate)
    return login


def _in_clear(candidate: Candidate) -> CandidateFailed:
    return CandidateFailed(
        "its address begins with http:, by which the password would go unencrypted; it is not sent",
        f"Name an address of {candidate.source} that begins with https:, or one that needs no login.",
    )


def _without_account(candidate: Candidate) -> CandidateFailed:
    account = candidate.account
    assert account is not None
    host = urlsplit(candidate.url).hostname
    cure = (
        f"Register at {account.register}, then set {account.user_variable} and {account.password_variable}, "
        f"or put 'machine {host} login USER password PASSWORD' into {netrc_path()}."
    )
    return CandidateFailed(f"needs an account ({account.name}), and none is given", cure)
