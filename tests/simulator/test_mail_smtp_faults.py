"""Faults to order from SMTP: at each verb an answer, a hang-up or silence, and what became of the mail."""

import asyncio
import time

import aiosmtplib
import pytest
from mail_cast import ACCOUNTS, MAIL, MEI, OFFICE

from simulator.mail import MailSimulator, SmtpFault, certificates

NORA = "nora@slow.example"
LOGIN = {"username": OFFICE, "password": "secret"}
ANSWERED = ("CONNECT", "EHLO", "AUTH", "MAIL", "RCPT", "DATA", "TEXT", "DOT")


@pytest.fixture
async def world():
    async with MailSimulator(ACCOUNTS, tls=False) as simulator:
        yield simulator


async def send(world, *to, timeout=5, **how):
    how = {"port": world.smtp_port, "start_tls": False, "timeout": timeout} | LOGIN | how
    return await aiosmtplib.send(MAIL, sender=OFFICE, recipients=list(to), hostname="127.0.0.1", **how)


@pytest.mark.parametrize("answer", ["451 4.3.0 try again later", "554 5.7.1 go away", "421 4.3.2 closing"])
@pytest.mark.parametrize("verb", ANSWERED)
async def test_each_verb_can_be_refused_and_the_mail_is_not_kept(world, verb, answer):
    # A client goes on from EHLO to HELO, and from AUTH PLAIN to AUTH LOGIN: the order must hold for those too.
    world.smtp.order(SmtpFault("HELO", answer))
    fault = world.smtp.order(SmtpFault(verb, answer, times=None if verb == "AUTH" else 1))
    with pytest.raises(aiosmtplib.SMTPException) as error:
        await send(world, MEI)
    assert fault.fired >= 1 and world.submissions == [] and await world.mails(MEI) == []
    if not answer.startswith("421"):
        assert answer[4:] in str(error.value) + str(getattr(error.value, "recipients", ""))
    world.smtp.clear()
    await send(world, MEI)
    assert len(await world.mails(MEI)) == 1


@pytest.mark.parametrize("kind", ["drop", "reset"])
@pytest.mark.parametrize("verb", ANSWERED)
async def test_the_connection_ends_at_each_verb_and_only_behind_the_final_dot_the_mail_is_kept(
    world, verb, kind
):
    fault = world.smtp.order(SmtpFault(verb, kind))
    with pytest.raises((aiosmtplib.SMTPException, OSError)):
        await send(world, MEI)
    assert fault.fired == 1
    assert len(await world.mails(MEI)) == len(world.submissions) == (1 if verb == "DOT" else 0)


@pytest.mark.parametrize("verb", ["MAIL", "RCPT", "DATA", "DOT"])
async def test_silence_for_ever_until_the_client_gives_up(world, verb):
    world.smtp.order(SmtpFault(verb, "stall"))
    with pytest.raises(aiosmtplib.SMTPTimeoutError):
        await send(world, MEI, timeout=0.2)
    assert len(world.submissions) == (1 if verb == "DOT" else 0)


async def test_an_answer_that_comes_late_comes_all_the_same(world):
    world.smtp.order(SmtpFault("DOT", "stall", seconds=0.3))
    begun = time.monotonic()
    assert (await send(world, MEI))[0] == {}
    assert time.monotonic() - begun >= 0.3 and len(world.submissions) == 1


async def test_a_mail_behind_its_dot_may_be_lost_or_kept_whatever_the_answer_says(world):
    world.smtp.order(SmtpFault("DOT", "drop", keep=False))
    with pytest.raises(aiosmtplib.SMTPException):
        await send(world, MEI)
    assert world.submissions == []
    world.smtp.order(SmtpFault("DOT", "451 4.3.0 queue file write error", keep=True))
    with pytest.raises(aiosmtplib.SMTPException, match="queue file"):
        await send(world, MEI)
    assert len(world.submissions) == 1


async def test_one_of_two_recipients_is_refused_and_the_other_gets_the_mail(world):
    world.smtp.order(SmtpFault("RCPT", "550 5.1.1 no such user", address=NORA, times=None))
    errors, _ = await send(world, MEI, NORA)
    assert errors == {NORA: (550, "5.1.1 no such user")}
    assert world.submissions[0].rcpt_to == (MEI,) and len(await world.mails(MEI)) == 1


async def test_a_slow_domain_is_slow_and_no_other_is(world):
    world.smtp.order(SmtpFault("DOT", "stall", address="@slow.example", seconds=0.5, times=None))
    begun = time.monotonic()

    async def timed(to):
        await send(world, to)
        return time.monotonic() - begun

    slow, quick = await asyncio.gather(timed(NORA), timed(MEI))
    assert slow >= 0.5 and quick < 0.4


async def test_a_sender_may_be_refused(world):
    fault = world.smtp.order(SmtpFault("MAIL", "553 5.7.1 not yours", address=MEI, times=None))
    await send(world, MEI)
    assert fault.fired == 0
    with pytest.raises(aiosmtplib.SMTPException, match="not yours"):
        await aiosmtplib.send(
            MAIL, sender=MEI, recipients=[OFFICE], hostname="127.0.0.1", port=world.smtp_port, start_tls=False
        )


async def test_a_server_that_says_one_octet_at_a_time(world):
    world.smtp.order(SmtpFault("RCPT", "slow", rate=40))
    begun = time.monotonic()
    assert (await send(world, MEI))[0] == {}
    assert time.monotonic() - begun >= 1.5 and len(world.submissions) == 1


async def test_an_outage_refuses_connections_and_ends_on_the_same_port(world):
    port = world.smtp_port
    await world.close_smtp()
    with pytest.raises(aiosmtplib.SMTPConnectError):
        await send(world, MEI)
    await world.open_smtp()
    assert world.smtp_port == port and (await send(world, MEI))[0] == {}


async def test_faults_come_with_the_probability_that_was_asked_for(world):
    fault = world.smtp.order(SmtpFault("RCPT", "450 4.2.0 busy", probability=0.5, times=None))
    failed = 0
    for _ in range(30):
        try:
            await send(world, MEI)
        except aiosmtplib.SMTPRecipientsRefused:
            failed += 1
    assert fault.fired == failed and 6 <= failed <= 24
    assert len(world.submissions) == 30 - failed


@pytest.mark.skipif(not certificates.available(), reason="the openssl command makes the certificates")
@pytest.mark.parametrize("kind", ["454 4.7.0 TLS not available", "drop"])
async def test_starttls_fails(kind):
    async with MailSimulator(ACCOUNTS) as world:
        world.smtp.order(SmtpFault("STARTTLS", kind))
        with pytest.raises(aiosmtplib.SMTPException):
            await send(world, MEI, start_tls=True, tls_context=world.certificates.client_context())
        assert world.submissions == []


async def test_whoever_waits_for_a_fault_is_told_when_the_mail_has_been_kept(world):
    told = []
    world.smtp.order(SmtpFault("DOT", "drop", then=lambda: told.append(len(world.submissions))))
    with pytest.raises(aiosmtplib.SMTPException):
        await send(world, MEI)
    assert told == [1]


@pytest.mark.parametrize(("verb", "kind"), [("DOTS", "drop"), ("DATA", "explode")])
def test_an_order_that_makes_no_sense_is_refused(verb, kind):
    with pytest.raises(ValueError, match="unknown"):
        SmtpFault(verb, kind)
