"""The other end of the service: sends maps to it from any machine, and follows what becomes of them."""

from oceanbench_web.client._connection import Connection, Patience, Refused, Unreachable
from oceanbench_web.client._following import finished, follow
from oceanbench_web.client._sending import sha256_of, upload

__all__ = ["Connection", "Patience", "Refused", "Unreachable", "finished", "follow", "sha256_of", "upload"]
