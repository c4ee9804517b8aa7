"""Inbox and outbox: kept once, handed out in order, settled once, and what is in doubt is marked."""

from datetime import timedelta
from typing import Any

import pytest

from storage.errors import LeaseLost
from storage.records.message import Job, Sending
from storage.unit import UnitOfWork

LEASE = timedelta(seconds=60)


def keep(unit: UnitOfWork, *rows: tuple[str, str]) -> list[bool]:
    """(outside id, lane) of updates that arrive."""
    return [unit.inbox.keep("telegram", key, lane, "{}") for key, lane in rows]


def tell(unit: UnitOfWork, *rows: tuple[str, str], duty: bool = True) -> list[bool]:
    """(business key, address) of messages to send."""
    return [unit.outbox.tell(key, "notice", "telegram", address, {}, duty=duty) for key, address in rows]


async def claim(archive: Any, owner: str = "us", most: int = 10) -> list[str]:
    return [row.outside_id for row in await archive.do(lambda unit: unit.inbox.claim(owner, LEASE, most))]


async def sendable(archive: Any, owner: str = "us", most: int = 10) -> list[Job]:
    return list(await archive.do(lambda unit: unit.outbox.claim(owner, LEASE, most)))


# --- inbox ---------------------------------------------------------------------------------------------------


async def test_what_arrives_twice_is_kept_once(archive: Any) -> None:
    assert await archive.do(keep, ("1", "mei"), ("1", "mei"), ("2", "mei")) == [True, False, True]
    assert await archive.do(keep, ("2", "bo")) == [False]
    assert await archive.do(lambda unit: unit.inbox.keep("mail", "1", "mei", "")) is True


async def test_only_the_first_of_a_lane_is_handed_out_and_the_next_when_it_is_done(archive: Any) -> None:
    await archive.do(keep, ("1", "mei"), ("2", "mei"), ("3", "bo"), ("4", "mei"))
    first = await archive.do(lambda unit: unit.inbox.claim("us", LEASE, 10))
    assert [row.outside_id for row in first] == ["1", "3"]
    assert await claim(archive) == []
    await archive.do(lambda unit: unit.inbox.settle(first[0], "done"))
    assert await claim(archive) == ["2"]


async def test_one_put_off_holds_its_lane_and_no_other(archive: Any) -> None:
    await archive.do(keep, ("1", "mei"), ("2", "mei"))
    (row,) = await archive.do(lambda unit: unit.inbox.claim("us", LEASE, 1))
    await archive.do(lambda unit: unit.inbox.later(row, unit.now + timedelta(seconds=5), "broken"))
    await archive.do(keep, ("3", "bo"))
    assert await claim(archive) == ["3"]
    archive.clock.advance(5)
    assert await claim(archive) == ["1"]


async def test_a_dead_letter_lets_its_lane_go_on(archive: Any) -> None:
    await archive.do(keep, ("1", "mei"), ("2", "mei"))
    (row,) = await archive.do(lambda unit: unit.inbox.claim("us", LEASE, 1))
    await archive.do(lambda unit: unit.inbox.bury(row, "unreadable"))
    assert await claim(archive) == ["2"]
    assert await archive.ask(lambda unit: unit.inbox.counts()) == {"dead": 1, "new": 1}


async def test_a_lease_that_ran_out_goes_to_another_and_the_first_may_not_settle(archive: Any) -> None:
    await archive.do(keep, ("1", "mei"))
    (old,) = await archive.do(lambda unit: unit.inbox.claim("slow", LEASE, 1))
    assert await claim(archive, "quick") == []
    archive.clock.advance(60)
    (new,) = await archive.do(lambda unit: unit.inbox.claim("quick", LEASE, 1))
    assert new.attempts == 2

    def act(unit: UnitOfWork) -> None:
        unit.plans.know("effect", 1)
        unit.inbox.settle(old, "done")

    with pytest.raises(LeaseLost):
        await archive.do(act)
    assert await archive.ask(lambda unit: unit.plans.fact("effect")) is None
    await archive.do(lambda unit: unit.inbox.settle(new, "done"))
    with pytest.raises(LeaseLost):
        await archive.do(lambda unit: unit.inbox.settle(new, "again"))


async def test_a_new_process_frees_what_its_forerunner_held(archive: Any) -> None:
    await archive.do(keep, ("1", "mei"))
    assert await claim(archive, "before the crash") == ["1"]
    assert await archive.do(lambda unit: unit.inbox.release("after the crash")) == 1
    assert await claim(archive, "after the crash") == ["1"]


# --- outbox --------------------------------------------------------------------------------------------------


async def test_one_business_key_is_one_message(archive: Any) -> None:
    assert await archive.do(tell, ("ack:1", "101"), ("ack:1", "101")) == [True, False]
    (job,) = await sendable(archive)
    await archive.do(lambda unit: unit.outbox.settle(job, Sending.SENT))
    assert await archive.do(tell, ("ack:1", "101")) == [False]


async def test_messages_of_a_chat_leave_in_order_and_chats_do_not_wait_for_each_other(archive: Any) -> None:
    await archive.do(tell, ("a", "101"), ("b", "101"), ("c", "102"))
    first = await sendable(archive)
    assert [job.key for job in first] == ["a", "c"]
    await archive.do(lambda unit: unit.outbox.settle(first[0], Sending.SENT))
    assert [job.key for job in await sendable(archive)] == ["b"]


async def test_a_paused_chat_waits_and_the_others_go_on(archive: Any) -> None:
    await archive.do(tell, ("a", "101"), ("b", "102"))
    await archive.do(lambda unit: unit.outbox.pause("telegram:101", unit.now + timedelta(seconds=30)))
    assert [job.key for job in await sendable(archive)] == ["b"]
    assert await archive.ask(lambda unit: unit.outbox.next_due()) == archive.clock.now() + timedelta(
        seconds=30
    )
    archive.clock.advance(30)
    assert [job.key for job in await sendable(archive)] == ["a"]


async def test_a_pause_of_the_whole_channel_holds_everybody(archive: Any) -> None:
    await archive.do(tell, ("a", "101"), ("b", "102"))
    await archive.do(lambda unit: unit.outbox.pause_channel("telegram", unit.now + timedelta(seconds=30)))
    assert await sendable(archive) == []
    archive.clock.advance(30)
    assert len(await sendable(archive)) == 2


async def test_a_sending_whose_worker_died_comes_back_marked_as_perhaps_sent(archive: Any) -> None:
    await archive.do(tell, ("a", "101"))
    (job,) = await sendable(archive, "dead")
    assert (job.attempts, job.ambiguous) == (1, 0)
    archive.clock.advance(60)
    (again,) = await sendable(archive, "alive")
    assert (again.attempts, again.ambiguous) == (2, 1)
    # Who was thought dead wakes up: his word counts no more.
    assert await archive.do(lambda unit: unit.outbox.settle(job, Sending.SENT)) is False
    assert await archive.do(lambda unit: unit.outbox.settle(again, Sending.SENT)) is True


async def test_a_message_put_off_surely_unsent_is_not_in_doubt(archive: Any) -> None:
    await archive.do(tell, ("a", "101"))
    (job,) = await sendable(archive)
    await archive.do(lambda unit: unit.outbox.later(job, unit.now + timedelta(seconds=1), "no connection"))
    archive.clock.advance(1)
    (again,) = await sendable(archive)
    assert (again.attempts, again.ambiguous) == (2, 0)


async def test_messages_follow_a_group_that_moved(archive: Any) -> None:
    await archive.do(tell, ("a", "-5"), ("b", "-5"))
    await archive.do(lambda unit: unit.outbox.readdress("telegram", "-5", "-1005"))
    (job,) = await sendable(archive)
    assert (job.key, job.address, job.lane) == ("a", "-1005", "telegram:-1005")


async def test_a_message_not_tried_yet_can_be_put_off_or_forgotten(archive: Any) -> None:
    await archive.do(tell, ("a", "101"), ("b", "102"))
    later = archive.clock.now() + timedelta(seconds=3)
    assert await archive.do(lambda unit: unit.outbox.postpone("a", later)) is True
    assert await archive.do(lambda unit: unit.outbox.drop("b")) is True
    assert await sendable(archive) == []
    archive.clock.advance(3)
    (job,) = await sendable(archive)
    await archive.do(lambda unit: unit.outbox.settle(job, Sending.SENT))
    assert await archive.do(lambda unit: unit.outbox.postpone("a", later)) is False
