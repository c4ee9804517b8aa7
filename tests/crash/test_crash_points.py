"""The service is killed exactly before and exactly after a request takes effect, method by method (F2, light)."""

from pathlib import Path

import pytest
from crash_evidence import Evidence
from crash_service import Callout
from crash_story import Story

from simulator.telegram import TelegramSimulator
from simulator.telegram.faults import Fault
from storage.records.people import Role

pytestmark = [pytest.mark.crash, pytest.mark.timeout(300)]

METHODS = (
    "getUpdates",
    "sendMessage",
    "editMessageText",
    "editMessageReplyMarkup",
    "answerCallbackQuery",
    "setMessageReaction",
    "sendMediaGroup",
    "getFile",
    "download",
)


@pytest.mark.parametrize("method", METHODS)
async def test_the_story_goes_on_wherever_the_service_dies(method: str, tmp_path: Path) -> None:
    async with TelegramSimulator(seed=11, answer_seconds=150) as sim:
        story = Story(sim)
        service = Callout(tmp_path, sim)
        office = (Role.DISPATCHER, Role.MANAGER, Role.ADMINISTRATOR)
        await service.employ([(story.ana, (Role.ENGINEER,)), (story.otto, office)], None)

        def die() -> None:
            service.kill()
            service.start()

        orders = [
            sim.faults.add(Fault(kind, method, times=1, probability=0.4, then=die))
            for kind in ("drop_before", "drop_after")
        ]
        service.start()
        try:
            await story.tell()
            await service.quiet(60)
            sim.faults.clear()
            code = service.stop()
        finally:
            service.close()
    assert code == 0, service.last_words()
    assert service.killed, [order.fired for order in orders]
    judge(Evidence(story.ledger, service, service.audit()).read())


def judge(after: Evidence) -> None:
    """Nothing lost, nothing twice, in order, every possible double message marked, every press answered."""
    faults = {
        "lost": after.lost(),
        "out of order": after.out_of_order() + after.sent_out_of_order(),
        "no entry": after.missing_entries() + after.broken_albums() + after.files_not_stored(),
        "unexplained": after.unexplained(),
        "unmarked": after.unmarked(),
        "not settled": after.not_settled(),
        "unanswered": after.unanswered(),
    }
    assert not any(faults.values()), faults
    for verb in ("submit", "triage", "offer", "accept", "arrive", "complete", "confirm", "rate"):
        assert after.verbs(verb) == 1, verb
    code, found = after.audit
    assert code == 0, found
