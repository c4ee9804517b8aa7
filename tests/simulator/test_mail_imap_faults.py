"""Faults to order from IMAP: each does what it says, at the octet it was told to."""

import asyncio
import time

import aioimaplib
import pytest
from mail_cast import ACCOUNTS, MAIL, OFFICE, Wire

from simulator.mail import FaultPlan, ImapFault, MailSimulator

FETCH = b"UID FETCH 1 (RFC822.SIZE BODY.PEEK[])"
QUIET = FaultPlan()


@pytest.fixture
async def world():
    async with MailSimulator(ACCOUNTS, tls=False) as simulator:
        await simulator.deliver(MAIL, OFFICE)
        yield simulator


async def story(world, *commands):
    return await (await Wire.open(world.imap_port)).story(*commands)


async def greeted(world):
    """A connection that is logged in and has INBOX open."""
    wire = await Wire.open(world.imap_port)
    await wire.line()
    await wire.ask(b"LOGIN office@callout.example secret")
    await wire.ask(b"SELECT INBOX")
    return wire


@pytest.mark.parametrize("kind", ["drop", "reset"])
async def test_exactly_so_many_octets_arrive_before_the_connection_ends_wherever_that_is(world, kind):
    whole, _ = await story(world, FETCH)
    assert whole.endswith(b"OK LOGOUT completed.\r\n") or b"BYE" in whole
    for place in range(0, len(whole), 41 if kind == "drop" else 67):
        world.imap.plan(ImapFault(kind, at=place))
        got, reset = await story(world, FETCH)
        assert got == whole[:place] and reset == (kind == "reset"), place


async def test_the_connection_ends_at_each_token_in_turn(world):
    whole, _ = await story(world, FETCH)
    tokens = world.connections[-1].tokens
    lengths = []
    for number in range(tokens):
        world.imap.plan(ImapFault("drop", token=number))
        got, _ = await story(world, FETCH)
        assert whole.startswith(bytes(got))
        lengths.append(len(got))
    body = whole.index(MAIL)
    assert tokens > 50 and lengths == sorted(lengths)
    assert {0, 1, body, body + len(MAIL) // 2} <= set(lengths)
    got, _ = await story(world, FETCH)
    assert got == whole


async def test_a_stall_is_silence_for_so_long_and_then_all_goes_on(world):
    whole, _ = await story(world, FETCH)
    world.imap.plan(ImapFault("stall", at=whole.index(MAIL) + 5, seconds=0.3))
    begun = time.monotonic()
    got, _ = await story(world, FETCH)
    assert got == whole and 0.3 <= time.monotonic() - begun < 2


async def test_a_stall_for_ever_ends_when_the_client_gives_up(world):
    world.imap.order(ImapFault("stall", command="FETCH"))
    wire = await greeted(world)
    await wire.send(FETCH)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(wire.reader.read(1), 0.2)
    (connection,) = world.connections
    assert connection.open and connection.commands[-1] == "UID FETCH"
    await wire.close()
    await asyncio.wait_for(connection.gone(), 2)
    assert not connection.open


async def test_the_client_of_the_service_runs_into_its_own_timeout_when_a_body_stalls(world):
    client = aioimaplib.IMAP4("127.0.0.1", world.imap_port, timeout=5)
    await client.wait_hello_from_server()
    await client.login(OFFICE, "secret")
    await client.select()
    world.imap.order(ImapFault("stall", piece=world.connections[0].pieces + 2, part=0.5))
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(client.uid("FETCH", "1", "(BODY.PEEK[])"), 0.3)
    client.protocol.transport.abort()
    await asyncio.sleep(0)


async def test_a_slow_server_needs_its_time(world):
    whole, _ = await story(world)
    world.imap.plan(ImapFault("slow", at=0, rate=1000))
    begun = time.monotonic()
    got, _ = await story(world)
    assert got == whole and time.monotonic() - begun >= len(whole) / 1000 * 0.8


@pytest.mark.parametrize(("kind", "verdict"), [("no", b"NO"), ("bad", b"BAD")])
async def test_the_second_fetch_is_refused_and_has_no_effect(world, kind, verdict):
    fault = world.imap.order(ImapFault(kind, command="FETCH", nth=2, words="[INUSE] try later"))
    wire = await greeted(world)
    first, second, third = [await wire.ask(b"UID FETCH 1 (BODY[])") for _ in range(3)]
    assert first[-1].startswith(b"A3 OK") and third[-1].startswith(b"A5 OK")
    assert second == [b"A4 " + verdict + b" [INUSE] try later\r\n"]
    assert fault.fired == 1
    await wire.close()


async def test_only_the_named_kind_of_command_is_refused(world):
    world.imap.order(ImapFault("no", command="UID FETCH"))
    wire = await greeted(world)
    assert (await wire.ask(b"FETCH 1 (FLAGS)"))[-1].startswith(b"A3 OK")
    assert (await wire.ask(b"UID SEARCH ALL"))[-1].startswith(b"A4 OK")
    assert (await wire.ask(b"UID FETCH 1 (FLAGS)"))[-1].startswith(b"A5 NO")
    await wire.close()


async def test_a_refused_append_swallows_its_literal_and_keeps_nothing(world):
    world.imap.order(ImapFault("no", command="APPEND", times=None))
    wire = await greeted(world)
    wire.writer.write(b"B1 APPEND INBOX {9+}\r\nSubject:x\r\nB2 APPEND INBOX {9}\r\nB3 NOOP\r\n")
    answers = [await wire.line() for _ in range(3)]
    assert [answer[:6] for answer in answers] == [b"B1 NO ", b"B2 NO ", b"B3 OK "]
    assert await world.mails(OFFICE) == [MAIL]
    await wire.close()


async def test_login_is_refused_as_often_as_ordered_by_password_and_by_token(world):
    world.tokens["t"] = OFFICE
    fault = world.imap.order(ImapFault("refuse", times=2))
    results = []
    for way in ("login", "xoauth2", "login"):
        client = aioimaplib.IMAP4("127.0.0.1", world.imap_port, timeout=5)
        await client.wait_hello_from_server()
        answer = await getattr(client, way)(OFFICE, "t" if way == "xoauth2" else "secret")
        results.append((answer.result, b"AUTHENTICATIONFAILED" in answer.lines[-1]))
        client.protocol.transport.abort()
    await asyncio.sleep(0)
    assert results == [("NO", True), ("NO", True), ("OK", False)] and fault.fired == 2


async def test_bye_is_said_before_the_connection_ends(world):
    world.imap.plan(ImapFault("bye", command="SELECT", words="maintenance"))
    got, _ = await story(world)
    assert got.endswith(b"* BYE maintenance\r\n") and b"EXISTS" not in got


async def test_unasked_data_comes_between_two_responses_and_never_inside_one(world):
    whole, _ = await story(world, FETCH)
    news = b"* 9 FETCH (FLAGS (\\Seen))\r\n"
    for place in range(0, len(whole), 97):
        world.imap.plan(ImapFault("extra", at=place, data=news))
        got, _ = await story(world, FETCH)
        assert got.replace(news, b"") == whole and got.count(news) <= 1
        before = got.partition(news)[0]
        assert before.endswith(b"\r\n") or before in (b"", whole)
        assert MAIL in got


@pytest.mark.parametrize("by", [-3, 7])
async def test_a_literal_is_announced_with_a_wrong_size(world, by):
    whole, _ = await story(world, FETCH)
    world.imap.plan(ImapFault("literal", at=0, by=by))
    got, _ = await story(world, FETCH)
    right, wrong = b"{%d}\r\n" % len(MAIL), b"{%d}\r\n" % (len(MAIL) + by)
    assert got == whole.replace(right, wrong)


async def test_a_plan_is_for_one_connection_and_the_next_has_the_next(world):
    world.imap.plan(ImapFault("drop", at=4))
    world.imap.plan()
    world.imap.plan(ImapFault("bye", at=0))
    (first, _), (second, _), (third, _), (fourth, _) = [await story(world) for _ in range(4)]
    assert first == b"* OK" and third == b"* BYE the server is going down\r\n"
    assert second == fourth and b"EXISTS" in second


async def test_an_order_meets_connections_that_are_open(world):
    wire = await greeted(world)
    fault = world.imap.order(ImapFault("reset", at=0))
    with pytest.raises(ConnectionResetError):
        await wire.ask(b"NOOP")
    assert fault.fired == 1
    await wire.close()


@pytest.mark.parametrize("kind", ["drop", "reset", "bye"])
async def test_everybody_is_thrown_out_at_a_word(world, kind):
    wire = await greeted(world)
    await wire.send(b"IDLE")
    await wire.line()
    await world.hang_up(kind)
    if kind == "reset":
        with pytest.raises(ConnectionResetError):
            await wire.rest()
    else:
        assert (await wire.rest()).endswith(b"* BYE the server is going down\r\n") == (kind == "bye")
    await wire.close()
    assert not world.connections[0].open


async def test_random_faults_come_about_as_often_as_asked_and_the_same_with_the_same_seed():
    async def lengths(seed):
        async with MailSimulator(ACCOUNTS, tls=False, seed=seed) as world:
            for _ in range(20):
                await world.deliver(MAIL, OFFICE)
            world.imap_faults(every=30)
            return [len((await story(world, b"UID FETCH 1:* (BODY.PEEK[])"))[0]) for _ in range(25)]

    first, again, other = await lengths(1), await lengths(1), await lengths(2)
    assert first == again != other
    whole = max(first)
    assert 12 <= sum(length < whole for length in first) <= 25
    assert len(set(first)) > 8


async def test_all_is_well_once_the_faults_are_cleared(world):
    whole, _ = await story(world, FETCH)
    world.imap_faults(every=1)
    world.imap.plan(ImapFault("drop", at=3))
    world.imap.order(ImapFault("no", command="*", times=None))
    world.imap.plan(ImapFault("drop", command="NOOP"))
    wire = await Wire.open(world.imap_port)
    await wire.close()
    world.imap.clear()
    assert (await story(world, FETCH))[0] == whole


async def test_whoever_waits_for_a_fault_is_told_as_it_strikes(world):
    told = []
    fault = ImapFault("drop", command="SELECT", then=lambda: told.append(len(world.connections)))
    world.imap.order(fault)
    await story(world)
    assert told == [1]


@pytest.mark.parametrize(
    ("order", "words"),
    [
        ({"kind": "explode", "at": 1}, "unknown fault"),
        ({"kind": "no", "at": 1}, "say which"),
        ({"kind": "drop"}, "one of"),
        ({"kind": "drop", "at": 1, "token": 1}, "one of"),
    ],
)
def test_an_order_that_makes_no_sense_is_refused(order, words):
    with pytest.raises(ValueError, match=words):
        ImapFault(**order)
