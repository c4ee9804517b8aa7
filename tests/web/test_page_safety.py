"""What the public page never does: change anything when it is looked at, open to a guess, or run what people wrote."""

import base64
import hashlib
import random
import re
import time

import pytest
from page_house import PageHouse

from dispatch import closing, links
from dispatch.errors import Refusal
from storage.records.mail import Purpose
from storage.records.ticket import Signing
from storage.unit import UnitOfWork

LETTERS = "abcdefghijklmnopqrstuvwxyz234567"


async def pages(house: PageHouse) -> dict[Purpose, str]:
    """A page of each purpose that waits for a press (the job's is another ticket's)."""
    signed = await house.signed()
    rate = await house.link(Purpose.RATE, signed)
    waiting = await house.completed()
    sign, status = await house.link(Purpose.SIGN, waiting), await house.link(Purpose.STATUS, waiting)
    job = await house.link(Purpose.JOB, await house.offered(), "ana")
    return {Purpose.STATUS: status, Purpose.SIGN: sign, Purpose.RATE: rate, Purpose.JOB: job}


# --- looking -----------------------------------------------------------------------------------------------------


async def test_a_thousand_looks_change_nothing(house: PageHouse) -> None:
    paths = list((await pages(house)).values())
    before = house.dump()
    for number in range(1000):
        path = paths[number % len(paths)]
        method = ("GET", "HEAD", "OPTIONS")[number % 3]
        query = ("", "?action=sign&grade=1", "?said=signed", "?lang=zh")[number % 4]
        answer = await house.browser.request(method, path + query)
        assert answer.status_code == (405 if method == "OPTIONS" else 200)
    assert house.dump() == before


async def test_other_methods_are_refused_and_change_nothing(house: PageHouse) -> None:
    path = (await pages(house))[Purpose.SIGN]
    form = {**await house.hidden(path), "action": "sign"}
    before = house.dump()
    for method in ("PUT", "PATCH", "DELETE", "TRACE", "OPTIONS"):
        answer = await house.browser.request(method, path, data=form)
        assert answer.status_code == 405 and answer.headers["allow"] == "GET, HEAD, POST"
    assert house.dump() == before


@pytest.mark.parametrize("nonce", [None, "", "a" * 16, "short", "é", "x" * 5000])
async def test_a_form_that_was_not_shown_does_nothing(house: PageHouse, nonce: str | None) -> None:
    path = (await pages(house))[Purpose.SIGN]
    form = {"action": "sign"} if nonce is None else {"action": "sign", "nonce": nonce}
    before = house.dump()
    refused = await house.send(path, form)
    assert refused.status_code == 409 and "this press changed nothing" in refused.text
    assert house.dump() == before


async def test_the_nonce_of_one_page_is_none_for_another(house: PageHouse) -> None:
    shown = await pages(house)
    foreign = (await house.hidden(shown[Purpose.RATE]))["nonce"]
    before = house.dump()
    assert (await house.send(shown[Purpose.SIGN], {"action": "sign", "nonce": foreign})).status_code == 409
    assert house.dump() == before


async def test_a_link_is_for_one_purpose(house: PageHouse) -> None:
    shown = await pages(house)
    nonces = {
        purpose: await house.ask(links.nonce, path.removeprefix("/t/")) for purpose, path in shown.items()
    }
    theirs = {
        Purpose.SIGN: ("sign", "dispute", "go_rate"),
        Purpose.RATE: ("rate", "comment"),
        Purpose.JOB: ("accept", "decline", "depart", "arrive", "remote", "resume", "complete"),
    }
    before = house.dump()
    for purpose, path in shown.items():
        for actions in (names for whose, names in theirs.items() if whose is not purpose):
            for action in (*actions, "", "delete", "act"):
                form = {
                    "nonce": nonces[purpose],
                    "action": action,
                    "grade": "5",
                    "reason": "x",
                    "version": "1",
                }
                assert (await house.send(path, form)).status_code == 409
    assert house.dump() == before


# --- guessing ----------------------------------------------------------------------------------------------------


def _guesses(unit: UnitOfWork, genuine: str, most: int) -> int:
    """How many of so many guesses hit something: random ones, and near misses of a genuine token."""
    chance = random.Random(11)
    hits = 0
    for number in range(most):
        guess = "".join(chance.choice(LETTERS) for _ in range(26))
        if number % 2:
            place = chance.randrange(26)
            guess = genuine[:place] + chance.choice(LETTERS) + genuine[place + 1 :]
        if guess == genuine:
            continue
        try:
            links.follow(unit, guess)
        except Refusal as refusal:
            assert refusal.key == "bad_link"
        else:
            hits += 1
    return hits


@pytest.mark.timeout(300)
async def test_a_hundred_thousand_guesses_hit_nothing(house: PageHouse) -> None:
    genuine = (await pages(house))[Purpose.SIGN].removeprefix("/t/")
    assert await house.ask(_guesses, genuine, 100_000) == 0


async def test_unknown_expired_and_malformed_links_are_all_the_same_page(house: PageHouse) -> None:
    expired = await house.link(Purpose.STATUS, await house.reported())
    house.clock.advance(links.LIFETIME)
    odd = ("%00", "a" * 25, "a" * 27, "A" * 26, "é" * 26, "..%2f..%2fetc", "%ff%fe", "'or'1'='1", "a" * 5000)
    nowhere = ("/", "/t/", "/t", "/t/a/b", "/admin", "/static/page.css", "/T/" + "a" * 26)
    paths = [expired, "/t/" + "a" * 26, *(f"/t/{token}" for token in odd), *nowhere]
    before = house.dump()
    seen = set()
    for path in paths:
        for method in ("GET", "POST"):
            answer = await house.browser.request(method, path, data={"nonce": "a" * 16, "action": "sign"})
            assert answer.status_code == 404, path
            seen.add((answer.text, *sorted(answer.headers.items())))
    assert len(seen) == 1
    assert house.dump() == before


async def test_some_hundred_guesses_over_http_hit_nothing_and_all_take_as_long(house: PageHouse) -> None:
    expired = await house.link(Purpose.STATUS, await house.reported())
    house.clock.advance(links.LIFETIME)
    chance = random.Random(5)
    took: dict[str, list[float]] = {"unknown": [], "expired": []}
    for number in range(400):
        kind = ("unknown", "expired")[number % 2]
        guess = expired if kind == "expired" else "/t/" + "".join(chance.choice(LETTERS) for _ in range(26))
        begun = time.perf_counter()
        assert (await house.get(guess)).status_code == 404
        took[kind].append(time.perf_counter() - begun)
    medians = [sorted(times)[len(times) // 2] for times in took.values()]
    assert max(medians) < 2 * min(medians)


# --- what every answer carries -----------------------------------------------------------------------------------


async def test_every_answer_is_kept_from_caches_frames_robots_and_other_sites(house: PageHouse) -> None:
    path = (await pages(house))[Purpose.SIGN]
    form = {**await house.hidden(path), "action": "sign"}
    answers = [
        await house.get(path),
        await house.browser.head(path),
        await house.get("/t/" + "a" * 26),
        await house.get("/elsewhere"),
        await house.browser.options(path),
        await house.send(path, {**form, "nonce": ""}),
        await house.browser.post(path, content=b"x" * 70_000),
        await house.send(path, form),
    ]
    assert [answer.status_code for answer in answers] == [200, 200, 404, 404, 405, 409, 413, 303]
    for answer in answers:
        headers = answer.headers
        assert headers["cache-control"] == "no-store"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["x-content-type-options"] == "nosniff"
        assert "noindex" in headers["x-robots-tag"]
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert "set-cookie" not in headers


async def test_the_style_is_allowed_by_its_hash_alone(house: PageHouse) -> None:
    answer = await house.get("/nowhere")
    style = re.search(r"<style>(.*?)</style>", answer.text, re.DOTALL)
    assert style
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in answer.headers["content-security-policy"]
    assert "unsafe" not in answer.headers["content-security-policy"]


async def test_a_broken_archive_is_said_kindly_and_tells_nothing(house: PageHouse) -> None:
    path = await house.link(Purpose.STATUS, await house.reported())
    await house.do(lambda unit: unit.connection.exec_driver_sql("ALTER TABLE visits RENAME TO secret"))
    answer = await house.get(path)
    assert answer.status_code == 500 and "fault of ours" in answer.text and "secret" not in answer.text
    assert answer.headers["cache-control"] == "no-store"


async def test_neither_tokens_nor_words_are_in_the_log(house: PageHouse) -> None:
    ticket = await house.completed()
    path = await house.link(Purpose.SIGN, ticket)
    await house.press(path, "dispute", reason="")
    await house.press(path, "<b>evil</b>")
    await house.press(path, "dispute", reason="It squeaks")
    assert [event for event, _ in house.noted] == ["page.refused", "page.refused", "page.done"]
    told = repr(house.noted)
    assert path.removeprefix("/t/") not in told and "squeaks" not in told and "evil" not in told
    assert house.noted[-1][1] == {"purpose": "sign", "ticket": ticket.id, "action": "dispute"}


async def test_a_clerk_who_is_the_customer_signs_as_the_customer(house: PageHouse) -> None:
    """A link that names a clerk is no scan: only the customer of the ticket may sign by the page."""
    ticket = await house.completed()
    path = await house.link(Purpose.SIGN, ticket, "otto")
    nonce = await house.ask(links.nonce, path.removeprefix("/t/"))
    assert (await house.send(path, {"nonce": nonce, "action": "sign"})).status_code == 404
    assert (await house.signoff(ticket)).status is Signing.REQUESTED
    with pytest.raises(Refusal, match="scan_needed"):
        await house.do(closing.confirm, ticket.id, house.otto, "page", "")
