"""The public page in both languages: every word of it is in the books, and a switch changes it."""

import re
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from page_house import PageHouse, store_in

import web
from callout.clock import HandClock
from dispatch import closing, desk, field, hours, register
from dispatch.texts import book
from storage.records.mail import Purpose
from storage.records.ticket import State, Work
from web.app import SORRY
from web.forms import REASONS
from web.pages import STEPS
from web.saying import SAYINGS

ROOM = Path(web.__file__).parent
CALLED = re.compile(r"""\bt(?:\.own)?\(\s*["']([\w.]+)["']""")
CHOSEN = re.compile(r"""["'](page\.[\w.]+)["']""")
NEXT = {
    *State,
    *Work,
    "complaint",
    "complaint_called",
    "duplicate",
    "accepted_at",
    "en_route_at",
    "completed_until",
}


EVENTS = {"page.done", "page.refused", "page.css"}  # names of log lines and of a file


def keys() -> set[str]:
    """Every phrase that code and templates of the page name outright."""
    files = [*ROOM.glob("*.py"), *ROOM.glob("templates/*.html")]
    text = "\n".join(path.read_text(encoding="utf-8") for path in files)
    named = {*CALLED.findall(text), *CHOSEN.findall(text)}
    return {key for key in named - EVENTS if not key.endswith(".")} | {
        saying.key for saying in SAYINGS.values()
    }


@pytest.mark.parametrize("language", register.LANGUAGES)
def test_every_word_of_the_page_is_in_the_book(language: str) -> None:
    there = book(language)
    found = keys()
    assert len(found) > 80, "the scan is blind"
    assert not {key for key in found if f"page.{key}" not in there and key not in there}
    assert not {
        word
        for word in NEXT - {State.IN_PROGRESS}
        if not {f"page.next.{word}", f"mail.next.{word}", f"next.{word}"} & set(there)
    }
    assert not {f"page.step.{name}" for name in STEPS} - set(there)
    assert not {f"reason.{name}" for name in REASONS} - set(there)
    assert not {
        f"page.{part}.{what}" for what in (*SORRY.values(), "broken") for part in ("sorry", "help")
    } - set(there)


def test_every_word_of_the_page_in_the_book_is_used() -> None:
    named = keys()
    made = (
        "page.next.",
        "page.step.",
        "page.sorry.",
        "page.help.",
        "page.refusal.",
        "page.state.",
        "page.job.hint.",
        "page.signoff.",
    )
    idle = {key for key in book("en") if key.startswith("page.") and not key.startswith(made)} - named
    assert idle == set()


async def test_the_page_speaks_the_persons_language_until_it_is_switched(
    tmp_path: Path, clock: HandClock
) -> None:
    store = store_in(tmp_path, clock)
    async with store.open():
        house = PageHouse(store, clock)
        await house.open("zh")
        ticket = await house.completed()
        path = await house.link(Purpose.SIGN, ticket)
        chinese, english = await house.get(path), await house.get(path + "?lang=en")
        assert '<html lang="zh-Hans">' in chinese.text and "已修好，确认验收" in chinese.text
        assert '<html lang="en">' in english.text and "It is fixed – sign" in english.text
        assert '<a href="?lang=en" lang="en"' in chinese.text
        assert chinese.headers["content-language"] == "zh-Hans"
        form = {**await house.hidden(path), "action": "sign"}
        led = await house.send(path + "?lang=en", form)
        assert "lang=en" in led.headers["location"], "the switch holds for the next page"
        rate = await house.get("/t/" + led.headers["location"].replace("lang=en", ""))
        assert all(word in rate.text for word in ("优秀", "满意", "一般", "有缺陷", "不满意", "您是否满意？"))
        await house.close()


@pytest.mark.parametrize("language", ["de", "", "zh-CN", "<script>", "zh" * 100])
async def test_a_language_we_do_not_speak_changes_nothing(house: PageHouse, language: str) -> None:
    path = await house.link(Purpose.STATUS, await house.reported())
    assert (await house.get(f"{path}?lang={language}")).text == (await house.get(path)).text


async def test_a_wrong_link_is_told_in_the_browsers_language(house: PageHouse) -> None:
    assert "此链接无法打开" in (await house.get("/t/x", **{"accept-language": "zh-TW,en;q=0.5"})).text
    assert "This link does not work" in (await house.get("/t/x", **{"accept-language": "fr"})).text
    assert "此链接无法打开" in (await house.get("/t/x?lang=zh")).text


@pytest.mark.parametrize("language", register.LANGUAGES)
async def test_every_page_at_every_point_of_a_life_can_be_said(house: PageHouse, language: str) -> None:
    ticket = await house.reported()
    status = await house.link(Purpose.STATUS, ticket)
    seen = set()

    async def look(*paths: str) -> None:
        for path in paths:
            page = await house.get(f"{path}?lang={language}")
            assert page.status_code == 200
            seen.add(re.sub(r"\s+", " ", page.text))

    await look(status)
    await house.do(desk.offer, ticket.id, house.otto, house.ana.id)
    job = await house.link(Purpose.JOB, ticket, "ana")
    await look(status, job)
    await house.do(field.accept, ticket.id, house.ana, await house.offer_of(ticket))
    await look(status, job)
    await house.do(field.promise, ticket.id, house.ana, 60)
    await look(status, job)
    await house.do(field.depart, ticket.id, house.ana, 30)
    await look(status, job)
    await house.do(field.arrive, ticket.id, house.ana)
    await look(status, job)
    await house.complete(ticket)
    sign = await house.link(Purpose.SIGN, ticket)
    await look(status, job, sign)
    await house.do(closing.dispute, ticket.id, house.mei, "no")
    await look(status, job, sign)
    await house.do(field.start_remote, ticket.id, house.ana)
    await look(status, job)
    await house.do(field.arrive, ticket.id, house.ana)
    await house.complete(ticket)
    await house.do(closing.confirm, ticket.id, house.mei, "page", "")
    rate = await house.link(Purpose.RATE, ticket)
    await look(status, job, sign, await house.link(Purpose.SIGN, ticket), rate)
    for grade in (1, 5):
        await house.do(closing.rate, ticket.id, house.mei, grade)
        await look(status, job, rate)
    assert len(seen) > 20


def test_a_time_of_day_is_the_last_one_on_the_organisations_clock() -> None:
    now, zone = datetime(2026, 1, 5, 2, 0, tzinfo=UTC), ZoneInfo("Asia/Shanghai")  # 10:00 there
    assert hours.lately("09:30", zone, now) == datetime(2026, 1, 5, 1, 30, tzinfo=UTC)
    assert hours.lately("23：15", zone, now) == datetime(2026, 1, 4, 15, 15, tzinfo=UTC)
    assert [hours.lately(said, zone, now) for said in ("", "25:00", "10:60", "now", "1:2")] == [None] * 5
