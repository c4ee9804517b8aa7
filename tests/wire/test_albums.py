"""Albums: ten parts at any spacing and in any order, with a restart in the middle, are one entry of ten files."""

import asyncio
import hashlib
import random
from functools import partial
from typing import Any

from storage.records.ticket import State
from storage.schema import tickets

PARTS = 10
SPACINGS = (0.0, 0.05, 0.5, 2.0)


def pictures(who: str) -> list[bytes]:
    return [f"picture {number} of {who}".encode() for number in range(PARTS)]


def hashes(contents: list[bytes]) -> list[str]:
    return [hashlib.sha256(content).hexdigest() for content in contents]


async def of_person(town, person) -> list[tuple[Any, tuple[Any, ...]]]:
    """(ticket, its entries) of a customer, drafts included."""

    def look(unit: Any) -> list[Any]:
        customer = unit.people.by_address("telegram", str(person.id))
        mine = unit.tickets.where(tickets.c.customer_id == customer.id)
        return [(ticket, unit.messages.of_ticket(ticket.id)) for ticket in mine]

    return await town.ask(look)


async def test_albums_that_begin_reports_are_one_entry_each_over_restarts(town):
    """Eight people at once: four spacings, each in order and shuffled; a stop and a crash while they send."""
    chance = random.Random(4)
    senders = []
    for number, spacing in enumerate((*SPACINGS, *SPACINGS)):
        person = town.sim.add_person(f"Customer {number}", language_code="en")
        order = list(range(PARTS))
        if number >= len(SPACINGS):
            chance.shuffle(order)
        senders.append((person, spacing, order))

    async def send(person: Any, spacing: float, order: list[int]) -> None:
        await person.album(pictures(person.first_name), "The pump is dry", spacing, order)

    sending = [asyncio.ensure_future(send(*sender)) for sender in senders]
    await senders[0][0].wait_for("Where is it?")
    await town.stop()
    await asyncio.sleep(1)
    await town.start()
    await asyncio.sleep(2)
    await town.crash()
    await asyncio.sleep(0.5)
    await town.start()
    await asyncio.gather(*sending)
    await town.quiet()

    async def all_stored() -> bool:
        found = [await of_person(town, person) for person, _, _ in senders]
        return all(f.state == "stored" for one in found for _, es in one for e in es for f in e.files)

    await town.until(all_stored, timeout=20)
    for person, spacing, _ in senders:
        found = await of_person(town, person)
        assert len(found) == 1, f"{spacing} s: {len(found)} reports"
        ticket, entries = found[0]
        assert (ticket.state, ticket.problem) == (State.DRAFT, "The pump is dry")
        assert [len(entry.files) for entry in entries] == [PARTS]
        assert [file.sha256 for file in entries[0].files] == hashes(pictures(person.first_name))
        asked = [m["text"] for m in person.messages() if m["from"]["is_bot"]]
        assert len([text for text in asked if "Where is it?" in text]) == 1, asked


async def test_an_album_in_an_open_ticket_reaches_the_other_side_once_and_as_one(town):
    number = await town.accepted()
    await town.quiet()
    order = [3, 0, 1, 2, 9, 8, 7, 6, 5, 4]
    sent = pictures("the pump")
    for person in (town.mei, town.ana):
        town.sim.calls.clear()
        before = len(await town.entries(number))
        sending = asyncio.ensure_future(
            person.album(sent, f"All of it, says {person.first_name}", 0.1, order)
        )
        if person is town.mei:
            await town.press(town.mei, f"{number}", "What is this about?")
            await asyncio.sleep(0.3)
            await town.crash()
            await town.start()
        else:
            await town.press(town.ana, f"{number}", "What is this about?")
        await sending
        other = town.ana if person is town.mei else town.mei
        first = await other.wait_for(f"All of it, says {person.first_name}", timeout=15)
        await town.quiet()
        groups = [call for call in town.sim.calls if call.method == "sendMediaGroup"]
        assert len(groups) == 1
        album = [m for m in other.messages() if m.get("media_group_id") == first["media_group_id"]]
        assert len(album) == PARTS
        entries = (await town.entries(number))[before:]
        assert [(len(entry.files), entry.text) for entry in entries] == [
            (PARTS, f"All of it, says {person.first_name}")
        ]
        files = await town.until(partial(stored, town, entries[0].id), timeout=20)
        assert files == hashes(sent)


async def stored(town, entry_id: int) -> list[str]:
    """The hashes of an entry's files in order, once all are here."""
    files = (await town.ask(lambda unit: unit.messages.get(entry_id))).files
    return [file.sha256 for file in files] if all(file.state == "stored" for file in files) else []
