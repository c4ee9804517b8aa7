"""Times without Telegram: pauses it asks for, broken polls, outages; afterwards nothing is lost and nobody waits."""

import time
from datetime import timedelta
from typing import Any

from simulator.telegram import Fault


def calls_to(town, person, since: float = 0.0) -> list[Any]:
    """Messages and edits for one chat; answers to presses belong to no chat."""
    return [
        call
        for call in town.sim.calls
        if str(call.params.get("chat_id")) == str(person.id) and call.at > since
    ]


def counted(town, event: str) -> float:
    """How often an event was counted."""
    registry = town.service.metrics.registry
    return registry.get_sample_value("callout_events_total", {"event": event}) or 0.0


async def test_a_chat_that_is_told_to_wait_is_left_alone_over_a_restart_and_the_others_go_on(town):
    number = await town.accepted()
    await town.quiet()
    fault = town.sim.faults.add(Fault("429", chat=town.mei.id, retry_after=4))
    await town.press(town.ana, "Arrived", number)
    await town.until(lambda: fault.fired)
    told = next(call.at for call in town.sim.calls if call.status == 429)
    town.bo.say("/jobs")
    await town.bo.wait_for("no open jobs", timeout=2)
    await town.stop()
    await town.start()
    town.bo.say("/tickets")
    await town.bo.wait_for("no reports yet", timeout=3)
    assert time.time() < told + 4, "the restart took longer than the pause; nothing was tried"
    await town.mei.wait_for("Ana has arrived", timeout=15)
    early = [call.method for call in calls_to(town, town.mei, told) if call.at < told + 4]
    assert early == []


async def test_a_second_poller_an_outage_and_broken_answers_lose_nothing(town):
    sim = town.sim
    faults = [sim.faults.add(Fault(kind, method="getUpdates")) for kind in ("409", "invalid_json")]
    await town.until(lambda: faults[0].fired)
    town.mei.say("The pump is dry")
    await town.mei.wait_for("Where is it?", timeout=20)
    await sim.stop()
    await sim.start()
    town.mei.say("12 Harbour Street")
    await town.mei.wait_for("How urgent", timeout=20)
    await town.quiet()
    assert town.words(town.mei).count("Where is it?") == 1
    assert counted(town, "telegram.conflict") == 1 and counted(town, "telegram.unreachable") == 2


async def test_when_telegram_was_away_for_long_open_questions_are_put_again(town):
    number = await town.report()
    await town.press(town.otto, "Dispatch now", number)
    await town.ana.wait_for(f"New job {number}")
    await town.quiet()
    await town.sim.stop()
    town.clock.slept += 180
    await town.sim.start()
    await town.otto.wait_for("was not listening for 3 min", timeout=20)
    await town.ana.wait_for("waits for your answer")


async def test_after_an_outage_open_questions_are_put_again_and_the_office_is_told(town):
    signing = await town.completed()
    offered = await town.report("The gate is open")
    await town.press(town.otto, "Dispatch now", offered)
    await town.until(lambda: f"New job {offered}" in town.words(town.ana) + town.words(town.bo))
    await town.quiet()
    await town.stop()
    town.clock.shift += timedelta(minutes=3)
    await town.start()
    told = await town.otto.wait_for("was not listening for 3 min")
    assert "2 open questions" in told["text"]
    await town.mei.wait_for(f"{signing}: does it work?")
    await town.until(lambda: "waits for your answer" in town.words(town.ana) + town.words(town.bo))
    await town.quiet()
    await town.stop()
    await town.start()
    await town.quiet()
    assert town.words(town.otto).count("was not listening") == 1
