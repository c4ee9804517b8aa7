"""Every notice and every answer as a letter, in both languages; the phrases of letters are in the book and used."""

import re
import string
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from mail_house import POLICY, MailHouse, open_house

from callout.clock import HandClock
from dispatch import telling
from dispatch.parcels import Parcel
from dispatch.postage import Postage
from dispatch.rules.notices import NOTICES
from dispatch.texts import book
from intake.compose import Automatic, Letter, compose
from intake.wording import letter
from storage.records.message import Job, Sending

ROOT = Path(__file__).parents[2]


@pytest.fixture
async def house(tmp_path: Path, clock: HandClock) -> AsyncIterator[MailHouse]:
    async for place in open_house(tmp_path, clock, "en", POLICY):
        yield place


# --- notices and answers -------------------------------------------------------------------------------------------


KEYS = sorted(key.removeprefix("notice.") for key in book("en") if key.startswith("notice."))


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("key", KEYS)
async def test_every_notice_can_be_written(tmp_path: Path, clock: HandClock, key: str, language: str) -> None:
    """Each sentence gets its facts; none speaks of buttons, cards or commands to who reads mail."""
    async for house in open_house(tmp_path, clock, language, POLICY):
        ticket = await house.completed()
        await house.letters("mei")
        template = book(language)[f"notice.{key}"]
        holes = {name for _, name, _, _ in string.Formatter().parse(template) if name}
        facts = {name: FACTS.get(name, "something") for name in holes - OF_TICKET}
        if key == "nobody":
            facts = {"reasons": [["Ana", "off_duty"]]}
        await house.do(telling.notice, await house.address("mei"), key, "x", ticket, **facts)
        (notice,) = await house.letters("mei")
        assert notice.subject.startswith(f"[{ticket.number}] ")
        assert "{" not in notice.text
        for word in ("/cancel", "/on", "/jobs", "button", "press ", "the card", "卡片", "按一下", "按已到场"):
            assert word not in notice.text or key in FOR_CHAT, f"{key} says {word!r}"
        assert b"X-Callout: 1" in compose(notice)


FACTS = {
    "count": 2,
    "grade": 4,
    "outbox": 7,
    "inbox": 8,
    "minutes": 30,
    "asked": 2,
    "text": "It drips",
    "why": "blocked the bot",
    "role": "engineer",
    "telegram_name": "Mei",
    "address": "101",
    "of": "T-1",
    "other": "T-2",
    "n": 3,
}
OF_TICKET = {"number", "name", "customer", "problem", "eta", "due", "appointment", "about", "phone", "detail"}
# What concerns a chat alone and names its means.
FOR_CHAT = {"was_away", "was_away_long"}


async def test_a_notice_never_carries_a_reporters_words_back_to_him(house: MailHouse) -> None:
    ticket = await house.reported(problem="PROBLEM http://evil.example")
    await house.letters("mei")
    for lines in NOTICES.values():
        for line in lines:
            if line.whom == "customer":
                await house.do(telling.notice, await house.address("mei"), line.key, "y", ticket)
    for key in ("draft_waits", "draft_dropped", "signoff_waits", "rating_waits", "late_arrival_customer"):
        await house.do(telling.notice, await house.address("mei"), key, "y", ticket)
    letters = await house.letters("mei")
    assert len(letters) > 12
    assert not [each for each in letters if "evil" in each.text or "evil" in each.subject]


def answer(payload: dict[str, object], language: str = "en") -> Letter:
    at = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
    job = Job(
        9, "k", "say", "mail", "mei@customer.example", None, "l", None, None, True, payload,
        Sending.PENDING, 1, 0, at, at, None, None, None,
    )  # fmt: skip
    stamp = Postage("9.x@lift.example", "service@lift.example")
    written = letter(Parcel(job, POLICY, language, None, postage=stamp), at)
    assert written is not None
    return written


def test_an_answer_to_a_mail_says_its_sentence() -> None:
    said = answer({"key": "refusal.taken_by", "facts": {"name": "Bo", "at": "2026-01-05T07:30:00+00:00"}})
    assert "Taken by Bo at Mon, Jan 5 15:30." in said.text
    assert said.subject == "Message from Harbour Lifts" and said.automatic is Automatic.REPLIED
    assert "您的单号" not in said.text and "现在" not in said.text
    assert answer({"text": "Ready made <b>"}).html.count("<b>") == 0
    state = answer({"key": "refusal.not_now", "facts": {"state": "closed"}}, "zh")
    assert "已关闭" in state.text


async def test_a_person_whose_name_runs_from_right_to_left_turns_no_sentence(house: MailHouse) -> None:
    await house.do(lambda unit: unit.people.update(house.ana, name="אנה"))
    ticket = await house.accepted()
    await house.do(telling.notice, await house.address("mei"), "accepted", "x", ticket)
    *_, notice = await house.letters("mei")
    assert "\u2068אנה\u2069" in notice.text


# --- the phrase book -----------------------------------------------------------------------------------------------


def test_every_phrase_of_letters_is_in_the_book_and_used() -> None:
    files = ("sheet.py", "wording.py", "wording_cards.py", "wording_notices.py", "wording_relays.py")
    source = "\n".join((ROOT / "intake" / name).read_text(encoding="utf-8") for name in files)
    named = set(re.findall(r'"(mail\.[a-z_.]+[a-z_])"', source))
    assert len(named) > 25
    assert named <= set(book("en"))
    built = ("mail.receipt.", "mail.missing.", "mail.link.", "mail.notice.", "mail.next.", "mail.subject.")
    ours = (
        "mail.subject.",
        "mail.sign.",
        "mail.rate.",
        "mail.relay.",
        "mail.foot.",
        "mail.job.",
        "mail.office.",
    )
    unused = {
        key for key in book("en") if key.startswith(ours) and key not in named and not key.startswith(built)
    }
    assert not unused
    overridden = {
        key.removeprefix("mail.") for key in book("en") if key.startswith(("mail.notice.", "mail.next."))
    }
    assert overridden <= set(book("en")), "a letter's own sentence takes the place of one of the chat"
