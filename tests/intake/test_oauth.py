"""How an access token is got, kept fresh, and how a refusal reads."""

import asyncio
import base64
import logging
from collections.abc import Callable
from urllib.parse import parse_qs

import httpx
import pytest

from callout.clock import HandClock
from dispatch.ports import Refused
from intake.mailbox import Broken
from intake.oauth import Tokens, refusal, xoauth2

SECRETS = ("client4711", "refresh4711", "newer4711", "access4711")


def tokens(
    answer: Callable[[httpx.Request], httpx.Response],
    clock: HandClock,
    endpoint: str = "https://login.example/token",
) -> Tokens:
    def client() -> httpx.AsyncClient:
        return httpx.AsyncClient(transport=httpx.MockTransport(answer))

    return Tokens(endpoint, "callout", "client4711", "refresh4711", clock, scope="imap", client=client)


async def test_a_token_is_asked_for_once_and_again_before_it_ends(clock: HandClock):
    asked: list[dict[str, list[str]]] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(parse_qs(request.content.decode()))
        newer = {"refresh_token": "newer4711"} if len(asked) == 1 else {}
        return httpx.Response(
            200, json={"access_token": f"access4711-{len(asked)}", "expires_in": 3600, **newer}
        )

    grant = tokens(answer, clock)
    assert set(await asyncio.gather(*(grant.access() for _ in range(5)))) == {"access4711-1"}
    clock.advance(3299)
    assert await grant.access() == "access4711-1"
    clock.advance(2)
    assert await grant.access() == "access4711-2"
    assert [form["refresh_token"] for form in asked] == [["refresh4711"], ["newer4711"]]
    assert asked[0]["client_secret"] == ["client4711"]
    assert asked[0]["scope"] == ["imap"]
    grant.forget()
    assert await grant.access() == "access4711-3"


@pytest.mark.parametrize("life", [None, "soon", 60, "60"])
async def test_a_life_that_is_short_or_not_told_is_no_trouble(clock: HandClock, life: object):
    count = 0

    def answer(_: httpx.Request) -> httpx.Response:
        nonlocal count
        count += 1
        return httpx.Response(200, json={"access_token": f"t{count}", "expires_in": life})

    grant = tokens(answer, clock)
    assert await grant.access() == "t1"
    clock.advance(29)
    assert await grant.access() == "t1"


@pytest.mark.parametrize(
    ("status", "body", "sentence"),
    [
        (
            400,
            {"error": "invalid_grant"},
            "the refresh token is no longer good: grant access again.*invalid_grant",
        ),
        (401, {"error": "invalid_client"}, "client id or client secret are wrong.*invalid_client"),
        (401, "no json", "check its settings .status 401."),
        (400, {"error": "refresh4711 is <bad>"}, "status 400"),
        (302, {}, "status 302"),
        (200, {"token": "?"}, "gives no access token"),
        (200, {"access_token": "a\r\nb"}, "gives no access token"),
    ],
)
async def test_a_refusal_is_one_sentence_without_secrets(
    clock: HandClock, status: int, body: object, sentence: str, caplog: pytest.LogCaptureFixture
):
    caplog.set_level(logging.DEBUG, logger="intake")
    with pytest.raises(Refused, match=sentence) as refused:
        await tokens(lambda _: httpx.Response(status, json=body), clock).access()
    assert not any(secret in str(refused.value) for secret in SECRETS)
    assert "login.example" in str(refused.value)


async def test_an_endpoint_that_is_away_is_asked_again_later(clock: HandClock):
    def away(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("nobody", request=request)

    for answer in (away, lambda _: httpx.Response(503), lambda _: httpx.Response(429)):
        with pytest.raises(Broken, match=r"login\.example"):
            await tokens(answer, clock).access()


@pytest.mark.parametrize("endpoint", ["http://login.example/token", "ftp://x/", "token", "http://[", ""])
def test_secrets_go_to_https_only(clock: HandClock, endpoint: str):
    with pytest.raises(Refused):
        tokens(lambda _: httpx.Response(500), clock, endpoint)
    tokens(lambda _: httpx.Response(500), clock, "http://127.0.0.1:8080/token")


def test_what_is_said_to_the_server_and_what_it_says():
    assert base64.b64decode(xoauth2("a@b.c", "tok")) == b"user=a@b.c\x01auth=Bearer tok\x01\x01"
    assert refusal(base64.b64encode(b'{"status":"400","schemes":"Bearer"}')) == "status 400"
    for odd in (
        b"",
        b"!",
        b"====",
        base64.b64encode(b"[1]"),
        base64.b64encode(b"\xff"),
        b"W" * 9000,
        b"\xff\xfe",
    ):
        assert refusal(odd) == ""
