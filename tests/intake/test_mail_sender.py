"""The mail channel against a mail server that fails at each verb: what surely was not sent, what may have been."""

import asyncio
import email
from collections.abc import AsyncIterator

import pytest
from mail_post import SENT, Post, failure, parcel
from smtp_script import DROP, STALL, ScriptedServer

from intake.smtp_outcomes import pause


@pytest.fixture
async def server() -> AsyncIterator[ScriptedServer]:
    async with ScriptedServer() as listening:
        yield listening


# --- it works ------------------------------------------------------------------------------------------------------


async def test_a_letter_arrives_with_our_address_for_bounces_and_its_id_comes_back(
    server: ScriptedServer,
) -> None:
    async with Post(server) as sender:
        assert await sender.send(parcel()) == SENT
    (mail,) = server.taken
    assert (mail.sender, mail.recipient) == ("service@lift.example", "mei@customer.example")
    assert email.message_from_bytes(mail.raw)["Message-ID"] == "<7.abc@lift.example>"


async def test_lines_that_begin_with_a_dot_arrive_as_they_were(server: ScriptedServer) -> None:
    async with Post(server) as sender:
        await sender.send(parcel(text=".\n..\n.end"))
    (text, *_) = email.message_from_bytes(server.taken[0].raw).get_payload()
    assert text.get_payload(decode=True).replace(b"\r\n", b"\n").startswith(b".\n..\n.end\n")


async def test_a_connection_is_used_again_and_one_that_died_meanwhile_is_no_failure(
    server: ScriptedServer,
) -> None:
    async with Post(server) as sender:
        for number in range(3):
            await sender.send(parcel(number=number))
        assert server.sessions == 1 and server.heard.count("RSET") == 2
        server.order("rset", DROP)
        await sender.send(parcel(number=4))
        server.order("rset", "421 too long here")
        await sender.send(parcel(number=5))
    assert server.sessions == 3 and len(server.taken) == 5
    assert server.heard[-1] == "QUIT"


async def test_a_goodbye_that_fails_is_no_failure(server: ScriptedServer) -> None:
    server.order("quit", DROP)
    async with Post(server) as sender:
        await sender.send(parcel())
    server.order("quit", "500 no")
    async with Post(server) as sender:
        await sender.send(parcel())
    assert len(server.taken) == 2


async def test_an_address_with_a_foreign_domain_is_sent_in_its_own_letters(server: ScriptedServer) -> None:
    async with Post(server) as sender:
        await sender.send(parcel("mei@bücher.example"))
        assert server.taken[0].recipient == "mei@xn--bcher-kva.example"
        for bad in ("梅@customer.example", "a@b.c BODY=8BITMIME", "nobody", "a@b.c>\r\nDATA"):
            refused = await failure(sender, parcel(bad))
            assert refused.forever and not refused.ambiguous
    assert len(server.taken) == 1 and server.sessions == 1


# --- each verb fails (F10) -----------------------------------------------------------------------------------------

VERBS = ("mail", "rcpt", "data", "dot")


@pytest.mark.parametrize("verb", VERBS)
async def test_a_refusal_for_now_is_tried_later_and_is_no_doubt(server: ScriptedServer, verb: str) -> None:
    server.order(verb, "451 4.3.0 come back later", times=5)
    async with Post(server) as sender:
        waits = []
        for _ in range(5):
            refused = await failure(sender)
            assert not (refused.ambiguous or refused.forever or refused.everywhere or refused.broken)
            waits.append(refused.retry_after)
        assert waits == [60, 300, 900, 3600, 3600]
        assert await sender.send(parcel()) == SENT
        server.order(verb, "451 again")
        assert (await failure(sender)).retry_after == 60, "a new letter begins anew"
    assert len(server.taken) == 1


def test_pauses_grow_from_a_minute_to_an_hour() -> None:
    assert [pause(attempts) / 60 for attempts in range(8)] == [1, 1, 5, 15, 60, 60, 60, 60]


async def test_an_address_that_is_unknown_there_is_given_up_at_once(server: ScriptedServer) -> None:
    server.order("rcpt", "550 5.1.1 no such user")
    async with Post(server) as sender:
        refused = await failure(sender)
        assert refused.forever and not refused.everywhere and not sender.trouble
        assert "550 5.1.1 no such user" in refused.why
        server.order("dot", "550 5.1.1 no such user")
        assert (await failure(sender)).forever, "some servers say so only after the text"


@pytest.mark.parametrize("verb", ["data", "dot"])
async def test_a_letter_that_is_not_wanted_does_not_make_its_reader_unreachable(
    server: ScriptedServer, verb: str
) -> None:
    server.order(verb, "554 5.7.1 this looks like advertising")
    async with Post(server) as sender:
        refused = await failure(sender)
    assert refused.broken and not refused.forever and not refused.ambiguous


@pytest.mark.parametrize(
    ("verb", "reply"),
    [
        ("mail", "550 5.7.60 not permitted to send as this sender"),
        ("mail", "553 5.1.8 sender address rejected"),
        ("rcpt", "554 5.7.1 relay access denied"),
        ("rcpt", "550 relaying denied"),
    ],
)
async def test_a_server_that_does_not_want_us_costs_no_letter_and_no_address(
    server: ScriptedServer, verb: str, reply: str
) -> None:
    server.order(verb, reply)
    async with Post(server) as sender:
        refused = await failure(sender)
        assert not (refused.forever or refused.broken or refused.ambiguous)
        assert reply in sender.trouble
        await sender.send(parcel())
        assert sender.trouble == ""


async def test_a_letter_that_is_too_large_for_the_server_is_the_letters_fault(server: ScriptedServer) -> None:
    server.order("mail", "552 5.3.4 message too big")
    async with Post(server) as sender:
        refused = await failure(sender)
        assert refused.broken and not sender.trouble


@pytest.mark.parametrize("verb", ["mail", "rcpt", "data", "text"])
async def test_a_line_that_breaks_before_the_final_dot_leaves_no_doubt(
    server: ScriptedServer, verb: str
) -> None:
    server.order(verb, DROP)
    async with Post(server) as sender:
        refused = await failure(sender, parcel(text="x" * 2_000_000))
        assert not (refused.ambiguous or refused.forever or refused.everywhere)
    assert server.taken == []


@pytest.mark.parametrize("keeps", [True, False])
@pytest.mark.parametrize("does", [DROP, STALL])
async def test_after_the_final_dot_silence_is_doubt(server: ScriptedServer, does: str, keeps: bool) -> None:
    server.order("dot", does, keeps=keeps)
    async with Post(server) as sender:
        refused = await failure(sender)
        assert refused.ambiguous and not refused.forever
        assert await sender.send(parcel()) == SENT
    assert len(server.taken) == 1 + keeps
    assert len({mail.raw for mail in server.taken}) == 1, "the same Message-ID, Date and words each time"


@pytest.mark.parametrize("verb", ["mail", "rcpt", "data"])
async def test_a_server_that_falls_silent_holds_us_no_longer_than_the_time_out(
    server: ScriptedServer, verb: str
) -> None:
    server.order(verb, STALL)
    async with Post(server, settings={"timeout": 0.3}) as sender, asyncio.timeout(2):
        refused = await failure(sender)
    assert not refused.ambiguous and not refused.everywhere


async def test_one_letter_takes_no_longer_than_its_lease_whatever_the_server_does(
    server: ScriptedServer,
) -> None:
    for verb in ("ehlo", "mail", "rcpt", "data", "dot"):
        server.order(verb, 0.3)
    async with Post(server, longest=0.8) as sender, asyncio.timeout(2):
        refused = await failure(sender)
    assert not refused.ambiguous and "no end after" in refused.why
    assert server.taken == []
