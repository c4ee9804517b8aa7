"""`callout check` logs in to the mailbox and to the server that sends, and says what to do when it cannot."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest

from callout.check_mail import mail, page
from callout.findings import Scene, Weight
from callout.settings import load
from simulator.mail import MailSimulator

OFFICE = "service@callout.example"


@pytest.fixture
async def post() -> AsyncIterator[MailSimulator]:
    async with MailSimulator({OFFICE: "pw"}, tls=False, login_needed=True) as world:
        yield world


def scene(post: MailSimulator, **more: Any) -> Scene:
    box = {
        "address": OFFICE,
        "imap_host": "127.0.0.1",
        "imap_port": post.imap_port,
        "imap_security": "none",
        "imap_password": "pw",
        "smtp_port": post.smtp_port,
        "smtp_security": "none",
        "authserv_id": post.hostname,
    }
    settings = load(env={}, mail={**box, **more.pop("mail", {})}, **more)
    return Scene(settings, None, datetime.now(UTC))


async def test_when_all_is_well_it_says_what_lies_there_and_who_takes_our_mail(post: MailSimulator) -> None:
    await post.deliver(b"From: mei@example.org\r\n\r\nhello\r\n", OFFICE)
    found = await mail(scene(post))
    assert [one.weight for one in found] == [Weight.OK, Weight.OK]
    assert "1 mails in INBOX" in found[0].says and "takes our mail" in found[1].says


async def test_a_wrong_password_is_a_sentence_with_what_to_do_and_without_the_password(
    post: MailSimulator,
) -> None:
    found = await mail(scene(post, mail={"imap_password": "canary-4711"}))
    assert found[0].weight is Weight.STOPS and "mail.imap_password" in found[0].do
    assert "canary" not in " ".join(one.says + one.do for one in found)


async def test_nobody_there_and_a_folder_that_is_not_are_told_apart(post: MailSimulator) -> None:
    nobody = await mail(scene(post, mail={"imap_port": 1}))
    assert nobody[0].weight is Weight.STOPS and "mail.imap_host" in nobody[0].do
    no_folder = await mail(scene(post, mail={"folders": ["Faults"]}))
    assert no_folder[0].weight is Weight.STOPS and no_folder[0].do == "check mail.folders"


async def test_without_a_trusted_mail_server_it_says_what_engineers_cannot_do(post: MailSimulator) -> None:
    found = await mail(scene(post, mail={"authserv_id": None}))
    assert found[-1].weight is Weight.WARNING and "mail.authserv_id" in found[-1].do


async def test_without_an_address_there_is_nothing_to_check_and_without_a_page_mails_have_no_links(
    post: MailSimulator,
) -> None:
    (nothing,) = await mail(scene(post, mail={"address": None}))
    assert nothing.weight is Weight.OK
    (no_page,) = await page(scene(post))
    assert no_page.weight is Weight.WARNING and "web.url" in no_page.do
    (linked,) = await page(scene(post, web={"url": "https://help.example.org"}))
    assert "https://help.example.org" in linked.says
