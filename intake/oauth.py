"""XOAUTH2: access tokens from the provider's token endpoint, fresh before they expire, for IMAP and for SMTP."""

import asyncio
import base64
import binascii
import json
import re
from collections.abc import Callable
from typing import Any

import httpx

from dispatch.ports import Clock, Refused
from intake.mailbox import Broken, on_loopback

AHEAD = 300.0  # seconds before its end at which a token is no longer used
LIFE = 3600.0  # seconds, when the endpoint does not say (RFC 6749 5.1 only recommends it)
PATIENCE = 20.0  # seconds for one question
# The endpoint's word for why (RFC 6749 5.2); its description may hold anything and is not repeated.
WORD = re.compile(r"[a-z][a-z_]{1,40}\Z")
ADVICE = {
    "invalid_grant": "the refresh token is no longer good: grant access again and set the new refresh token",
    "invalid_client": "client id or client secret are wrong: check both",
    "unauthorized_client": "this client may not use refresh tokens: check its registration",
    "invalid_scope": "the scope is not allowed: check it",
}


class Tokens:
    """Access tokens of one mailbox. A refresh token that the endpoint exchanges for a newer one is remembered
    until the process ends; providers keep the one of the settings good beside it."""

    def __init__(
        self,
        endpoint: str,
        client_id: str,
        client_secret: str,
        refresh_token: str,
        clock: Clock,
        *,
        scope: str = "",
        client: Callable[[], httpx.AsyncClient] = lambda: httpx.AsyncClient(timeout=PATIENCE),
    ) -> None:
        """Refused: the endpoint is not https, and not on this machine itself."""
        self.url = _endpoint(endpoint)
        self._identity = {"client_id": client_id, "client_secret": client_secret}
        self._refresh = refresh_token
        self._scope = scope
        self._clock = clock
        self._client = client
        self._token = ""
        self._until = 0.0  # seconds of the monotonic clock
        self._lock = asyncio.Lock()

    async def access(self) -> str:
        """A token that is good for some minutes. Refused: a sentence for the operator; Broken: ask later."""
        async with self._lock:
            if not self._token or self._clock.monotonic() >= self._until:
                await self._renew()
            return self._token

    def forget(self) -> None:
        """The server did not take the token: the next one is a fresh one."""
        self._token = ""

    async def _renew(self) -> None:
        answer = await self._ask()
        said = _read(answer)
        if answer.status_code >= 500 or answer.status_code == 429:
            raise Broken(f"the token endpoint at {self.url.host} answers {answer.status_code}")
        if answer.status_code != 200:
            raise Refused(self._refusal(answer.status_code, said))
        token, newer, life = said.get("access_token"), said.get("refresh_token"), said.get("expires_in")
        if not isinstance(token, str) or not token or not token.isascii() or not token.isprintable():
            raise Refused(f"The token endpoint at {self.url.host} gives no access token: check its address")
        if isinstance(newer, str) and newer:
            self._refresh = newer
        seconds = _seconds(life)
        self._token = token
        self._until = self._clock.monotonic() + max(seconds - AHEAD, seconds / 2)

    async def _ask(self) -> httpx.Response:
        form = {"grant_type": "refresh_token", "refresh_token": self._refresh, **self._identity}
        if not form["client_secret"]:
            del form["client_secret"]  # a public client has none (RFC 6749 2.1)
        if self._scope:
            form["scope"] = self._scope
        try:
            async with asyncio.timeout(PATIENCE + 5), self._client() as client:
                return await client.post(self.url, data=form, headers={"Accept": "application/json"})
        except (httpx.HTTPError, TimeoutError) as error:
            msg = f"the token endpoint at {self.url.host} cannot be reached ({type(error).__name__})"
            raise Broken(msg) from None

    def _refusal(self, status: int, said: dict[str, Any]) -> str:
        word = str(said.get("error", ""))
        word = word if WORD.match(word) else f"status {status}"
        return f"The token endpoint at {self.url.host} refuses us: {ADVICE.get(word, 'check its settings')} ({word})"


def _endpoint(address: str) -> httpx.URL:
    try:
        url = httpx.URL(address)
    except httpx.InvalidURL as error:
        raise Refused("The address of the token endpoint is no address") from error
    if url.scheme != "https" and not (url.scheme == "http" and on_loopback(url.host)):
        raise Refused(f"The token endpoint at {url.host or address!r} must be reached by https")
    return url


def _read(answer: httpx.Response) -> dict[str, Any]:
    try:
        said = answer.json()
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


def _seconds(life: object) -> float:
    try:
        return min(max(float(str(life)), 1.0), 86_400.0)
    except ValueError:
        return LIFE


def xoauth2(user: str, token: str) -> str:
    """The SASL answer of XOAUTH2, in base64, for AUTHENTICATE of IMAP and AUTH of SMTP alike."""
    return base64.b64encode(f"user={user}\x01auth=Bearer {token}\x01\x01".encode()).decode("ascii")


def refusal(challenge: bytes) -> str:
    """What a server's base64 JSON says about a token it did not take ("status 401"); empty when it says nothing
    we can read. Never raises."""
    try:
        said = json.loads(base64.b64decode(challenge[:4000], validate=False))
    except (ValueError, binascii.Error, RecursionError):
        return ""
    status = str(said.get("status", "")) if isinstance(said, dict) else ""
    return f"status {status}" if status.isdigit() and len(status) == 3 else ""
