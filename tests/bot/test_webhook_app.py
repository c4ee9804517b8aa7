"""The webhook's door: the secret before the body, the size before the content, 200 after the commit (G2, S19)."""

import asyncio
import json
from typing import Any

import httpx
import pytest

from bot.webhook import HEADER, LARGEST, PATH, webhook_app

TOKEN, SECRET = "7000001:SIM", "correct-horse-battery"
UPDATE = {"update_id": 77, "message": {"message_id": 1, "date": 1, "chat": {"id": 5, "type": "private"}}}


def door(archive: Any) -> httpx.AsyncClient:
    app = webhook_app(archive.store, TOKEN, SECRET)
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://callout")


async def rows(archive: Any) -> dict[str, int]:
    counts: dict[str, int] = await archive.ask(lambda unit: unit.inbox.counts())
    return counts


async def test_without_a_secret_there_is_no_door(archive):
    with pytest.raises(ValueError, match="webhook_secret"):
        webhook_app(archive.store, TOKEN, "")


@pytest.mark.parametrize(
    "headers", [{}, {HEADER: ""}, {HEADER: "wrong"}, {HEADER: SECRET + "x"}, {HEADER: "ÿ"}]
)
async def test_a_stranger_is_turned_away_before_his_body_is_read(archive, headers):
    read = 0

    async def body():
        nonlocal read
        for _ in range(100):
            read += 1
            yield b"x" * 65_536

    encoded = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
    async with door(archive) as client:
        answer = await client.post(PATH, headers=encoded, content=body())
    assert answer.status_code == 403 and "horse" not in answer.text
    assert await rows(archive) == {}
    assert read <= 1


async def test_too_much_is_refused_whether_it_says_so_or_not(archive):
    sent = 0

    async def endless():
        nonlocal sent
        for _ in range(1000):
            sent += 65_536
            yield b" " * 65_536

    async with door(archive) as client:
        honest = await client.post(PATH, headers={HEADER: SECRET}, content=b" " * (LARGEST + 1))
        silent = await client.post(PATH, headers={HEADER: SECRET}, content=endless())
        lying = await client.post(PATH, headers={HEADER: SECRET, "Content-Length": "-5"}, content=b"{}")
    assert [honest.status_code, silent.status_code, lying.status_code] == [413, 413, 413]
    assert await rows(archive) == {}


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[1, 2]", b"null", b'{"update_id": "x"}', b"\xff\xfe", b"[" * 100_000]
)
async def test_what_is_no_update_is_refused(archive, content):
    async with door(archive) as client:
        answer = await client.post(PATH, headers={HEADER: SECRET}, content=content)
    assert answer.status_code == 400
    assert await rows(archive) == {}


async def test_200_means_kept_and_the_same_update_is_kept_once(archive):
    async with door(archive) as client:
        for _ in range(3):
            answer = await client.post(PATH, headers={HEADER: SECRET}, json=UPDATE)
            assert answer.status_code == 200
            assert await rows(archive) == {"new": 1}
        several = await asyncio.gather(
            *(
                client.post(PATH, headers={HEADER: SECRET}, json={**UPDATE, "update_id": 78})
                for _ in range(20)
            )
        )
        assert {answer.status_code for answer in several} == {200}
        wrong_way = await client.get(PATH, headers={HEADER: SECRET})
    assert await rows(archive) == {"new": 2}
    assert wrong_way.status_code == 405


class FullDisk:
    """An archive that cannot keep anything."""

    async def write(self, *_args: Any) -> None:
        msg = "database or disk is full"
        raise OSError(msg)


async def test_what_could_not_be_kept_is_asked_for_again():
    app = webhook_app(FullDisk(), TOKEN, SECRET)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://callout") as client:
        answer = await client.post(PATH, headers={HEADER: SECRET}, content=json.dumps(UPDATE))
    assert answer.status_code == 503 and answer.headers["Retry-After"] == "2"
    assert "full" not in answer.text
