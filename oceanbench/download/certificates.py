"""Certificates of servers: checked always, but for the hosts that the user names."""

import os
import ssl
from collections.abc import Collection
from functools import cached_property

from oceanbench.download.errors import CandidateFailed

__all__ = ["VARIABLE", "Certificates", "accepted_hosts", "refusal"]

VARIABLE = "OCEANBENCH_ACCEPT_CERTIFICATES"

_REASONS = {  # verification codes of OpenSSL, x509_vfy.h
    9: "its certificate is not valid yet (or the clock of this machine is wrong)",
    10: "its certificate has expired",
    18: "its certificate is signed by itself only",
    19: "its certificate comes from an authority that this machine does not know",
    20: "its certificate comes from an authority that this machine does not know",
    21: "its certificate comes from an authority that this machine does not know",
    62: "its certificate is for another host",
    64: "its certificate is for another host",
}


def accepted_hosts(named: Collection[str] = ()) -> frozenset[str]:
    """Give the hosts whose certificate the user accepts unchecked: those named and those of the variable."""
    listed = os.environ.get(VARIABLE, "").split(",")
    return frozenset(host.strip().lower() for host in (*named, *listed) if host.strip())


class Certificates:
    """Decides how the certificate of a host is checked, and tells what is wrong with one.

    Parameters
    ----------
    accepted : collection of str
        Host names whose certificate is not checked. Anybody on the way can then read what is sent to that
        host, a password included, and change what it sends; a promised digest is still checked.
    """

    def __init__(self, accepted: Collection[str] = ()) -> None:
        self.accepted = frozenset(accepted)

    @cached_property
    def _strict(self) -> ssl.SSLContext:
        return ssl.create_default_context()

    @cached_property
    def _blind(self) -> ssl.SSLContext:
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        return context

    def is_accepted(self, host: str) -> bool:
        """Whether the user accepts the certificate of this host unchecked."""
        return host.lower() in self.accepted

    def context(self, host: str) -> ssl.SSLContext:
        """Give what a connection to this host is secured with."""
        return self._blind if self.is_accepted(host) else self._strict


def refusal(host: str, error: ssl.SSLCertVerificationError) -> CandidateFailed:
    """Tell what is wrong with a certificate, and the way to accept it for that host only."""
    reason = _REASONS.get(error.verify_code, f"its certificate is not valid: {error.verify_message}")
    hint = "; SSL_CERT_FILE names a file of further authorities" if error.verify_code in (19, 20, 21) else ""
    cure = (
        f"If you trust {host} all the same, accept its certificate, for this host only: "
        f"--accept-certificate {host} (or {VARIABLE}={host})"
    )
    return CandidateFailed(f"{reason}{hint}", cure)
