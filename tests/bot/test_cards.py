"""Cards and notices: every state for every reader and page, in both languages, whatever people wrote (S2)."""

import itertools
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot import cards, notices
from bot.callbacks import LIMIT as DATA
from bot.callbacks import key_of, unpack
from bot.incoming import clean
from bot.office_card import PANELS
from bot.rich import LIMIT, split, units
from bot.screens import Screen, markup
from dispatch.parcels import Parcel, View
from dispatch.register import LANGUAGES
from dispatch.texts import book
from storage.records.message import Card, Job, Sending
from storage.records.people import Person
from storage.records.policy import Policy
from storage.records.ticket import (
    Assignment,
    Hold,
    Kind,
    Mode,
    Offered,
    Rating,
    RatingState,
    Report,
    Signing,
    SignOff,
    State,
    Ticket,
    Visit,
    Visiting,
    Work,
)

NOW = datetime(2026, 3, 2, 10, 2, tzinfo=UTC)
KEY, CHAT = key_of("7000001:SIM"), "-1001234567890123"
MEI, ANA, OTTO = 101, 201, 301
AUDIENCES = ("customer", "job", "office", "signoff")
PAGES = ("main", "cancel", "decline", "depart", "promise", "hand_back", "grades", *PANELS)
STATES = tuple(state for state in State if state is not State.DRAFT)  # a draft has no card yet
DETAILS: dict[State, tuple[str | None, ...]] = {
    State.IN_PROGRESS: tuple(work.value for work in Work),
    State.ON_HOLD: tuple(hold.value for hold in Hold),
}
HOSTILE = (
    "*bold* _i_ [x](https://evil.example) <b>b</b> {name} %s `c` \\ 👨\u200d👩\u200d👧 مرحبا @admin /cancel"
)


def person(key: int, name: str) -> Person:
    return Person(key, name, "en", None, True, None, NOW)


def ticket(state: State, detail: str | None, said: str, **more: Any) -> Ticket:
    owned = state not in {State.DRAFT, State.RECEIVED, State.TRIAGED, State.OFFERED}
    values: dict[str, Any] = {
        "id": 7, "number": "T-123456", "version": 9, "generation": 4, "state": state, "detail": detail,
        "kind": Kind.FAULT, "impact": 1, "urgency": 1, "severity": 1, "on_site": True, "problem": said,
        "site_id": 1, "place": said, "latitude": 52.5, "longitude": 13.4, "phone": said[:40],
        "customer_id": MEI, "owner_id": ANA if owned else None, "held_from": "in_progress:remote",
        "eta_at": NOW, "appointment_at": NOW, "about_id": None, "duplicate_of": None, "offers_missed": 1,
        "disputes": 0, "reason": said, "due_at": NOW, "called_back_at": None, "source": "telegram",
        "source_key": "1", "created_at": NOW, "submitted_at": NOW - timedelta(hours=1),
        "completed_at": NOW, "closed_at": None, "updated_at": NOW,
    }  # fmt: skip
    return Ticket(**{**values, **more})


def view(of: Ticket, said: str, offered: Offered, signed: Signing, rated: RatingState) -> View:
    mei, ana = person(MEI, said[:64]), person(ANA, said[:64])
    other = ticket(State.TRIAGED, None, said, id=8, number="T-999999")
    offer = Assignment(5, of.id, ANA, offered, 1.0, "chosen", "far", NOW, NOW)
    body = {
        "cause": said, "action": said, "mode": Mode.ON_SITE.value, "parts": [said, "none"], "engineer": said[:64],
        "visits": [{"arrived": NOW.isoformat(), "left": None}], "photos": ["F1"],
    }  # fmt: skip
    grade = 5 if rated is RatingState.GIVEN else None
    return View(
        ticket=of,
        customer=mei,
        owner=ana if of.owner_id else None,
        owned_since=offer if offered is Offered.ACCEPTED else None,
        offers=((offer, ana),),
        visits=(Visit(1, of.id, ANA, Visiting.ARRIVED, NOW, NOW, NOW, None, None),),
        report=Report(3, of.id, 2, ANA, body, "0" * 64, NOW),
        signoff=SignOff(4, of.id, 3, signed, "0" * 64, NOW, NOW, MEI, "telegram", "5", said, None),
        rating=Rating(6, of.id, 4, MEI, ANA, rated, grade, said, NOW, NOW if grade else None),
        parts=(said,),
        files=3,
        bad_files=1,
        history=(other,) * 3,
        about=other if of.kind is Kind.COMPLAINT else None,
        duplicate_of=other,
        engineers=tuple((person(400 + number, said[:64]), number) for number in range(20)),
        same_customer=(other,) * 12,
    )


def job(kind: str, **payload: Any) -> Job:
    return Job(1, "k", kind, "telegram", CHAT, None, CHAT, None, 7, True, payload, Sending.LEASED, 1, 0,
               NOW, NOW, "me", None, None)  # fmt: skip


def card(audience: str, page: str, language: str, seen: View, reader: int | None) -> Screen:
    subject = {"job": 5, "signoff": 3}.get(audience)
    shown = Card(2, 7, audience, "telegram", CHAT, None, reader, None, page, subject)
    reading = person(reader, "R") if reader else None
    return cards.render(Parcel(job("card", card=2), Policy(), language, reading, seen, shown), NOW)


def check(screen: Screen) -> None:
    """It fits into one message, only we made anything bold, and every button is ours and fits."""
    assert 0 < units(screen.text.text) <= LIMIT
    assert len(split(screen.text)) == 1
    assert {entity["type"] for entity in screen.text.entities} <= {"bold"}
    for row in markup(screen.rows, KEY, CHAT):
        assert 1 <= len(row) <= 8
        for button in row:
            assert button["text"].strip()
            if "url" in button:
                assert button["url"].startswith("https://www.openstreetmap.org/")
                continue
            assert len(button["callback_data"].encode()) <= DATA
            assert unpack(KEY, CHAT, button["callback_data"]) is not None
    assert sum(map(len, screen.rows)) <= 100


# What each reader's card depends on, besides state and page.
AXES: dict[str, tuple[tuple[Offered, ...], tuple[Signing, ...]]] = {
    "customer": ((Offered.ACCEPTED,), (Signing.REQUESTED,)),
    "job": (tuple(Offered), (Signing.REQUESTED,)),
    "office": (tuple(Offered), (Signing.REQUESTED,)),
    "signoff": ((Offered.ACCEPTED,), tuple(Signing)),
}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("audience", AUDIENCES)
def test_every_state_and_page_can_be_shown_to_everybody(audience, language):
    answers, signatures = AXES[audience]
    said = HOSTILE * 20
    for state, page, kind in itertools.product(STATES, PAGES, (Kind.FAULT, Kind.COMPLAINT)):
        for detail in DETAILS.get(state, (None,)):
            of = ticket(state, detail, said, kind=kind)
            turns = itertools.zip_longest(answers, signatures)
            for (offered, signed), rated in zip(turns, itertools.cycle(RatingState), strict=False):
                seen = view(of, said, offered or answers[0], signed or signatures[0], rated)
                shared = audience == "office" and page != "main"
                check(card(audience, page, language, seen, None if shared else ANA))


written = st.text(min_size=1, max_size=800).map(lambda text: clean(text) or "x")


@settings(deadline=None, max_examples=150)
@given(
    written,
    st.sampled_from(AUDIENCES),
    st.sampled_from(PAGES),
    st.sampled_from(LANGUAGES),
    st.sampled_from(STATES),
    st.sampled_from(Offered),
    st.sampled_from(Signing),
    st.sampled_from(RatingState),
)
def test_nothing_people_write_becomes_bold_or_a_link_or_too_long(
    said, audience, page, language, state, offered, signed, rated
):
    detail = DETAILS.get(state, (None,))[0]

    def shown(text: str) -> Screen:
        return card(
            audience, page, language, view(ticket(state, detail, text), text, offered, signed, rated), ANA
        )

    screen, harmless = shown(said), shown("x")
    check(screen)
    assert len(screen.text.entities) == len(harmless.text.entities)
    assert [[b.does for b in row] for row in screen.rows] == [[b.does for b in row] for row in harmless.rows]


FACTS = {
    "reason": HOSTILE, "text": HOSTILE, "why": "blocked the bot", "role": "engineer", "grade": 5, "count": 3,
    "minutes": 5, "asked": 2, "outbox": 9, "inbox": 9, "invitation": 4, "telegram_name": HOSTILE, "address": "5",
    "reasons": [["Ana", "off_duty"]], "title": HOSTILE, "other": "T-1", "n": 30, "folder": HOSTILE,
    "account": HOSTILE, "uid": 7,
}  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("key", sorted(key for key in book("en") if key.startswith("notice.")))
def test_every_notice_can_be_said(key, language):
    seen = view(
        ticket(State.ON_HOLD, "waiting_parts", HOSTILE),
        HOSTILE,
        Offered.ACCEPTED,
        Signing.REQUESTED,
        RatingState.GIVEN,
    )
    told = Parcel(job("notice", key=key.removeprefix("notice."), facts=FACTS), Policy(), language, None, seen)
    screen = notices.render(told, NOW)
    check(screen)
    without = notices.render(replace(told, view=None, job=job("notice", key=told.job.payload["key"], facts={
        **FACTS, "name": "Ana", "due": NOW, "appointment": NOW, "of": "T-1", "about": "T-1", "phone": "1",
    })), NOW)  # fmt: skip
    check(without)
