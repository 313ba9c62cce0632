"""Signing in with an account elsewhere: ORCID and GitHub, where the service is registered with them."""

from oceanbench_web.signin._flow import Pending, Person, begin, finish
from oceanbench_web.signin._providers import Provider, providers

__all__ = ["Pending", "Person", "Provider", "begin", "finish", "providers"]
