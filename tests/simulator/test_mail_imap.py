"""The mailboxes as an IMAP client sees them: imaplib and aioimaplib against the simulator."""

import asyncio
import imaplib
import time

import aioimaplib
import pytest
from mail_cast import ACCOUNTS, MAIL, MEI, OFFICE, Wire

from simulator.mail import MailSimulator, certificates

ODD = {
    "no blank line": b"Subject: only headers\r\n",
    "nothing": b"\r\n",
    "bare words": b"no header at all",
    "8 bit": b"Subject: \xb5\xe7\xcc\xdd\r\n\r\n\xc3\xf7\x00\xff\r\n",
    "broken type": b'Content-Type: \x00;;=\r\nFrom: "\r\nMessage-ID: <\r\n\r\nx\r\n',
    "deep": b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(3000)
    ),
    "looks like IMAP": b"Subject: x\r\n\r\n)\r\nA1 OK done\r\n* 3 FETCH (FLAGS ())\r\n{12}\r\n",
}


@pytest.fixture
async def world():
    async with MailSimulator(ACCOUNTS, tokens={"ya29.token": OFFICE}, tls=False) as simulator:
        yield simulator


@pytest.fixture
async def client(world):
    imap = aioimaplib.IMAP4("127.0.0.1", world.imap_port, timeout=5)
    await imap.wait_hello_from_server()
    yield imap
    imap.protocol.transport.abort()
    await asyncio.sleep(0)


@pytest.mark.skipif(not certificates.available(), reason="the openssl command makes the certificates")
async def test_a_client_of_the_standard_library_reads_keeps_and_moves_mails_over_tls():
    def visit(port, context):
        with imaplib.IMAP4_SSL("localhost", port, ssl_context=context) as imap:
            imap.login(OFFICE, "secret")
            assert imap.select() == ("OK", [b"2"])
            assert imap.uid("SEARCH", None, "ALL") == ("OK", [b"1 2"])
            found = imap.uid("FETCH", "2", "(UID RFC822.SIZE BODY.PEEK[])")[1]
            assert found[0][1] == b"Subject: second\r\n\r\nx\r\n" and b"RFC822.SIZE 22" in found[0][0]
            imap.uid("STORE", "1", "+FLAGS", "(\\Seen)")
            imap.create("Done")
            imap.uid("MOVE", "2", "Done")
            assert imap.uid("SEARCH", None, "ALL") == ("OK", [b"1"])

    async with MailSimulator(ACCOUNTS) as world:
        await world.deliver(MAIL, OFFICE)
        assert await world.deliver(b"Subject: second\n\nx\n", OFFICE) == 2
        await asyncio.to_thread(visit, world.imaps_port, world.certificates.client_context())
        (kept,) = await world.stored(OFFICE)
        assert kept.uid == 1 and kept.raw == MAIL and kept.flags == {"\\Seen"}
        assert await world.mails(OFFICE, "Done") == [b"Subject: second\r\n\r\nx\r\n"]
        await world.remove(OFFICE, 1)
        assert await world.mails(OFFICE) == []


@pytest.mark.skipif(not certificates.available(), reason="the openssl command makes the certificates")
async def test_a_client_that_trusts_another_authority_hangs_up():
    async with MailSimulator(ACCOUNTS) as world, MailSimulator(ACCOUNTS) as other:
        context = other.certificates.client_context()
        with pytest.raises(OSError, match="certificate verify failed"):
            await asyncio.open_connection("localhost", world.imaps_port, ssl=context)


async def test_without_tls_the_simulator_says_that_there_is_no_certificate(world):
    with pytest.raises(RuntimeError, match="without TLS"):
        world.ca_file  # noqa: B018 - asking is enough


@pytest.mark.parametrize("given", [("nora", "secret"), (MEI, "secret"), (OFFICE, "")])
async def test_a_wrong_name_or_password_is_refused(client, given):
    answer = await client.login(*given)
    assert answer.result == "NO" and answer.lines[-1].startswith(b"[AUTHENTICATIONFAILED]")


async def test_a_bearer_token_opens_its_own_account_and_no_other(world, client):
    assert (await client.xoauth2(MEI, "ya29.token")).result == "NO"
    assert (await client.xoauth2(OFFICE, "stale")).result == "NO"
    assert (await client.xoauth2(OFFICE, "ya29.token")).result == "OK"
    assert (await client.select()).result == "OK"
    assert world.connections[0].commands[-1] == "SELECT"


async def test_idle_hears_of_every_mail_at_once_also_of_many(world, client):
    await client.login(OFFICE, "secret")
    await client.select()
    waiting = await client.idle_start(timeout=10)
    begun = time.monotonic()
    await world.deliver(MAIL, OFFICE)
    assert b"1 EXISTS" in await client.wait_server_push(5)
    assert time.monotonic() - begun < 0.5
    heard = []
    for number in range(2, 52):
        await world.deliver(MAIL, OFFICE)
        if number % 7 == 0:
            await asyncio.sleep(0)
    while b"51 EXISTS" not in heard:
        heard += await client.wait_server_push(5)
    client.idle_done()
    await asyncio.wait_for(waiting, 5)


@pytest.mark.parametrize("name", ODD)
async def test_every_mail_comes_back_octet_by_octet(world, client, name):
    raw = ODD[name]
    await world.deliver(raw, OFFICE, exact=True)
    await client.login(OFFICE, "secret")
    await client.select()
    answer = await client.uid("FETCH", "1", "(RFC822.SIZE BODY.PEEK[])")
    assert answer.result == "OK" and b"RFC822.SIZE %d" % len(raw) in answer.lines[0]
    assert bytes(answer.lines[1]) == raw
    assert await world.mails(OFFICE) == [raw]


async def test_uidvalidity_changes_everybody_is_thrown_out_and_mails_have_new_uids(world, client):
    for number in range(5):
        await world.deliver(b"Subject: %d\r\n\r\n" % number, OFFICE)
    await world.remove(OFFICE, 1)
    await world.remove(OFFICE, 3)
    before = await world.uid_validity(OFFICE)
    wire = await Wire.open(world.imap_port)
    await wire.line()
    await wire.ask(b"LOGIN office@callout.example secret")
    await wire.ask(b"SELECT INBOX")
    after = await world.reset_uidvalidity(OFFICE)
    assert after > before
    assert (await wire.rest()).endswith(b"* BYE the server is going down\r\n")
    await wire.close()
    assert [(mail.uid, mail.raw) for mail in await world.stored(OFFICE)] == [
        (1, b"Subject: 1\r\n\r\n"),
        (2, b"Subject: 3\r\n\r\n"),
        (3, b"Subject: 4\r\n\r\n"),
    ]
    again = await Wire.open(world.imap_port)
    got, _ = await again.story(b"UID SEARCH ALL")
    assert b"[UIDVALIDITY %d]" % after in got and b"* SEARCH 1 2 3\r\n" in got


async def test_the_same_seed_makes_the_same_uidvalidity(world):
    async with (
        MailSimulator(ACCOUNTS, tls=False) as same,
        MailSimulator(ACCOUNTS, tls=False, seed=5) as other,
    ):
        assert await same.uid_validity(OFFICE) == await world.uid_validity(OFFICE)
        assert await other.uid_validity(OFFICE) != await world.uid_validity(OFFICE)


async def test_an_outage_refuses_connections_and_ends_on_the_same_port_with_all_mails(world):
    await world.deliver(MAIL, OFFICE)
    wire = await Wire.open(world.imap_port)
    await wire.line()
    await world.close_imap()
    await wire.rest()
    await wire.close()
    with pytest.raises(ConnectionRefusedError):
        await Wire.open(world.imap_port)
    await world.open_imap()
    got, _ = await (await Wire.open(world.imap_port)).story()
    assert b"* 1 EXISTS\r\n" in got


async def test_five_thousand_mails_are_listed_in_seconds(world):
    for number in range(5000):
        await world.deliver(b"Subject: %d\r\n\r\nx\r\n" % number, OFFICE)
    begun = time.monotonic()
    got, _ = await (await Wire.open(world.imap_port)).story(b"UID SEARCH ALL", b"UID FETCH 1:* (RFC822.SIZE)")
    assert got.count(b" FETCH (") == 5000 and b"* 5000 EXISTS" in got
    assert time.monotonic() - begun < 10


async def test_a_mail_for_nobody_is_no_delivery(world):
    with pytest.raises(KeyError):
        await world.deliver(MAIL, "nora@callout.example")
    with pytest.raises(KeyError):
        await world.mails(OFFICE, "No such folder")
