"""The service is killed with SIGKILL again and again under load: nothing is lost, nothing happens twice (F1)."""

import asyncio
import os
import random
from pathlib import Path

import pytest
from crash_evidence import Evidence
from crash_load import Crowd, go_on, live
from crash_service import Callout

from simulator.telegram import TelegramSimulator
from storage.records.people import Role

KILLS = int(os.environ.get("CRASH_KILLS", "50"))
SEED = int(os.environ.get("CRASH_SEED", "20"))
UPDATES = 40 * KILLS
pytestmark = [pytest.mark.crash, pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def storm(tmp_path_factory: pytest.TempPathFactory) -> Evidence:
    """The whole load with all its kills, played once; what is left is looked at by the tests below."""
    return asyncio.run(play(tmp_path_factory.mktemp("storm")))


async def play(folder: Path) -> Evidence:
    chance = random.Random(SEED)
    # A press may be answered as long as its update lives: what is late is seen in the figures, not hidden by it.
    async with TelegramSimulator(seed=SEED, answer_seconds=150) as sim:
        crowd = Crowd(sim, chance, customers=24, engineers=5)
        service = Callout(folder, sim)
        staff = [(ana, (Role.ENGINEER,)) for ana in crowd.ana]
        staff.append((crowd.otto, (Role.DISPATCHER, Role.MANAGER, Role.ADMINISTRATOR)))
        staff.append((crowd.bo, (Role.DISPATCHER,)))
        await service.employ(staff, crowd.office)
        for person, _ in staff:
            person.start()
        try:
            for number in range(KILLS):
                service.start()
                await live(crowd, service, chance, (number + 1) * UPDATES // KILLS)
                service.kill()
            service.start()
            await finish(crowd, service)
            code = service.stop()
        finally:
            service.close()
        assert code == 0, service.last_words()
        return Evidence(crowd.ledger, service, service.audit()).read()


async def finish(crowd: Crowd, service: Callout) -> None:
    """What is missing of the load, and then until nothing is left to be done."""
    while len(crowd.ledger) < UPDATES:
        await go_on(crowd, service)
    await crowd.settle()
    await service.quiet(180)


def test_the_load_was_real(storm: Evidence) -> None:
    print(storm.figures())
    kinds = storm.by("inbox", "outcome")
    assert len(storm.service.killed) == KILLS
    assert len(storm.ledger) >= UPDATES
    assert len(kinds) > 20
    assert storm.verbs("submit") >= KILLS // 2
    assert storm.verbs("accept") >= KILLS // 4
    assert storm.verbs("complete", "confirm", "rate") >= KILLS // 10
    busy = [backlog for backlog in storm.service.killed if backlog]
    assert len(busy) >= KILLS * 0.7


def test_no_update_is_lost(storm: Evidence) -> None:
    assert storm.service.sim.pending == 0
    assert storm.service.sim.expired == 0
    assert storm.lost() == []


def test_every_message_is_one_entry_with_its_files(storm: Evidence) -> None:
    assert storm.missing_entries() == []
    assert storm.broken_albums() == []
    assert storm.files_not_stored() == []


def test_the_order_of_every_chat_is_kept(storm: Evidence) -> None:
    assert storm.out_of_order() == []
    assert storm.sent_out_of_order() == []


def test_every_possible_double_message_is_marked(storm: Evidence) -> None:
    assert storm.unexplained() == []
    assert storm.unmarked() == []
    assert storm.not_settled() == []
    for life, rows in storm.doubled_in_life().items():
        assert len(rows) <= storm.service.killed[life].leased


def test_every_press_is_answered_with_what_was_done(storm: Evidence) -> None:
    assert storm.unanswered() == []
    # "I answer it myself" is told in the same words; a complaint is given to its owner without a press.
    taken = len(storm.by("inbox", "outcome").get("pressed: ta", []))
    assert storm.told("answer.accepted_you") == storm.verbs("accept") + taken
    signed = [event for event in storm.tables["ticket_events"] if event["verb"] == "confirm"]
    assert storm.told("answer.signed_you") == sum(event["party"] == "customer" for event in signed)


def test_the_auditor_finds_nothing(storm: Evidence) -> None:
    code, found = storm.audit
    assert code == 0, found


def test_it_is_back_within_seconds(storm: Evidence) -> None:
    times = sorted(storm.recoveries())
    assert len(times) >= KILLS * 0.7
    assert times[len(times) // 2] < 10
