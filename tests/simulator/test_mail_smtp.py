"""Mails that are handed over: who may, where they go, what comes back; aiosmtplib and smtplib as clients."""

import asyncio
import smtplib
import ssl

import aiosmtplib
import pytest
from mail_cast import ACCOUNTS, MAIL, MEI, OFFICE

from simulator.mail import Bounce, MailSimulator, certificates

TLS = pytest.mark.skipif(not certificates.available(), reason="the openssl command makes the certificates")


@pytest.fixture
async def world():
    async with MailSimulator(ACCOUNTS, tls=False, tokens={"ya29.token": OFFICE}) as simulator:
        yield simulator


async def send(world, *to, sender=OFFICE, data=MAIL, **how):
    how = {"port": world.smtp_port, "start_tls": False} | how
    return await aiosmtplib.send(data, sender=sender, recipients=list(to), hostname="localhost", **how)


async def settle(world, condition):
    for _ in range(400):
        if condition():
            return
        await asyncio.sleep(0.005)
    raise AssertionError("it never came to that")


async def test_a_mail_lands_in_the_inbox_with_the_servers_headers_on_top(world):
    await send(world, MEI)
    (raw,) = await world.mails(MEI)
    top, _, rest = raw.partition(b"From: Mei")
    assert top.startswith(
        b"Return-Path: <office@callout.example>\r\nDelivered-To: mei@example.org\r\nReceived: from "
    )
    assert b"From: Mei" + rest == MAIL


async def test_the_envelope_is_recorded(world):
    await send(world, MEI, "nora@elsewhere.example", data=b"Subject: x\r\n\r\n.\r\n..dots\r\n")
    (submission,) = world.submissions
    assert submission.mail_from == OFFICE and submission.rcpt_to == (MEI, "nora@elsewhere.example")
    assert submission.data == b"Subject: x\r\n\r\n.\r\n..dots\r\n" and submission.account == ""
    assert abs((world.now() - submission.at).total_seconds()) < 5


async def test_a_plus_address_is_its_owners_and_capitals_do_not_matter(world):
    await send(world, "Office+t12.abcdef@Callout.Example", sender=MEI)
    (raw,) = await world.mails(OFFICE)
    assert b"Delivered-To: Office+t12.abcdef@Callout.Example\r\n" in raw


async def test_a_mail_for_somebody_elsewhere_is_kept_outside(world):
    await send(world, "Nora@Elsewhere.example")
    assert world.outside["nora@elsewhere.example"] == [MAIL]
    assert world.outside["nobody@elsewhere.example"] == [] and await world.mails(MEI) == []


async def test_the_empty_sender_of_a_report_is_accepted(world):
    def visit():
        with smtplib.SMTP("127.0.0.1", world.smtp_port) as smtp:
            return smtp.sendmail("", [OFFICE], MAIL)

    assert await asyncio.to_thread(visit) == {}
    assert world.submissions[0].mail_from == ""
    assert (await world.mails(OFFICE))[0].startswith(b"Return-Path: <>\r\n")


@TLS
@pytest.mark.parametrize("way", ["smtps", "starttls"])
async def test_tls_by_our_own_authority(way):
    async with MailSimulator(ACCOUNTS) as world:
        how = {
            "smtps": {"use_tls": True, "start_tls": None, "port": world.smtps_port},
            "starttls": {"start_tls": True},
        }[way]
        how |= {"username": OFFICE, "password": "secret"}
        errors, answer = await send(world, MEI, tls_context=world.certificates.client_context(), **how)
        assert errors == {} and answer == "2.0.0 queued as 1"
        assert world.submissions[0].account == OFFICE
        with pytest.raises((ssl.SSLError, aiosmtplib.SMTPException)):
            await send(world, MEI, **how)
        assert len(world.submissions) == 1


async def test_a_login_is_needed_when_the_provider_says_so():
    async with MailSimulator(ACCOUNTS, tls=False, login_needed=True, tokens={"ya29.token": OFFICE}) as world:
        with pytest.raises(aiosmtplib.SMTPException, match="Authentication required"):
            await send(world, MEI)
        with pytest.raises(aiosmtplib.SMTPAuthenticationError):
            await send(world, MEI, username=OFFICE, password="wrong")
        await send(world, MEI, username=OFFICE, password="secret")

        async def token():
            return "ya29.token"

        async def stale():
            return "stale"

        await send(world, MEI, username=OFFICE, oauth_token_generator=token)
        with pytest.raises(aiosmtplib.SMTPAuthenticationError):
            await send(world, MEI, username=OFFICE, oauth_token_generator=stale)
        assert [each.account for each in world.submissions] == [OFFICE, OFFICE]


async def test_a_mail_that_is_too_big_is_refused():
    async with MailSimulator(ACCOUNTS, tls=False, size_limit=1000) as world:
        with pytest.raises(aiosmtplib.SMTPResponseException) as error:
            await send(world, MEI, data=MAIL + b"x" * 70 + b"\r\n" + b"x" * 900)
        assert error.value.code == 552 and world.submissions == []


async def test_an_address_without_a_reader_comes_back_to_the_sender(world):
    world.bounce("gone@example.org")
    world.bounce("@full.example", Bounce("4.2.2", "452 4.2.2 Mailbox full"))
    await send(world, "gone@example.org", MEI)
    await send(world, "any@full.example")
    await settle(world, lambda: len(world.submissions) == 4)
    hard, soft = sorted(await world.mails(OFFICE), key=lambda raw: b"4.2.2" in raw)
    assert hard.startswith(b"Return-Path: <>\r\n") and b"report-type=delivery-status" in hard
    assert b"\r\nFinal-Recipient: rfc822; gone@example.org\r\n" in hard
    assert b"\r\nAction: failed\r\nStatus: 5.1.1\r\n" in hard and b"\r\nSubject: Pump\r\n" in hard
    assert b"\r\nAction: delayed\r\nStatus: 4.2.2\r\n" in soft
    assert len(await world.mails(MEI)) == 1 and world.outside["gone@example.org"] == []


async def test_reports_about_reports_do_not_exist(world):
    world.bounce("gone@example.org")
    world.bounce(MEI)
    await send(world, "gone@example.org", sender=MEI)
    await settle(world, lambda: len(world.submissions) == 2)
    await asyncio.sleep(0.02)
    assert len(world.submissions) == 2


async def test_a_machine_answers_by_itself(world):
    seen = []

    def away(submission):
        seen.append(submission.mail_from)
        return b"From: nora@elsewhere.example\r\nAuto-Submitted: auto-replied\r\nSubject: Away\r\n\r\nBack on Monday.\r\n"

    world.answer("nora@elsewhere.example", away)
    await send(world, "nora@elsewhere.example")
    await settle(world, lambda: len(world.submissions) == 2)
    assert seen == [OFFICE] and b"Back on Monday." in (await world.mails(OFFICE))[0]


async def test_the_provider_says_whether_the_sender_is_who_he_says_when_asked_to():
    async with MailSimulator(ACCOUNTS, tls=False, dmarc=True) as world:
        await send(world, OFFICE, sender=MEI)
        await send(world, OFFICE, sender="forger@evil.example")
        honest, forged = await world.mails(OFFICE)
        assert (
            b"Authentication-Results: mail.callout.example; dmarc=pass header.from=example.org\r\n" in honest
        )
        assert b"Authentication-Results: mail.callout.example; dmarc=fail" in forged
