"""Telegram fails in every way it knows: nothing is lost, doubles are marked, and the office hears what matters."""

import asyncio
import statistics
import time
from typing import Any

import pytest

from simulator.telegram import Fault
from storage.records.message import Sending
from storage.records.ticket import State

REPEAT = "(repeat"


async def jobs(town, **wanted: Any) -> list[Any]:
    """Outbox rows with these values, oldest first."""
    found = await town.ask(lambda unit: unit.outbox.recent(1000))
    rows = [job for job in found if all(getattr(job, name) == value for name, value in wanted.items())]
    return rows[::-1]


def counted(town, event: str) -> float:
    """How often an event was counted."""
    registry = town.service.metrics.registry
    return registry.get_sample_value("callout_events_total", {"event": event}) or 0.0


async def test_an_offer_to_somebody_who_cannot_be_reached_goes_on_at_once(town):
    number = await town.report()
    await town.press(town.otto, "Dispatch now", number)
    await town.ana.wait_for(f"New job {number}")
    town.sim.faults.add(Fault("403", method="sendMessage", chat=town.bo.id))
    town.ana.block()
    await town.otto.wait_for("Ana cannot be reached")
    await town.otto.wait_for("Bo cannot be reached")
    nobody = await town.otto.wait_for("nobody can take it now")
    assert "Ana: cannot be reached" in nobody["text"] and "Bo: cannot be reached" in nobody["text"]
    await town.quiet()
    assert (await town.ticket(number)).state is State.TRIAGED
    # Whoever writes to us again can be reached again.
    town.bo.say("/on")
    await town.bo.wait_for("You are on duty")
    await town.quiet()
    assert (await town.press(town.otto, "Dispatch now", number))["text"] == "Offered."
    await town.press(town.bo, "Accept", number)
    await town.mei.wait_for("Bo has accepted")


@pytest.mark.parametrize("how", ["block", "deactivate", "400:chat not found"])
async def test_a_customer_who_cannot_be_reached_is_the_offices_business(town, how):
    number = await town.accepted()
    await town.quiet()
    if how.startswith("400"):
        town.sim.faults.add(Fault(how, method="sendMessage", chat=town.mei.id))
    else:
        getattr(town.mei, how)()
    await town.press(town.ana, "Arrived", number)
    told = await town.otto.wait_for("Mei cannot be reached")
    assert number in told["text"]
    await town.quiet()
    assert (await town.ticket(number)).detail == "on_site"


async def test_a_duty_message_in_doubt_is_said_again_with_a_note_and_a_courtesy_is_not(town):
    number = await town.accepted()
    await town.quiet()
    for kind in ("timeout_after", "drop_after", "invalid_json"):
        town.sim.faults.clear()
        fault = town.sim.faults.add(Fault(kind, method="sendMessage", chat=town.mei.id, delay=0.3))
        await town.press(town.otto, "Write to customer", number)
        await town.otto.wait_for("shall the customer")
        town.otto.say(f"Door {kind}")
        await town.until(lambda said=f"Door {kind}": town.words(town.mei).count(said) == 2)
        assert fault.fired == 1
        first, second = [m["text"] for m in town.mei.messages() if f"Door {kind}" in m.get("text", "")]
        assert REPEAT not in first and second.startswith(REPEAT)
        await town.quiet()
    town.mei.say("/cancel")
    town.mei.say("/new")
    await town.mei.wait_for("What is broken?")
    await town.quiet()
    fault = town.sim.faults.add(Fault("timeout_after", method="sendMessage", chat=town.mei.id, delay=0.3))
    await town.quiet()
    town.forward(minutes=61)
    await town.mei.wait_for("is not sent yet")
    await town.until(lambda: jobs(town, status=Sending.UNKNOWN))
    await town.quiet()
    assert fault.fired == 1 and town.words(town.mei).count("is not sent yet") == 1


async def test_what_surely_did_not_arrive_is_sent_again_without_a_note(town):
    number = await town.accepted()
    await town.quiet()
    for kind in ("502", "html", "drop_before", "500"):
        town.sim.faults.add(Fault(kind, method="sendMessage", chat=town.mei.id))
        await town.press(town.otto, "Write to customer", number)
        await town.otto.wait_for("shall the customer")
        town.otto.say(f"Hello {kind}")
        await town.mei.wait_for(f"Hello {kind}", timeout=10)
        await town.quiet()
        assert town.words(town.mei).count(f"Hello {kind}") == 1
    town.sim.faults.add(Fault("429", method="sendMessage", chat=town.mei.id, retry_after=1))
    await town.press(town.ana, "Arrived", number)
    arrived = await town.mei.wait_for("Ana has arrived", timeout=10)
    assert REPEAT not in arrived["text"]


async def test_text_telegram_cannot_read_goes_out_plain_and_is_counted(town):
    number = await town.accepted()
    await town.quiet()
    town.sim.faults.add(Fault("400:can't parse entities: bad offset", method="sendMessage", chat=town.mei.id))
    town.sim.faults.add(Fault("400:can't parse entities: bad offset", method="editMessageText"))
    town.sim.faults.add(Fault("400:can't parse entities: bad offset", method="sendPhoto"))
    await town.press(town.ana, "Arrived", number)
    arrived = await town.mei.wait_for("Ana has arrived")
    assert "entities" not in arrived
    card = await town.ana.wait_for(number)
    town.ana.photo(b"a picture", "The worn contact", reply_to=card["message_id"])
    await town.mei.wait_for("The worn contact")
    await town.quiet()
    assert counted(town, "telegram.bad_entities") == 3
    assert not await jobs(town, status=Sending.UNDELIVERABLE)


async def test_what_is_so_already_counts_as_done(town):
    number = await town.accepted()
    await town.quiet()
    late = "400:query is too old and response timeout expired or query ID is invalid"
    fault = town.sim.faults.add(Fault(late, method="answerCallbackQuery"))
    same = town.sim.faults.add(Fault("400:message is not modified", method="editMessageText", times=3))
    card = await town.ana.wait_for(number)
    town.ana.press(card["message_id"], "📍 Arrived")
    await town.mei.wait_for("Ana has arrived")
    await town.quiet()
    assert fault.fired == 1 and same.fired == 3
    assert not await jobs(town, status=Sending.UNDELIVERABLE)
    assert [job.attempts for job in await jobs(town, status=Sending.SENT, kind="answer")][-1] == 1


async def test_a_card_that_was_deleted_comes_again(town):
    number = await town.accepted()
    card = await town.ana.wait_for(number)
    await town.quiet()
    town.ana.delete(card["message_id"])
    await town.press(town.otto, "Hold", number)
    await town.press(town.otto, "waiting for parts", number)
    again = await town.ana.wait_for(lambda m: "Go on" in str(m.get("reply_markup")))
    assert again["message_id"] != card["message_id"]
    await town.press(town.ana, "Go on", number)
    await town.mei.wait_for("goes on")


async def test_an_update_that_breaks_our_code_is_put_aside_and_told_and_the_next_ones_are_served(town):
    """A number no database column holds stands for every bug of ours."""
    message = {
        "date": int(time.time()),
        "from": town.mei.user(),
        "chat": {"id": town.mei.id, "type": "private"},
    }
    photo = [{"file_id": "x", "file_unique_id": "x", "width": 1, "height": 1, "file_size": 1}]
    town.sim.inject({"message": {**message, "message_id": 10**30, "photo": photo}})
    town.mei.say("The pump is dry")
    begun = time.monotonic()
    town.nora.say("The lamp is dark")
    await town.nora.wait_for("Where is it?")
    assert time.monotonic() - begun < 3
    await town.mei.wait_for("Where is it?", timeout=10)
    await town.otto.wait_for("could not be read and was put aside")
    assert (await town.inbox())["dead"] == 1


async def test_a_file_that_cannot_be_fetched_is_tried_until_it_is_here(town):
    for kind, method in (("502", "getFile"), ("drop_after", "download")):
        town.sim.faults.add(Fault(kind, method=method))
    town.mei.photo(b"picture of a pump", "The pump is dry")
    await town.mei.wait_for("Where is it?")

    def stored() -> Any:
        return town.ask(
            lambda unit: [f for f in unit.messages.get(1).files if f.state == "stored"],
        )

    async def later() -> Any:
        town.forward(minutes=1)
        town.store.wake("files")
        return await stored()

    files = await town.until(later, timeout=20)
    assert town.service.files.get(files[0].sha256) == b"picture of a pump"


async def test_200_presses_are_answered_within_a_second(town):
    """Measured at Telegram's own limits, four people pressing, all cards being edited all the time."""
    town.overrides = {"telegram": {"per_second": 30, "per_chat_seconds": 1, "per_group_minute": 20}}
    await town.stop()
    await town.start()
    number = await town.accepted()
    await town.quiet(60)
    took: list[float] = []

    async def presser(person: Any, page: str) -> None:
        for _ in range(50):
            # Turning a card's page and back: an edit of the card and an answer each time.
            card = await person.wait_for(lambda m: number in m.get("text", "") and "reply_markup" in m)
            label = next(text for text in town.labels(card) if text in {"‹ Back", page})
            begun = time.time()
            query = person.press(card["message_id"], label)
            answer = await person.wait_answer(query, timeout=10)
            took.append(answer["at"] - begun)
            await asyncio.sleep(0.1)

    await asyncio.gather(
        presser(town.mei, "Cancel the report"),
        presser(town.mei, "Cancel the report"),
        presser(town.otto, "More …"),
        presser(town.ana, "Hand back"),
    )
    slowest = statistics.quantiles(took, n=20)[-1]
    print(f"p95 of {len(took)} presses: {slowest * 1000:.0f} ms, slowest {max(took) * 1000:.0f} ms")
    assert len(took) == 200
    assert slowest < 1.0
