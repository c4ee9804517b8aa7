"""How often and how much the public page may be asked, and how it says that it was too much."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from page_house import PageHouse, store_in
from starlette.requests import Request

from callout.clock import HandClock
from storage.database import SqliteStore
from storage.errors import Busy
from storage.records.mail import Purpose
from storage.records.ticket import Signing
from web import forms
from web.app import public_app
from web.limits import CLIENTS, Gate, Limits, Rate, client_of

NARROW = Limits(client=Rate(10, 1), everybody=Rate(30, 5))


@pytest.fixture
async def narrow(tmp_path: Path, clock: HandClock) -> AsyncIterator[PageHouse]:
    """The house with narrow limits."""
    store = store_in(tmp_path, clock)
    async with store.open():
        place = PageHouse(store, clock, NARROW)
        await place.open()
        yield place
        await place.close()


async def test_who_asks_too_often_waits_a_moment_and_then_goes_on(narrow: PageHouse) -> None:
    path = await narrow.link(Purpose.STATUS, await narrow.reported())
    codes = [(await narrow.get(path)).status_code for _ in range(12)]
    assert codes == [200] * 10 + [429] * 2
    kind = await narrow.get(path)
    assert "One moment, please" in kind.text and kind.headers["retry-after"] == "30"
    assert "请稍候" in (await narrow.get(path, **{"accept-language": "zh-CN,zh;q=0.9"})).text
    narrow.clock.advance(2)
    assert (await narrow.get(path)).status_code == 200


async def test_a_press_over_the_limit_does_nothing(narrow: PageHouse) -> None:
    ticket = await narrow.completed()
    path = await narrow.link(Purpose.SIGN, ticket)
    form = {**await narrow.hidden(path), "action": "sign"}
    for _ in range(10):
        await narrow.get(path)
    assert (await narrow.send(path, form)).status_code == 429
    assert (await narrow.signoff(ticket)).status is Signing.REQUESTED


async def test_guessing_is_over_sooner_than_looking(narrow: PageHouse) -> None:
    codes = [(await narrow.get("/t/" + "a" * 26)).status_code for _ in range(4)]
    assert codes == [404, 404, 429, 429]


async def test_one_who_asks_too_often_does_not_stand_in_the_way_of_others(narrow: PageHouse) -> None:
    path = await narrow.link(Purpose.STATUS, await narrow.reported())
    for _ in range(200):
        await narrow.get(path, **{"x-forwarded-for": "198.51.100.7"})
    assert (await narrow.get(path, **{"x-forwarded-for": "198.51.100.7"})).status_code == 429
    assert (await narrow.get(path, **{"x-forwarded-for": "203.0.113.9"})).status_code == 200


async def test_all_together_stay_under_one_limit(narrow: PageHouse) -> None:
    path = await narrow.link(Purpose.STATUS, await narrow.reported())
    codes = [
        (await narrow.get(path, **{"x-forwarded-for": f"198.51.100.{number}"})).status_code
        for number in range(40)
    ]
    assert codes == [200] * 30 + [429] * 10


def asked(peer: str | None, forwarded: str = "") -> Request:
    headers = [(b"x-forwarded-for", forwarded.encode())] if forwarded else []
    return Request({"type": "http", "headers": headers, "client": (peer, 1) if peer else None})


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("198.51.100.7", "", "198.51.100.7"),
        (
            "198.51.100.7",
            "203.0.113.9",
            "198.51.100.7",
        ),  # anybody can write that header: only a proxy is believed
        ("127.0.0.1", "203.0.113.9", "203.0.113.9"),
        ("127.0.0.1", "1.2.3.4, 203.0.113.9", "203.0.113.9"),  # the last one was added by our own proxy
        ("::1", "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("::ffff:198.51.100.7", "", "198.51.100.7"),
        ("127.0.0.1", "203.0.113.9:4711", "203.0.113.9"),
        ("127.0.0.1", "[2001:db8:1:2:3:4:5:6]:4711", "2001:db8:1:2::"),
        ("127.0.0.1", "[2001:db8:1:2:3:4:5:6]", "2001:db8:1:2::"),
        ("127.0.0.1", "nonsense", "?"),
        ("127.0.0.1", "[:1]", "?"),
        ("127.0.0.1", "", "127.0.0.1"),
        (None, "", "?"),
    ],
)
def test_whose_request_it_is(peer: str | None, forwarded: str, client: str) -> None:
    assert client_of(asked(peer, forwarded), Limits().proxies) == client


def test_no_more_clients_are_remembered_than_fit() -> None:
    gate = Gate(Limits(everybody=Rate(1e9, 1e9)), clock=HandClock().monotonic)
    for number in range(CLIENTS + 500):
        assert gate.admits(f"client {number}")
    assert len(gate.clients) == CLIENTS


# --- bodies ------------------------------------------------------------------------------------------------------


async def test_a_body_over_64_kb_is_refused_and_changes_nothing(house: PageHouse) -> None:
    ticket = await house.completed()
    path = await house.link(Purpose.SIGN, ticket)
    form = {**await house.hidden(path), "action": "dispute"}
    big = await house.send(path, {**form, "reason": "x" * (64 << 10)})
    assert big.status_code == 413 and "too long" in big.text
    assert (await house.signoff(ticket)).status is Signing.REQUESTED
    fits = await house.send(path, {**form, "reason": "x" * (60 << 10)})
    assert fits.status_code == 303
    assert len((await house.signoff(ticket)).reason or "") == forms.TEXT


@pytest.mark.parametrize("kind", ["multipart/form-data; boundary=x", "application/json", "text/plain", ""])
async def test_only_a_plain_form_is_read(house: PageHouse, kind: str) -> None:
    ticket = await house.completed()
    path = await house.link(Purpose.SIGN, ticket)
    nonce = (await house.hidden(path))["nonce"]
    body = f"action=sign&nonce={nonce}".encode()
    answer = await house.browser.post(path, content=body, headers={"content-type": kind})
    assert answer.status_code == 409
    assert (await house.signoff(ticket)).status is Signing.REQUESTED


def test_a_form_is_read_without_trust() -> None:
    form = forms.parse(b"a=1&a=2&b=x%00y%e2%80%aez%0d%0aw&c=%ff&d=%ed%a0%80&e")
    assert form.word("a") == "1"
    assert form.text("b") == "xyz\nw"
    assert form.text("c") == "\ufffd"
    assert form.text("d").encode()
    assert form.text("e") == form.text("missing") == ""
    assert forms.parse(b"&".join(b"f%d=1" % number for number in range(1000))).fields == {}


async def test_an_archive_that_is_held_by_another_asks_for_patience(house: PageHouse) -> None:
    path = await house.link(Purpose.STATUS, await house.reported())

    class Held(SqliteStore):
        """A store whose database somebody else holds."""

        async def read(self, *_args: Any, **_kwargs: Any) -> Any:
            raise Busy("held")

    held = Held(house.store.path, house.clock.now)
    transport = httpx.ASGITransport(public_app(held))
    async with httpx.AsyncClient(transport=transport, base_url="https://lift.example") as browser:
        answer = await browser.get(path)
    assert answer.status_code == 503 and "busy just now" in answer.text and answer.headers["retry-after"]
