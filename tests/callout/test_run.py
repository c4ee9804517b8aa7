"""The service as a process: alone on its database, ended by SIGTERM in time, patient, and silent about its token."""

import asyncio
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest

from simulator.telegram import Fault


def rows(database: Path, sql: str) -> list[tuple]:
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=30)) as connection, connection:
        return connection.execute(sql).fetchall()


async def test_a_second_service_on_the_same_database_is_refused_with_the_first_ones_number(shop):
    service = await shop.run()
    await service.up()
    for command in (("run",), ("upgrade",)):
        ended = await shop.callout(*command)
        assert ended.code == 1
        assert f"another Callout (process {service.process.pid}) is running on" in ended.err
        assert "Traceback" not in ended.err
    assert (await service.get("/readyz")).status_code == 200
    assert await service.terminate() == 0


async def test_sigterm_in_the_middle_of_traffic_ends_well_and_leaves_nothing_leased(shop):
    people = [shop.sim.add_person(f"Customer {n}", language_code="en") for n in range(30)]
    service = await shop.run()
    await service.up()
    for person in people:
        person.start()
    for round_ in range(10):
        for person in people:
            person.say(f"Lift {round_} is stuck")
    await service.until(lambda: len(service.logged("outbox.sent")) > 20)
    before = time.monotonic()
    code = await service.terminate()
    took = time.monotonic() - before
    assert (code, took < 10) == (0, True), (took, service.text[-2000:])
    leased = rows(shop.database, "SELECT id FROM outbox WHERE status = 'leased' OR leased_until IS NOT NULL")
    assert leased == []
    assert rows(shop.database, "SELECT count(*) FROM inbox WHERE leased_until IS NOT NULL") == [(0,)]
    assert rows(shop.database, "SELECT count(*) FROM outbox WHERE ambiguous > 0") == [(0,)]
    assert shop.sim.pending + len(rows(shop.database, "SELECT id FROM inbox WHERE status = 'new'")) > 0, (
        "all the traffic was over before the signal: this test shows nothing"
    )
    again = await shop.run()
    await again.until(
        lambda: shop.sim.pending == 0 and not rows(shop.database, "SELECT 1 FROM inbox WHERE status = 'new'")
    )
    assert rows(shop.database, "SELECT count(*) FROM inbox") == [(30 * 11,)]
    assert await again.terminate() == 0
    ended = await shop.callout("audit")
    assert ended.code == 0, ended.out


async def test_sigterm_with_a_telegram_that_never_answers_ends_within_ten_seconds(shop):
    mei = shop.sim.add_person("Mei", language_code="en")
    service = await shop.run()
    await service.up()
    shop.sim.faults.add(Fault("timeout_after", method="sendMessage", times=None))
    mei.start()
    await service.until(lambda: any(call.method == "sendMessage" for call in shop.sim.calls))
    before = time.monotonic()
    code = await service.terminate()
    assert (code, time.monotonic() - before < 10) == (0, True), service.text[-2000:]
    shop.sim.faults.clear()
    again = await shop.run()
    await again.up()
    await again.until(lambda: again.logged("outbox.sent"))
    assert await again.terminate() == 0
    # What may have arrived before is marked, whoever repeats it.
    assert rows(shop.database, "SELECT max(ambiguous) FROM outbox WHERE kind = 'say'")[0][0] >= 1


async def test_sigterm_with_a_database_that_somebody_holds_ends_within_ten_seconds(shop):
    mei = shop.sim.add_person("Mei", language_code="en")
    service = await shop.run()
    await service.up()
    holder = sqlite3.connect(shop.database, timeout=30, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    try:
        mei.start()
        await service.until(lambda: any(call.method.lower() == "getupdates" for call in shop.sim.calls[-3:]))
        before = time.monotonic()
        code = await service.terminate()
        assert (code, time.monotonic() - before < 10) == (0, True), service.text[-2000:]
    finally:
        holder.execute("ROLLBACK")
        holder.close()
    again = await shop.run()
    await mei.wait_for("Hello", timeout=30)
    assert await again.terminate() == 0


async def test_started_with_telegram_down_it_stays_up_calls_gently_and_works_when_telegram_is_back(shop):
    mei = shop.sim.add_person("Mei", language_code="en")
    mei.start()
    await shop.sim.stop()
    calls: list[float] = []

    async def hang_up(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        calls.append(time.monotonic())
        writer.close()

    service = await shop.run()
    await service.up()
    # Refused connections first, then a server that hangs up, so that its calls can be counted.
    await service.until(lambda: len(service.logged("telegram.unreachable")) >= 2)
    port = int(shop.sim.url.rpartition(":")[2])
    counting = await asyncio.start_server(hang_up, "127.0.0.1", port)
    began = time.monotonic()
    await service.until(lambda: len(calls) >= 3)
    took = time.monotonic() - began
    counting.close()
    assert len(calls) <= took + 1, f"{len(calls)} calls in {took:.1f} s"
    waits = [line["wait"] for line in service.logged("telegram.unreachable")]
    assert min(waits) >= 0.7
    assert waits[-1] > waits[0]
    for path in ("/healthz", "/readyz", "/metrics"):
        assert (await service.get(path)).status_code == 200
    await counting.wait_closed()
    await shop.sim.start()
    await mei.wait_for("Hello", timeout=90)
    assert await service.terminate() == 0


@pytest.mark.parametrize("mode", ["polling", "webhook"])
async def test_a_wrong_token_is_one_clear_sentence(shop, mode):
    shop.env |= {
        "CALLOUT_TELEGRAM__MODE": mode,
        "CALLOUT_TELEGRAM__WEBHOOK_URL": "http://127.0.0.1:9",
        "CALLOUT_TELEGRAM__WEBHOOK_SECRET": "webhook-secret-webhook",
        "CALLOUT_TELEGRAM__WEBHOOK_PORT": "0",
    }
    shop.env["CALLOUT_TELEGRAM__TOKEN"] = "7000001:AAHwrongWRONGwrongWRONGwrongWRONGwr_-9"
    service = await shop.run()
    assert await service.ended() == 1
    assert "Telegram refuses the bot's token; ask @BotFather for it and set telegram.token" in service.lines
    assert "Traceback" not in service.text
    assert "wrongWRONG" not in service.text


CANARY = "7012345678:AAHcanaryCANARYcanaryCANARYcanary_-9"
TROUBLES = ("429", "502", "html", "invalid_json", "drop_before", "drop_after", "400:can't parse entities")


@pytest.mark.parametrize("written", ["json", "console"])
async def test_at_debug_no_line_of_a_troubled_day_shows_the_token(shop, written):
    shop.sim.token = shop.sim.server._token = CANARY
    shop.env |= {
        "CALLOUT_TELEGRAM__TOKEN": CANARY,
        "CALLOUT_LOGGING__LEVEL": "DEBUG",
        "CALLOUT_LOGGING__FORMAT": written,
    }
    mei = shop.sim.add_person("Mei", language_code="en")
    others = [shop.sim.add_person(f"Customer {trouble}", language_code="en") for trouble in TROUBLES]
    for method in ("getMe", "download", "getUpdates"):
        shop.sim.faults.add(Fault("502", method=method))
    for person, trouble in zip(others, TROUBLES, strict=True):
        shop.sim.faults.add(Fault(trouble, method="sendMessage", chat=person.id, retry_after=1))
    service = await shop.run()
    for person in (mei, *others):
        person.start()
    for person in (mei, *others):
        await person.wait_for("Hello", timeout=60)
    mei.say("Lift 3 is stuck")
    await mei.wait_for("Where is it?", timeout=60)
    mei.photo(b"\xff\xd8 no picture")
    await service.until(lambda: all(fault.fired for fault in shop.sim.faults.orders))
    invited = await shop.callout("invite", "--role", "engineer", "--name", "Ana")
    checked = await shop.callout("check")
    # At last Telegram takes the token away; the service says so and ends.
    shop.sim.faults.add(Fault("401", method="*", times=None))
    assert await service.ended() == 1
    assert "Telegram refuses the bot's token" in service.text
    everything = "\n".join((service.text, invited.out, invited.err, checked.out, checked.err))
    assert "/getUpdates" in everything  # requests are logged at DEBUG, with their addresses
    assert "canaryCANARY" not in everything
