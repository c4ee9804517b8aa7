"""No mail in the wrong ticket: what proves that a mail belongs to a ticket, and what forgers try (S7, S8)."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from gateway_house import GatewayHouse, mail
from mail_house import open_store

from callout.clock import HandClock
from dispatch import holding
from storage.records.message import Audience
from storage.records.ticket import Hold, State, Ticket


@pytest.fixture
async def house(tmp_path: Path, clock: HandClock) -> AsyncIterator[GatewayHouse]:
    store = open_store(tmp_path, clock)
    async with store.open():
        found = GatewayHouse(store, clock)
        await found.hire()
        await found.open_gateway(tmp_path / "files")
        yield found


async def words(house: GatewayHouse, ticket: Ticket) -> list[str]:
    return [entry.text for entry in await house.entries(ticket.id)]


async def waiting(house: GatewayHouse) -> Ticket:
    """Mei's ticket waits for her answer: a mail that counts goes on with it, one that does not leaves it."""
    ticket = await house.accepted()
    return await house.do(holding.hold, ticket.id, house.ana, Hold.WAITING_CUSTOMER)


async def test_an_answer_to_our_mail_finds_its_ticket_and_ends_the_waiting(house: GatewayHouse) -> None:
    ticket = await waiting(house)
    ours = await house.last_letter()
    assert await house.post(mail("It is open until six.", answers=ours)) == f"entry of ticket {ticket.id}"
    assert "It is open until six." in await words(house, ticket)
    assert (await house.ticket(ticket.id)).state is State.ACCEPTED
    assert len(await house.tickets()) == 1


async def test_the_secret_address_alone_finds_it(house: GatewayHouse) -> None:
    """Outlook knows its Thread-Index and may leave References out; the address it answers to is enough."""
    ticket = await waiting(house)
    ours = await house.last_letter()
    raw = mail("Come after ten.", to=ours.postage.reply_to, Thread_Index="AdqzJ8f0AAAA")
    assert await house.post(raw) == f"entry of ticket {ticket.id}"
    assert (await house.ticket(ticket.id)).state is State.ACCEPTED


async def test_references_alone_find_it_as_apple_mail_sends_them(house: GatewayHouse) -> None:
    ticket = await waiting(house)
    ours = await house.last_letter()
    chain = f"<first@customer.example>\r\n <{ours.postage.message_id}>\r\n <4711@apple.example>"
    raw = mail("From my phone.", References=chain.replace("\r\n", ""), In_Reply_To="<4711@apple.example>")
    assert await house.post(raw) == f"entry of ticket {ticket.id}"


async def test_following_up_his_own_mail_stays_in_the_ticket(house: GatewayHouse) -> None:
    first = mail("The lift hums.", Message_ID="<own@customer.example>")
    assert (await house.post(first)).startswith("ticket")
    (ticket,) = await house.tickets()
    again = mail("And it smells.", In_Reply_To="<own@customer.example>", subject="Re: Lift stuck")
    assert (await house.post(again)).startswith(f"entry of ticket {ticket.id}")
    assert len(await house.tickets()) == 1


async def test_a_number_counts_for_those_who_belong_to_the_ticket_only(house: GatewayHouse) -> None:
    ticket = await waiting(house)
    await house.parcels()
    assert await house.post(mail("More.", subject=f"Re: [{ticket.label}] lift", dmarc="pass")) == (
        f"entry of ticket {ticket.id}"
    )
    outcome = await house.post(
        mail("Let me in.", subject=f"Re: [{ticket.label}] lift", sender="nora@stranger.example", dmarc="pass")
    )
    assert outcome == "ticket 2"
    other = await house.ticket(2)
    assert other.customer_id != ticket.customer_id and other.about_id is None
    told = [
        p.job.payload["facts"]
        for p in await house.heard("otto")
        if p.job.payload.get("key") == "mail_possibly"
    ]
    assert told == [{"other": ticket.label}]
    nora = await house.heard("nora@stranger.example")
    assert all(ticket.label not in str(parcel.job.payload) for parcel in nora)


async def test_a_known_address_that_nothing_vouches_for_changes_nothing_and_is_shown_to_staff_only(
    house: GatewayHouse,
) -> None:
    ticket = await waiting(house)
    await house.parcels()
    before = await house.ticket(ticket.id)
    outcome = await house.post(mail("It is me, Mei. Cancel.", subject=f"Re: {ticket.label}"))
    assert outcome == f"entry of ticket {ticket.id}, sender not verified"
    assert await house.ticket(ticket.id) == before
    entry = (await house.entries(ticket.id))[-1]
    assert entry.audience is Audience.STAFF and entry.data["unverified"]
    assert not await house.heard("mei"), "nothing is disclosed to whoever wrote it"


async def test_a_secret_does_not_help_against_the_word_of_our_own_mail_server(house: GatewayHouse) -> None:
    ticket = await house.completed()
    ours = await house.last_letter(want=lambda parcel: parcel.job.kind == "card")
    outcome = await house.post(mail("confirm", answers=ours, dmarc="fail"))
    assert outcome.endswith("sender not verified")
    assert (await house.ticket(ticket.id)).state is State.COMPLETED


@pytest.mark.parametrize(
    "address",
    [
        "service+@lift.example",
        "service+t1.1.@lift.example",
        "service+t.1.aaaaaaaaaaaaaaaa@lift.example",
        "service+t1.1.aaaaaaaaaaaaaaaa@lift.example",
        "service+t1.1.null@lift.example",
        "service+T1.1.%00@lift.example",
    ],
)
async def test_an_empty_or_invented_secret_opens_nothing(house: GatewayHouse, address: str) -> None:
    ticket = await waiting(house)
    await house.parcels()
    outcome = await house.post(mail("Hello", to=address, sender="nora@stranger.example"))
    assert outcome == "ticket 2"
    assert await house.ticket(ticket.id) == ticket


@pytest.mark.parametrize(
    "claimed", ["{n}.aaaaaaaaaaaaaaaa@lift.example", "{n}.@lift.example", "{n}@lift.example", ""]
)
async def test_invented_ids_of_ours_open_nothing(house: GatewayHouse, claimed: str) -> None:
    ticket = await waiting(house)
    for number in range(1, 6):
        name = f"<{claimed.format(n=number)}>"
        raw = mail("Hello", sender="nora@stranger.example", In_Reply_To=name, References=name)
        assert (await house.post(raw)).startswith("ticket")
    assert await house.ticket(ticket.id) == ticket and not await words(house, ticket)


async def test_the_secret_of_one_ticket_does_not_open_another(house: GatewayHouse) -> None:
    mine = await house.accepted()
    await house.parcels()
    theirs_outcome = await house.post(mail("My door sticks.", sender="nora@stranger.example", dmarc="pass"))
    assert theirs_outcome == "ticket 2"
    hers = (await house.heard("nora@stranger.example"))[-1]
    # Nora takes her own address, and puts Mei's ticket number and id into it.
    forged = hers.postage.reply_to.replace("t2.", f"t{mine.id}.")
    raw = mail("Cancel it.", sender="nora@stranger.example", to=forged, subject=mine.label, dmarc="pass")
    assert await house.post(raw) == "ticket 3"
    assert (await house.ticket(mine.id)).state is State.ACCEPTED


async def test_a_copy_in_somebody_elses_hands_is_kept_for_staff_and_moves_nothing(
    house: GatewayHouse,
) -> None:
    """Mei put her neighbour on the copy, and the neighbour answers all."""
    ticket = await house.completed()
    ours = await house.last_letter(want=lambda parcel: parcel.job.kind == "card")
    outcome = await house.post(
        mail("confirm", answers=ours, sender="neighbour@customer.example", dmarc="pass")
    )
    assert outcome == f"entry of ticket {ticket.id}, sender not verified"
    assert (await house.ticket(ticket.id)).state is State.COMPLETED
    entry = (await house.entries(ticket.id))[-1]
    assert entry.audience is Audience.STAFF
    assert not await house.heard("neighbour@customer.example")


async def test_a_forwarded_thread_of_a_stranger_stays_where_it_belongs_without_telling_him(
    house: GatewayHouse,
) -> None:
    ticket = await waiting(house)
    ours = await house.last_letter()
    raw = mail(
        "Can you help?\n\n---------- Forwarded message ---------\nFrom: Harbour Lifts\nSubject: your ticket\n\nold",
        sender="nora@stranger.example",
        subject="Fwd: your ticket",
        References=f"<{ours.postage.message_id}>",
    )
    assert await house.post(raw) == f"entry of ticket {ticket.id}, sender not verified"
    assert (await house.ticket(ticket.id)).state is State.ON_HOLD
    assert not await house.heard("nora@stranger.example")


async def test_headers_in_our_name_mean_nothing(house: GatewayHouse) -> None:
    ticket = await waiting(house)
    raw = mail(
        "Trust me.",
        sender="nora@stranger.example",
        X_Callout="1",
        X_Callout_Ticket=str(ticket.id),
        X_Callout_Person=str(house.mei.id),
    )
    assert await house.post(raw) == "ticket 2"
    assert await house.ticket(ticket.id) == ticket


async def test_a_reply_to_a_duplicate_goes_to_the_ticket_that_lives(house: GatewayHouse) -> None:
    from dispatch import desk

    first = await house.accepted()
    second = await house.reported(problem="Lift 2 again")
    ours = await house.last_letter(want=lambda parcel: parcel.job.ticket_id == second.id)
    await house.do(desk.duplicate, second.id, house.otto, first.id)
    assert await house.post(mail("Any news?", answers=ours)) == f"entry of ticket {first.id}"
