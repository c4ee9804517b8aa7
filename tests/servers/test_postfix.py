"""Our letters on a real Postfix: encrypted, logged in, delivered under our own id, and refused in ways we understand."""

import email
import email.policy
import re
from typing import Any

import pytest
from carrying import SEAL, parcel, sending
from collecting import MEI, SUPPORT, until
from postfix import written
from token_stub import REFRESH

from callout.clock import SystemClock
from dispatch.ports import Receipt, Undelivered
from intake.mail import Sort
from intake.message import read
from intake.oauth import Tokens
from intake.sender import MailSender
from intake.sorting import Context, sort

OURS = Context(frozenset({SUPPORT}), lambda message_id: SEAL in message_id)


async def refused(sender: MailSender, *letter: Any) -> Undelivered:
    with pytest.raises(Undelivered) as raised:
        await sender.send(parcel(*letter))
    return raised.value


async def arrived(servers: Any, user: str, count: int = 1) -> list[bytes]:
    """The mails of that person, when there are so many."""
    await until(lambda: len(servers.dovecot.letters(user)) >= count)
    return [path.read_bytes() for path in servers.dovecot.letters(user)]


@pytest.mark.parametrize("security", ["tls", "starttls"])
async def test_a_letter_arrives_encrypted_and_under_our_own_id(servers: Any, security: str) -> None:
    async with sending(servers, security) as sender:
        assert await sender.send(parcel(7)) == Receipt((f"7.{SEAL}@callout.test",))
        assert sender.trouble == ""
    (raw,) = await arrived(servers, MEI)
    mail = email.message_from_bytes(raw, policy=email.policy.default)
    assert mail["Message-ID"] == f"<7.{SEAL}@callout.test>"
    assert mail["Return-Path"] == f"<{SUPPORT}>"
    assert mail["Auto-Submitted"].startswith("auto-")
    assert "Ana is on her way." in read(raw).text
    assert any("with ESMTPSA" in line for line in mail.get_all("Received", []))


async def test_many_letters_go_over_few_connections(servers: Any) -> None:
    before = len(re.findall(r"sasl_username=support", servers.postfix.said()))
    async with sending(servers) as sender:
        for number in range(12):
            await sender.send(parcel(number))
    raws = await arrived(servers, MEI, 12)
    assert len({name for raw in raws for name in re.findall(rb"(?m)^Message-ID: (.*)$", raw)}) == 12
    assert len(re.findall(r"sasl_username=support", servers.postfix.said())) - before == 12
    assert servers.postfix.said().count("auth=1 mail=12 rcpt=12 data=12") == 1


async def test_a_letter_leaves_by_a_token(servers: Any) -> None:
    tokens = Tokens(servers.tokens.endpoint, "callout", "", REFRESH, SystemClock())
    async with sending(servers, password="", token=tokens.access, forget=tokens.forget) as sender:
        await sender.send(parcel(7))
        assert len(await arrived(servers, MEI)) == 1
        assert "sasl_method=XOAUTH2" in servers.postfix.said()
        await sender.close()
        servers.tokens.tokens.clear()
        failure = await refused(sender, 8)
        assert (failure.everywhere, failure.forever) == (True, False)
        assert sender.trouble.startswith("The mail server refuses our name, password or token")
        await sender.send(parcel(8))  # with a token it fetched anew
    assert sender.trouble == ""
    assert len(await arrived(servers, MEI, 2)) == 2


async def test_an_address_that_nobody_has_is_dead(servers: Any) -> None:
    async with sending(servers) as sender:
        failure = await refused(sender, 7, "nobody@callout.test")
        assert failure.forever
        assert "5.1.1" in str(failure)
        assert sender.trouble == ""
        await sender.send(parcel(8))  # and the next one is not kept waiting
    assert len(await arrived(servers, MEI)) == 1


async def test_an_address_that_is_full_is_tried_again_in_a_minute(servers: Any) -> None:
    async with sending(servers) as sender:
        failure = await refused(sender, 7, "full@callout.test")
    assert (failure.forever, failure.retry_after) == (False, 60.0)


async def test_a_wrong_password_stops_all_mail_and_is_told_to_the_operator(servers: Any) -> None:
    async with sending(servers, password="lifts go down") as sender:
        failure = await refused(sender, 7)
        assert (failure.everywhere, failure.forever) == (True, False)
        assert sender.trouble.startswith("The mail server refuses our name, password or token: 535")


@pytest.mark.parametrize("security", ["tls", "starttls"])
async def test_no_password_goes_to_a_server_that_somebody_else_has_signed(
    servers: Any, security: str
) -> None:
    async with sending(servers, security, ca_file=str(servers.stranger)) as sender:
        failure = await refused(sender, 7)
        assert (failure.everywhere, failure.forever) == (True, False)
        assert sender.trouble.startswith(
            "No safe connection to the mail server for outgoing mail: certificate"
        )
    assert "auth=" not in servers.postfix.said().splitlines()[-1]


async def test_a_letter_that_comes_back_later_is_known_as_ours_and_as_dead(servers: Any) -> None:
    async with sending(servers) as sender:
        await sender.send(parcel(7, "gone@elsewhere.test"))  # taken, and found undeliverable afterwards
    (raw,) = await arrived(servers, SUPPORT)
    found = sort(read(raw), OURS)
    assert found.sort is Sort.BOUNCE
    assert found.bounce is not None
    assert found.bounce.original_id == f"7.{SEAL}@callout.test"
    assert found.bounce.recipients == ("gone@elsewhere.test",)
    assert (found.bounce.hard, found.bounce.temporary, found.bounce.status) == (True, False, "5.1.1")


async def test_the_secret_address_of_a_letter_leads_to_our_mailbox(servers: Any) -> None:
    servers.postfix.deliver(MEI, "support+t1.2.abcdefghijklmnop@callout.test", written(1, "Thank you."))
    (raw,) = await arrived(servers, SUPPORT)
    assert b"Delivered-To: support+t1.2.abcdefghijklmnop@callout.test" in raw
