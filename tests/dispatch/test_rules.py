"""The rules by themselves: severity, lateness, who gets the job, which clocks a state starts, and the table of life."""

import itertools
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from dispatch.errors import Refusal
from dispatch.rules import duties
from dispatch.rules.eligibility import Engineer, choose, excluded
from dispatch.rules.lateness import late
from dispatch.rules.lifecycle import LIFE, BrokenJournal, Party, Situation, allowed, check, parties, replay
from dispatch.rules.triage import SAYS, severity
from storage.records.people import Person, Role
from storage.records.plan import Due
from storage.records.policy import Periods
from storage.records.ticket import ENDED, Event, Kind, Offered, State, Ticket, Verb, Work

NOW = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
PERIODS = Periods()
HOUR = timedelta(hours=1)


def ticket(**more: Any) -> Ticket:
    empty: dict[str, Any] = dict.fromkeys(Ticket.__dataclass_fields__)
    given = {
        "id": 1,
        "version": 3,
        "generation": 2,
        "state": State.RECEIVED,
        "kind": Kind.FAULT,
        "customer_id": 1,
    }
    numbers = {"impact": 2, "urgency": 2, "severity": 3, "offers_missed": 0, "disputes": 0}
    texts = {"problem": "Lift", "place": "here", "source": "test", "source_key": "1"}
    times = {"created_at": NOW, "submitted_at": NOW, "updated_at": NOW}
    return Ticket(**{**empty, **given, **numbers, **texts, **times, **more})


def person(number: int = 2, *roles: Role, **more: Any) -> Person:
    given: dict[str, Any] = {"name": f"P{number}", "language": "en", "phone": None, "on_duty": True}
    return Person(
        number, **{**given, "last_offer_at": None, "created_at": NOW, **more}, roles=frozenset(roles)
    )


# --- severity -----------------------------------------------------------------------------------------------


def test_severity_is_impact_times_urgency() -> None:
    table = [[severity(impact, urgency) for urgency in (1, 2, 3)] for impact in (1, 2, 3)]
    assert table == [[1, 2, 3], [2, 3, 3], [3, 4, 4]]


def test_danger_is_always_urgent_and_nothing_else_is() -> None:
    said = {word: severity(*numbers) for word, numbers in SAYS.items()}
    assert said == {"danger": 1, "stopped": 2, "limited": 3, "can_wait": 4}


# --- lateness -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("facts", "on_time", "too_late"),
    [
        ({"state": State.TRIAGED}, 9, 10),
        ({"state": State.ACCEPTED, "eta_at": NOW + HOUR}, 89, 90),
        ({"state": State.SCHEDULED, "appointment_at": NOW + HOUR}, 89, 90),
        ({"state": State.COMPLETED, "completed_at": NOW}, 72 * 60 - 1, 72 * 60),
        ({"state": State.ACCEPTED, "kind": Kind.COMPLAINT}, 24 * 60 - 1, 24 * 60),
        ({"state": State.ACCEPTED, "due_at": NOW + HOUR}, 59, 60),
    ],
)
def test_late_is_what_should_have_happened_and_has_not(facts: Any, on_time: int, too_late: int) -> None:
    for minutes, is_late in ((on_time, False), (too_late, True)):
        assert late(ticket(**facts), NOW + timedelta(minutes=minutes), PERIODS) is is_late


@pytest.mark.parametrize("state", sorted(ENDED))
def test_what_is_over_is_not_late(state: State) -> None:
    assert not late(ticket(state=state, due_at=NOW), NOW + timedelta(days=99), PERIODS)


# --- who gets the job -------------------------------------------------------------------------------------------


def engineer(number: int, jobs: int = 0, answered: Offered | None = None, **more: Any) -> Engineer:
    return Engineer(person(number, Role.ENGINEER, **more), jobs, more.get("on_duty", True), answered)


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        ({}, None),
        ({"answered": Offered.DECLINED}, "has_declined"),
        ({"answered": Offered.EXPIRED}, "let_expire"),
        ({"answered": Offered.OFFERED}, "has_offer"),
        ({"answered": Offered.WITHDRAWN}, None),
        ({"answered": Offered.SUPERSEDED}, None),
    ],
)
def test_who_said_no_or_nothing_is_not_asked_again(facts: Any, why: str | None) -> None:
    assert excluded(engineer(2, **facts)) == why


def test_off_duty_and_unreachable_engineers_are_left_out_with_the_reason() -> None:
    off = Engineer(person(2, on_duty=False), 0, True, None)
    gone = Engineer(person(3), 0, False, None)
    choice = choose((off, gone))
    assert choice.ranked == ()
    assert [(e.person.id, why) for e, why in choice.excluded] == [(2, "off_duty"), (3, "unreachable")]


def test_the_least_loaded_comes_first_then_who_waited_longest_then_the_lower_id() -> None:
    crew = (
        engineer(5, jobs=1),
        engineer(4, last_offer_at=NOW),
        engineer(3, last_offer_at=NOW - HOUR),
        engineer(6),
        engineer(2),
    )
    for order in itertools.permutations(crew):
        assert [c.engineer.person.id for c in choose(order).ranked] == [2, 6, 3, 4, 5]
    assert [c.score for c in choose(crew).ranked][-1] == 0.5


# --- which clocks run ----------------------------------------------------------------------------------------------


def kinds(now_in: Ticket, before: State | None = None, now: datetime = NOW) -> dict[Due, timedelta]:
    return {kind: due - now for kind, due in duties.on_entry(now_in, before, now, PERIODS)}


def test_every_waiting_state_starts_its_clocks() -> None:
    minute, hour, day = timedelta(minutes=1), HOUR, timedelta(days=1)
    assert kinds(ticket(state=State.DRAFT, submitted_at=None)) == {
        Due.DRAFT_REMIND: hour,
        Due.DRAFT_EXPIRE: 2 * day,
    }
    assert kinds(ticket(), State.DRAFT) == {Due.DISPATCH: 10 * minute, Due.DISPATCH_MANAGER: 20 * minute}
    assert kinds(ticket(state=State.OFFERED)) == {Due.OFFER_REMIND: 5 * minute, Due.OFFER_EXPIRE: 10 * minute}
    urgent = ticket(state=State.OFFERED, severity=1)
    assert kinds(urgent) == {Due.OFFER_REMIND: 3 * minute, Due.OFFER_EXPIRE: 5 * minute}
    assert kinds(ticket(state=State.ON_HOLD)) == {Due.HOLD: day}
    signing = {Due.SIGNOFF_FIRST: day, Due.SIGNOFF_SECOND: 2 * day, Due.SIGNOFF_AUTO: 3 * day}
    assert kinds(ticket(state=State.COMPLETED)) == signing
    assert kinds(ticket(state=State.CONFIRMED)) == {Due.RATING_REMIND: day, Due.RATING_EXPIRE: 7 * day}
    for state in ENDED:
        assert kinds(ticket(state=state)) == {}


def test_the_ten_minutes_run_from_the_report_and_from_every_return_to_the_desk() -> None:
    later = NOW + HOUR
    assert (
        kinds(ticket(state=State.TRIAGED), State.RECEIVED, later)[Due.DISPATCH]
        == timedelta(minutes=10) - HOUR
    )
    for before in (State.OFFERED, State.ACCEPTED, State.IN_PROGRESS, State.ON_HOLD, State.CLOSED):
        assert kinds(ticket(state=State.TRIAGED), before, later)[Due.DISPATCH] == timedelta(minutes=10)


def test_an_arrival_is_expected_when_it_was_promised() -> None:
    due = {Due.ARRIVAL: HOUR + timedelta(minutes=30)}
    assert kinds(ticket(state=State.ACCEPTED, eta_at=NOW + HOUR)) == due
    assert kinds(ticket(state=State.SCHEDULED, appointment_at=NOW + HOUR)) == due
    assert kinds(ticket(state=State.IN_PROGRESS, detail=Work.EN_ROUTE, eta_at=NOW + HOUR)) == due
    assert kinds(ticket(state=State.IN_PROGRESS, detail=Work.ON_SITE)) == {}


# --- the table of life ------------------------------------------------------------------------------------------------


def test_every_state_can_be_reached_and_only_the_ended_ones_are_ends() -> None:
    reached, frontier = {State.DRAFT}, {State.DRAFT}
    while frontier:
        frontier = {to for line in LIFE if line.froms & frontier for to in line.to} - reached
        reached |= frontier
    assert reached == set(State)
    ends = {state for state in State if not any(state in line.froms and line.to for line in LIFE)}
    assert ends == {State.CANCELLED}, "a closed ticket can be reopened, a cancelled one cannot"


def test_every_verb_but_the_first_has_its_line() -> None:
    assert {line.verb for line in LIFE} == set(Verb) - {Verb.OPEN}


def test_a_stranger_may_nothing_in_any_state() -> None:
    for state in State:
        situation = Situation(
            ticket(state=state), parties(ticket(), person(9), holds_offer=False), NOW, PERIODS
        )
        assert allowed(situation) == frozenset()
        for verb in Verb:
            with pytest.raises(Refusal) as no:
                check(verb, situation)
            assert no.value.key == "not_yours"


def test_an_administrator_alone_is_no_dispatcher() -> None:
    who = parties(ticket(), person(9, Role.ADMINISTRATOR), holds_offer=False)
    assert who == {Party.STRANGER}


# --- the journal -----------------------------------------------------------------------------------------------------


def row(seq: int, verb: Verb, before: State | None, after: State, party: Party = Party.CUSTOMER) -> Event:
    return Event(seq, 1, seq, verb, before, after, 1, party.value, NOW, {}, {})


LIVED = (
    row(1, Verb.OPEN, None, State.DRAFT),
    row(2, Verb.SUBMIT, State.DRAFT, State.RECEIVED),
    row(3, Verb.TRIAGE, State.RECEIVED, State.TRIAGED, Party.DISPATCHER),
)


def test_a_journal_that_was_lived_is_replayed() -> None:
    assert replay(LIVED) == {"state": "triaged", "version": 3}


@pytest.mark.parametrize(
    "broken",
    [
        LIVED[1:],
        (LIVED[0], LIVED[2]),
        (LIVED[0], LIVED[1], replace(LIVED[2], seq=4)),
        (LIVED[0], LIVED[1], replace(LIVED[2], party="customer")),
        (LIVED[0], LIVED[1], replace(LIVED[2], to_state=State.CLOSED)),
        (LIVED[0], LIVED[1], replace(LIVED[2], from_state=State.DRAFT)),
        (*LIVED, LIVED[2]),
    ],
)
def test_a_journal_that_nobody_could_have_lived_is_found_out(broken: tuple[Event, ...]) -> None:
    with pytest.raises(BrokenJournal):
        replay(broken)
