"""Faults to order: each strikes as told, seen by httpx and by python-telegram-bot."""

import asyncio
import time

import httpx
import pytest
from telegram import Bot
from telegram.error import BadRequest, Conflict, Forbidden, InvalidToken, NetworkError, RetryAfter, TimedOut

from simulator.telegram import Fault

ANSWERS = [
    (Fault("429", retry_after=7), 429, "Too Many Requests: retry after 7", RetryAfter),
    (Fault("403"), 403, "Forbidden: bot was blocked by the user", Forbidden),
    (Fault("400:chat not found"), 400, "Bad Request: chat not found", BadRequest),
    (Fault("401"), 401, "Unauthorized", InvalidToken),
    (Fault("404"), 404, "Not Found", InvalidToken),
    (Fault("409"), 409, "Conflict: terminated by other getUpdates request", Conflict),
    (Fault("500"), 500, "Internal Server Error", NetworkError),
    (Fault("502"), 502, "Bad Gateway", NetworkError),
    (Fault("504"), 504, "Gateway Timeout", NetworkError),
]


def heard(mei):
    return [message["text"] for message in mei.messages()[1:]]


@pytest.mark.parametrize(("fault", "status", "words", "error"), ANSWERS, ids=lambda value: str(value)[:20])
async def test_an_error_is_answered_without_effect(sim, mei, bot: Bot, http, fault, status, words, error):
    fault.times, fault.fired = 2, 0
    sim.faults.add(fault)
    answer = await http.post(f"/bot{sim.token}/sendMessage", json={"chat_id": mei.id, "text": "x"})
    assert answer.status_code == status and answer.json()["description"].startswith(words)
    if status == 429:
        assert answer.json()["parameters"] == {"retry_after": 7}
    with pytest.raises(error):
        await bot.send_message(mei.id, "x")
    assert heard(mei) == [] and fault.fired == 2
    await bot.send_message(mei.id, "at last")
    assert heard(mei) == ["at last"]


@pytest.mark.parametrize(("kind", "effect"), [("timeout_before", []), ("timeout_after", ["x"])])
async def test_a_timeout(sim, mei, bot: Bot, http, kind, effect):
    sim.faults.add(Fault(kind))
    with pytest.raises(TimedOut):
        await bot.send_message(mei.id, "x", read_timeout=0.1)
    assert heard(mei) == effect
    sim.faults.add(Fault(kind, delay=0.05))
    begun = time.monotonic()
    with pytest.raises(httpx.RemoteProtocolError):
        await http.post(f"/bot{sim.token}/sendMessage", json={"chat_id": mei.id, "text": "x"})
    assert 0.05 <= time.monotonic() - begun < 1
    assert heard(mei) == effect * 2


@pytest.mark.parametrize(("kind", "effect"), [("drop_before", []), ("drop_after", ["x"])])
async def test_a_connection_is_closed(sim, mei, bot: Bot, http, kind, effect):
    sim.faults.add(Fault(kind, times=2))
    with pytest.raises(httpx.RemoteProtocolError):
        await http.post(f"/bot{sim.token}/sendMessage", json={"chat_id": mei.id, "text": "x"})
    with pytest.raises(NetworkError) as error:
        await bot.send_message(mei.id, "x")
    assert isinstance(error.value.__cause__, httpx.RemoteProtocolError)
    assert heard(mei) == effect * 2
    sent = [call for call in sim.calls if call.method == "sendMessage"]
    assert [call.status for call in sent] == [0, 0]
    assert [call.effect_message_id is not None for call in sent] == [bool(effect)] * 2
    await bot.send_message(mei.id, "y")


@pytest.mark.parametrize(("kind", "effect"), [("html", []), ("invalid_json", ["x"])])
async def test_an_answer_that_is_no_answer(sim, mei, bot: Bot, http, kind, effect):
    sim.faults.add(Fault(kind, times=2))
    answer = await http.post(f"/bot{sim.token}/sendMessage", json={"chat_id": mei.id, "text": "x"})
    assert answer.status_code == (502 if kind == "html" else 200)
    with pytest.raises(ValueError, match=r"."):
        answer.json()
    with pytest.raises(NetworkError if kind == "html" else Exception):
        await bot.send_message(mei.id, "x")
    assert heard(mei) == effect * 2


async def test_latency_only_delays(sim, mei, bot: Bot):
    sim.faults.add(Fault("latency", delay=0.1))
    begun = time.monotonic()
    await bot.send_message(mei.id, "x")
    assert time.monotonic() - begun >= 0.1 and heard(mei) == ["x"]


async def test_a_fault_strikes_only_where_it_is_meant(sim, mei, ask):
    nora = sim.add_person("Nora")
    nora.start()
    sim.faults.add(Fault("500", method="sendMessage", chat=mei.id, times=None))
    for _ in range(3):
        assert (await ask("sendMessage", chat_id=mei.id, text="x"))["error_code"] == 500
    assert (await ask("sendMessage", chat_id=nora.id, text="x"))["ok"]
    assert (await ask("sendChatAction", chat_id=mei.id, action="typing"))["ok"]
    sim.faults.clear()
    assert (await ask("sendMessage", chat_id=mei.id, text="x"))["ok"]


async def test_polling_is_struck_only_by_name_or_by_star(sim, ask):
    sim.faults.add(Fault("500"))
    assert (await ask("getUpdates"))["ok"]
    sim.faults.add(Fault("502", method="getUpdates"))
    assert (await ask("getUpdates"))["error_code"] == 502
    sim.faults.add(Fault("504", method="*"))
    assert (await ask("getUpdates"))["error_code"] == 504


async def test_chance_is_repeatable(sim, mei, ask):
    fault = sim.faults.add(Fault("500", times=None, probability=0.3))
    for _ in range(100):
        await ask("sendChatAction", chat_id=mei.id, action="typing")
    assert 15 <= fault.fired <= 45


async def test_downloads_fail_by_name(sim, mei, bot: Bot):
    file = await bot.get_file(mei.photo()["photo"][0]["file_id"])
    sim.faults.add(Fault("502", method="download"))
    with pytest.raises(NetworkError):
        await file.download_as_bytearray()
    sim.faults.add(Fault("drop_before", method="download"))
    with pytest.raises(NetworkError):
        await file.download_as_bytearray()
    assert await file.download_as_bytearray()


async def test_an_unknown_fault_is_named_at_once():
    with pytest.raises(ValueError, match="unknown fault 'gremlins'"):
        Fault("gremlins")


async def test_the_simulator_stops_at_once_with_everything_open(sim, http):
    url = f"{sim.api_url}{sim.token}/getUpdates"
    polling = asyncio.create_task(http.get(url, params={"timeout": 50}))
    sim.faults.add(Fault("timeout_before", method="getMe"))
    silent = asyncio.create_task(http.get(f"/bot{sim.token}/getMe"))
    listening = asyncio.create_task(http.get("/sim/events", timeout=None))
    await asyncio.sleep(0.1)
    begun = time.monotonic()
    await sim.stop()
    assert time.monotonic() - begun < 0.5
    outcomes = await asyncio.gather(polling, silent, listening, return_exceptions=True)
    assert all(isinstance(outcome, httpx.TransportError) for outcome in outcomes)
