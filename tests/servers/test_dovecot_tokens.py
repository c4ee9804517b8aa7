"""XOAUTH2 on a real Dovecot that asks an introspection endpoint: tokens are taken, refused, and renewed."""

import asyncio
import time
from typing import Any

import pytest
from collecting import MEI, SUPPORT, MailArchive, account, until
from postfix import written
from token_stub import REFRESH

from callout.clock import SystemClock
from dispatch.ports import Refused
from intake.imap import connect
from intake.mailbox import Account
from intake.oauth import Tokens

PROMPT = 4.0  # seconds in which a refusal must be told; a time-out would take 15 and more


def mailbox(servers: Any, **more: Any) -> Account:
    """The mailbox of the support desk, entered by tokens only."""
    tokens = Tokens(servers.tokens.endpoint, "callout", "", REFRESH, SystemClock())
    return account(servers.dovecot, servers.authority, password="", tokens=tokens, **more)


async def test_a_mailbox_is_entered_by_a_token(servers: Any, kept: MailArchive) -> None:
    servers.dovecot.put(SUPPORT, [written(1, "Stuck.")])
    async with kept.collecting(mailbox(servers)):
        await kept.count(1)
    assert servers.tokens.asked == servers.tokens.given
    assert "method=XOAUTH2" in servers.dovecot.said()


async def test_a_token_that_is_not_taken_is_told_in_one_sentence_and_not_as_a_time_out(servers: Any) -> None:
    entered = mailbox(servers)
    assert entered.tokens is not None
    token = await entered.tokens.access()
    del servers.tokens.tokens[token]
    begun = time.monotonic()
    with pytest.raises(Refused) as refused:
        await connect(entered)
    took = time.monotonic() - begun
    print(f"a refused token is told after {took:.1f} s: {refused.value}")
    assert str(refused.value).startswith(
        f"The mailbox support ({SUPPORT} at 127.0.0.1) refuses the access token"
    )
    assert str(refused.value).endswith("grant access again")
    assert "\n" not in str(refused.value)
    assert token not in str(refused.value)
    assert took < PROMPT


async def test_a_token_for_somebody_elses_mailbox_is_refused(servers: Any) -> None:
    servers.tokens.user = MEI
    with pytest.raises(Refused):
        await connect(mailbox(servers))


async def test_a_token_that_was_withdrawn_is_replaced_by_a_fresh_one(servers: Any, kept: MailArchive) -> None:
    async with kept.collecting(mailbox(servers)) as collector:
        await until(lambda: kept.noted("mail.compared"))
        servers.tokens.tokens.clear()
        await asyncio.to_thread(servers.dovecot.kick, SUPPORT)
        servers.postfix.deliver(MEI, SUPPORT, written(1, "Stuck."))
        await kept.count(1)
        await until(lambda: collector.trouble is None)
    assert len(servers.tokens.given) == 2
    assert len(kept.noted("mail.refused")) == 1


async def test_a_token_is_replaced_before_it_ends(servers: Any, kept: MailArchive) -> None:
    servers.tokens.life = 2  # seconds; used for one
    async with kept.collecting(mailbox(servers)):
        await until(lambda: kept.noted("mail.compared"))
        await asyncio.sleep(1.1)
        await asyncio.to_thread(servers.dovecot.kick, SUPPORT)
        servers.postfix.deliver(MEI, SUPPORT, written(1, "Stuck."))
        await kept.count(1)
    assert servers.tokens.asked == servers.tokens.given
    assert len(servers.tokens.given) == 2
    assert kept.noted("mail.refused") == []


async def test_a_grant_that_was_withdrawn_is_told_with_what_to_do(servers: Any, kept: MailArchive) -> None:
    servers.tokens.granted = False
    async with kept.collecting(mailbox(servers)) as collector:
        await until(lambda: collector.trouble)
        assert collector.trouble == (
            "The token endpoint at 127.0.0.1 refuses us: the refresh token is no longer good: "
            "grant access again and set the new refresh token (invalid_grant)"
        )
        servers.tokens.granted = True
        await until(lambda: collector.trouble is None)
