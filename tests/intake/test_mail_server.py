"""A mail server that is away, refuses us, or is not who he says: nothing is lost, no password leaks, it is told."""

import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from mail_post import Post, failure, parcel
from smtp_script import DROP, STALL, ScriptedServer

from dispatch.ports import Refused
from intake.smtp import Broken, Outgoing, Step
from intake.smtp_outcomes import translate
from simulator.mail import certificates


@pytest.fixture
async def server() -> AsyncIterator[ScriptedServer]:
    async with ScriptedServer() as listening:
        yield listening


# --- the server itself ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("verb", "does"),
    [
        ("connect", DROP),
        ("connect", "554 no service"),
        ("connect", "421 busy"),
        ("connect", STALL),
        ("ehlo", DROP),
        ("ehlo", "550 who are you"),
    ],
)
async def test_a_server_that_is_not_there_holds_the_whole_channel_and_is_told(
    server: ScriptedServer, verb: str, does: str
) -> None:
    server.order(verb, does)
    post = Post(server, settings={"timeout": 0.3})
    async with post as sender:
        refused = await failure(sender)
        assert refused.everywhere and not (refused.forever or refused.ambiguous)
        assert sender.trouble.startswith("The mail server for outgoing mail")
        assert [note["event"] for note in post.notes] == ["mail.trouble"]
        await sender.send(parcel())
        assert sender.trouble == ""


async def test_nobody_at_the_port_is_told_in_one_sentence() -> None:
    async with ScriptedServer() as gone:
        pass
    async with Post(gone) as sender:
        assert (await failure(sender)).everywhere
        assert sender.trouble.startswith("The mail server for outgoing mail cannot be reached")


async def test_a_password_that_is_refused_is_told_and_not_tried_every_second(server: ScriptedServer) -> None:
    server.offers = ("AUTH PLAIN LOGIN",)
    server.order("auth", "535 5.7.8 bad credentials")
    settings = {"user": "callout", "password": "secret-word"}
    async with Post(server, settings=settings) as sender:
        refused = await failure(sender)
        assert refused.everywhere and not refused.forever and (refused.retry_after or 0) >= 300
        assert sender.trouble.startswith("The mail server refuses our name, password or token: 535")
        assert "secret-word" not in sender.trouble + refused.why + repr(sender.connections.outgoing)
        server.order("auth", "454 4.7.0 temporary authentication failure")
        assert (await failure(sender)).retry_after == 15
        await sender.send(parcel())
    assert any(line.startswith("AUTH PLAIN ") for line in server.heard)


async def test_a_token_that_is_refused_is_forgotten_and_one_that_cannot_be_had_is_told(
    server: ScriptedServer,
) -> None:
    server.offers = ("AUTH XOAUTH2",)
    server.order("auth", "535 5.7.3 no")
    forgotten: list[bool] = []

    async def token() -> str:
        if len(forgotten) == 2:
            raise Refused("The token endpoint refuses us: grant access again")
        return "t0ken"

    settings = {"user": "a@b.example", "token": token, "forget": lambda: forgotten.append(True)}
    async with Post(server, settings=settings) as sender:
        assert (await failure(sender)).everywhere
        assert forgotten == [True]
        await sender.send(parcel())
        forgotten.append(True)
        await sender.close()
        refused = await failure(sender)
        assert refused.everywhere and "grant access again" in sender.trouble


def test_a_password_never_leaves_this_machine_in_the_clear() -> None:
    with pytest.raises(ValueError, match="TLS"):
        Outgoing("mail.example", 25, security="none", user="a", password="b")
    Outgoing("127.0.0.1", 25, security="none", user="a", password="b")
    with pytest.raises(ValueError, match="starttls"):
        Outgoing("mail.example", 25, security="maybe")


# --- TLS -----------------------------------------------------------------------------------------------------------

needs_openssl = pytest.mark.skipif(
    not certificates.available(), reason="no openssl to make certificates with"
)


@needs_openssl
@pytest.mark.parametrize("security", ["tls", "starttls"])
async def test_mail_goes_over_tls_to_the_server_we_trust_and_to_no_other(
    tmp_path: Path, security: str
) -> None:
    made = await certificates.make(tmp_path, "mail.example")
    context = made.server_context()
    settings = {"security": security, "host": "localhost", "ca_file": str(made.ca_file), "user": "a"}
    async with (
        ScriptedServer(context=context, implicit=security == "tls") as server,
        ScriptedServer(context=context, implicit=security == "tls", host="127.0.0.2") as elsewhere,
    ):
        async with Post(server, settings={**settings, "password": "b"}) as sender:
            await sender.send(parcel())
        assert len(server.taken) == 1
        strange = Post(server, settings={**settings, "password": "b", "ca_file": ""})
        misnamed = Post(elsewhere, settings={**settings, "password": "b", "host": "127.0.0.2"})
        for post in (strange, misnamed):
            async with post as sender:
                refused = await failure(sender)
                assert refused.everywhere and not refused.forever
                assert sender.trouble.startswith("No safe connection to the mail server"), sender.trouble
                assert "certificate" in sender.trouble
        assert len(server.taken) == 1 and elsewhere.taken == []
        heard = server.heard + elsewhere.heard
        assert sum("AUTH" in line for line in heard) == 1, "no password for who is not who he says"


@needs_openssl
async def test_a_server_that_offers_no_encryption_gets_nothing(server: ScriptedServer) -> None:
    async with Post(server, settings={"security": "starttls", "user": "a", "password": "b"}) as sender:
        refused = await failure(sender)
        assert refused.everywhere and "No safe connection" in sender.trouble
    server.order("starttls", "454 not now")
    server.offers = ("STARTTLS",)
    async with Post(server, settings={"security": "starttls", "user": "a", "password": "b"}) as sender:
        assert (await failure(sender)).everywhere
    assert not any("AUTH" in line or "MAIL" in line for line in server.heard)


async def test_an_authority_that_cannot_be_read_is_told(server: ScriptedServer, tmp_path: Path) -> None:
    settings = {"security": "tls", "ca_file": str(tmp_path / "none.pem")}
    async with Post(server, settings=settings) as sender:
        assert (await failure(sender)).everywhere
        assert "the file of the authority" in sender.trouble


def test_a_broken_certificate_is_not_mistaken_for_a_server_that_is_away() -> None:
    assert translate(Broken(Step.TLS, 0, "certificate: expired")).retry_after == 300
    assert translate(Broken(Step.CONNECT, 0, "refused")).retry_after is None
    assert issubclass(ssl.SSLError, OSError), "a missing or broken file of the authority comes as one"
