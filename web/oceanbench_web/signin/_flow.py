"""The two halves of a sign-in through others: send somebody there, find out who came back.

Authorization code with proof of possession (OAuth 2.0, RFC 6749 and RFC 7636), and where the provider signs
who it is (OpenID Connect) its signature, issuer, audience, time and nonce.
"""

import hmac
from dataclasses import dataclass
from typing import Any, cast

import httpx
from pydantic import BaseModel, ConfigDict

from oceanbench_leaderboard.errors import Forbidden, Unauthorised
from oceanbench_web.signin._providers import Provider

__all__ = ["Pending", "Person", "begin", "finish"]

_TIMEOUT = 15.0  # seconds
_SLACK = 60  # seconds that clocks may differ
_LARGEST = 1 << 20  # bytes of an answer
_ALGORITHMS = ["RS256"]


class Pending(BaseModel):
    """What must be the same when somebody comes back.

    Attributes
    ----------
    provider, state, nonce, verifier : str
        ``state`` comes back in the address, ``nonce`` in what is signed, ``verifier`` goes with the code.
    wanted : str
        Page to show then.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    provider: str
    state: str
    nonce: str
    verifier: str
    wanted: str


@dataclass(frozen=True)
class Person:
    """Whom a provider has recognised: ``subject`` stays the same for ever, unlike ``name``."""

    subject: str
    name: str


def begin(provider: Provider, redirect: str, wanted: str) -> tuple[str, Pending]:
    """Give the address to send somebody to, and what to remember until they come back.

    Parameters
    ----------
    provider : Provider
    redirect : str
        Address of ours to which they come back, as it is registered there.
    wanted : str
        Path of the page to show then.
    """
    from authlib.common.security import generate_token
    from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
    from authlib.oauth2.rfc7636 import create_s256_code_challenge

    state, nonce, verifier = (generate_token(48) for _ in range(3))
    asked = {"nonce": nonce} if provider.keys else {}
    address = prepare_grant_uri(
        provider.authorise,
        client_id=provider.client_id,
        response_type="code",
        redirect_uri=redirect,
        scope=provider.scope,
        state=state,
        code_challenge=create_s256_code_challenge(verifier),
        code_challenge_method="S256",
        **asked,
    )
    pending = Pending(provider=provider.id, state=state, nonce=nonce, verifier=verifier, wanted=wanted)
    return str(address), pending


def finish(provider: Provider, pending: Pending, redirect: str, code: str, state: str) -> Person:
    """Find out who came back.

    Raises
    ------
    Forbidden
        If the answer is not to what was begun here.
    Unauthorised
        If the provider does not answer, or does not say who it is.
    """
    same = hmac.compare_digest(state.encode(), pending.state.encode())
    if pending.provider != provider.id or not same:
        raise Forbidden(
            f"this is no answer to a sign-in that began here; sign in with {provider.title} again"
        )
    try:
        with httpx.Client(timeout=_TIMEOUT, headers={"Accept": "application/json"}) as client:
            token = _token(client, provider, pending, redirect, code)
            return (
                _signed_person(client, provider, pending, token)
                if provider.keys
                else _asked_person(client, provider, token)
            )
    except (httpx.HTTPError, ValueError, TypeError, KeyError) as error:
        if isinstance(error, Unauthorised):
            raise
        raise Unauthorised(f"{provider.title} did not say who you are; try again later") from error


def _token(
    client: httpx.Client, provider: Provider, pending: Pending, redirect: str, code: str
) -> dict[str, Any]:
    asked = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": redirect,
        "client_id": provider.client_id,
        "client_secret": provider.secret,
        "code_verifier": pending.verifier,
    }
    content = _json(client.post(provider.token, data=asked))
    if "access_token" not in content:
        raise Unauthorised(f"{provider.title} gave no token for the code; sign in again")
    return content


def _json(answer: httpx.Response) -> dict[str, Any]:
    if answer.status_code >= 500:
        answer.raise_for_status()
    if len(answer.content) > _LARGEST:
        raise ValueError(f"an answer of {len(answer.content)} bytes")
    content = answer.json()
    if not isinstance(content, dict):
        raise TypeError("an answer that is no object")
    return content


def _signed_person(
    client: httpx.Client, provider: Provider, pending: Pending, token: dict[str, Any]
) -> Person:
    from authlib.oidc.core import CodeIDToken
    from joserfc import jwt
    from joserfc.errors import JoseError
    from joserfc.jwk import KeySet

    try:
        keys = KeySet.import_key_set(cast(Any, _json(client.get(provider.keys))))
        signed = jwt.decode(str(token["id_token"]), keys, algorithms=_ALGORITHMS)
        claims = CodeIDToken(
            signed.claims,
            signed.header,
            options={
                "iss": {"essential": True, "value": provider.issuer},
                "aud": {"essential": True, "value": provider.client_id},
            },
            params={"nonce": pending.nonce, "client_id": provider.client_id},
        )
        claims.validate(leeway=_SLACK)
    except JoseError as error:
        raise Unauthorised(f"what {provider.title} signed is not for this sign-in; sign in again") from error
    subject = str(claims["sub"])
    names = (claims.get("given_name"), claims.get("family_name"))
    said = token.get("name") or " ".join(str(name) for name in names if name)
    return Person(subject, str(said or subject))


def _asked_person(client: httpx.Client, provider: Provider, token: dict[str, Any]) -> Person:
    bearer = {"Authorization": f"Bearer {token['access_token']}"}
    answer = client.get(provider.user, headers=bearer)
    answer.raise_for_status()
    said = _json(answer)
    return Person(str(int(said["id"])), str(said.get("name") or said["login"]))
