"""Who may touch what: every button and every command there is, pressed and typed by those it is not for (S6, S15)."""

import json
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Connection

from bot import cards
from bot.actions import ACTIONS, DECLINE_REASONS
from bot.app import handle
from bot.callbacks import LIMIT, Press, base36, key_of, pack, unpack
from bot.commands import COMMANDS
from bot.incoming import Incoming
from bot.office_card import PANELS
from bot.presses import SPECIAL
from bot.turn import Chat
from callout.clock import HandClock
from dispatch import closing, correspondence, desk, field, holding, queries, register
from dispatch.letters import Letter, Part
from storage.database import writer_engine
from storage.migrate import upgrade
from storage.records.people import Person, Role
from storage.records.policy import Policy
from storage.records.ticket import Hold, Kind, Mode, Ticket
from storage.unit import UnitOfWork

KEY = key_of("1:token")
CHAT = Chat(KEY, 20 << 20, "callout_bot")
SECRET = "the vault door on level 3"
ADDRESS = {"mei": "101", "ana": "201", "bo": "202", "otto": "301", "nora": "401"}
ROLES = {
    "ana": (Role.ENGINEER,),
    "bo": (Role.ENGINEER,),
    "otto": (Role.DISPATCHER, Role.MANAGER, Role.ADMINISTRATOR),
}
# Whatever any button may carry besides its numbers; an action takes from it what it understands.
ARGS = (
    *("", "main", "15", "1", "5", "11", "site", "yes", "cancel", "send", "zh", "not_needed", "mistake"),
    *(DECLINE_REASONS[0], Hold.WAITING_PARTS.value, Kind.ADVICE.value),
)
# What a press or a command may always leave behind: words to the one who sent it, and that he wrote at all.
TALK = {"outbox", "people", "contacts", "sqlite_sequence"}


class Place:
    """One archive in an open transaction: the cast, Mei's ticket at some point of its life, and their phones."""

    def __init__(self, connection: Connection) -> None:
        self.sql = connection
        self.raw: Any = connection.connection.dbapi_connection
        self.clock = HandClock()
        self.updates = 100
        self.people: dict[str, Person] = {}
        names = self.raw.execute("SELECT name FROM sqlite_master WHERE type='table'").fetchall()
        self.tables = [name for (name,) in names if name not in TALK]

    def unit(self) -> UnitOfWork:
        return UnitOfWork(self.sql, self.clock.now(), random.Random(5), Policy())

    def dump(self) -> dict[str, list[Any]]:
        return {table: self.raw.execute(f"SELECT * FROM {table}").fetchall() for table in self.tables}

    @contextmanager
    def tried(self) -> Iterator[None]:
        """Whatever happens inside is taken back."""
        attempt = self.sql.begin_nested()
        try:
            yield
        finally:
            attempt.rollback()

    def came(self, name: str, what: str, **more: Any) -> str:
        """An update of somebody's, handled as the bot handles it; its outcome."""
        self.updates += 1
        more = {"chat": ADDRESS[name], "message_id": str(self.updates), "language": "en", **more}
        came = Incoming(self.updates, what, user=ADDRESS[name], name=name.title(), **more)
        return handle(self.unit(), CHAT, came)

    def press(self, name: str, press: Press, chat: str | None = None) -> str:
        place = chat or ADDRESS[name]
        data = pack(KEY, place, press)
        return self.came(name, "press", chat=place, private=chat is None, query=f"q{self.updates}", data=data)

    def type(self, name: str, command: str, argument: str) -> str:
        letter = Letter("telegram", ADDRESS[name], f"{self.updates}", "text", f"/{command} {argument}")
        return self.came(name, "message", command=command, argument=argument, letter=letter)

    def said_to(self, name: str) -> str:
        """Everything planned for somebody's phone, as text."""
        rows = self.raw.execute("SELECT payload FROM outbox WHERE address = ?", (ADDRESS[name],)).fetchall()
        return json.dumps([json.loads(row[0]) for row in rows], ensure_ascii=False)


# --- Mei's ticket, from the draft to the complaint ---------------------------------------------------------


def hire(place: Place) -> None:
    unit = place.unit()
    for name, address in ADDRESS.items():
        person = register.caller(unit, "telegram", address, name.title(), "en")
        for role in ROLES.get(name, ()):
            person = register.employ(unit, person, role)
        place.people[name] = (
            register.duty(unit, person, name == "ana") if Role.ENGINEER in person.roles else person
        )
    unit.people.open_office("telegram", "-500", None, "Office", "en")
    register.join(unit, place.people["bo"], "202", register.invite(unit, Role.MANAGER, "Bo"))


def draft(place: Place) -> Ticket:
    unit, mei = place.unit(), place.people["mei"]
    ticket = desk.open_draft(unit, mei, "telegram", "1")
    ticket = desk.describe(
        unit, ticket.id, mei, problem=SECRET, place="12 Harbour Street", phone="+49 30 1234"
    )
    part = (Part("photo", "file", "a.jpg", "image/jpeg", 10),)
    correspondence.keep(unit, Letter("telegram", "101", "7", "photo", SECRET, part), mei, ticket.id)
    unit.plans.begin("telegram", "101", mei.id, "report", ticket.id, {"answered": ["problem"], "said": {}})
    return ticket


def received(place: Place) -> Ticket:
    ticket = desk.submit(place.unit(), draft(place).id, place.people["mei"])
    other = Letter("telegram", "101", "8", "text", SECRET)
    correspondence.keep(place.unit(), other, place.people["mei"], None)
    return ticket


def offered(place: Place) -> Ticket:
    ticket = received(place)
    return desk.offer(place.unit(), ticket.id, place.people["otto"], place.people["ana"].id)


def accepted(place: Place) -> Ticket:
    ticket, ana = offered(place), place.people["ana"]
    offer = place.unit().tickets.last_offer(ticket.id, ana.id)
    assert offer is not None
    return field.accept(place.unit(), ticket.id, ana, offer.id)


def working(place: Place) -> Ticket:
    return field.arrive(place.unit(), accepted(place).id, place.people["ana"])


def held(place: Place) -> Ticket:
    return holding.hold(place.unit(), working(place).id, place.people["ana"], Hold.WAITING_CUSTOMER)


def completed(place: Place) -> Ticket:
    said = {"cause": SECRET, "action": "replaced", "parts": "none", "tested": True, "mode": Mode.ON_SITE}
    return field.complete(place.unit(), working(place).id, place.people["ana"], **said)


def signed(place: Place) -> Ticket:
    return closing.confirm(place.unit(), completed(place).id, place.people["mei"], "telegram", "101")


def rated(place: Place) -> Ticket:
    return closing.rate(place.unit(), signed(place).id, place.people["mei"], 5)[0]


STAGES: tuple[Callable[[Place], Ticket], ...] = (
    *(draft, received, offered, accepted, working, held, completed, signed, rated),
)


@pytest.fixture(scope="module")
def connection(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Connection]:
    path = tmp_path_factory.mktemp("access") / "callout.db"
    upgrade(path)
    engine = writer_engine(path)
    with engine.connect() as opened:
        yield opened
    engine.dispose()


@pytest.fixture
def place(connection: Connection) -> Iterator[Place]:
    transaction = connection.begin()
    place = Place(connection)
    hire(place)
    yield place
    transaction.rollback()


def things(place: Place, ticket: Ticket) -> dict[str, int]:
    """What a button of a ticket may be bound to: its version, an offer, a report, a rating."""
    unit = place.unit()
    offers, report = unit.tickets.offers(ticket.id), unit.tickets.last_report(ticket.id)
    rating = unit.tickets.last_rating(ticket.id)
    found = {"version": unit.tickets.get(ticket.id).version}
    found |= {"offer": offers[-1].id} if offers else {}
    found |= {"report": report.id} if report else {}
    return found | ({"rating": rating.id} if rating else {})


def presses(place: Place, ticket: Ticket) -> Iterator[Press]:
    """Every action of the registry with everything it might be bound to and every word it might carry."""
    numbers = {base36(person.id) for person in place.people.values()}
    for action in ACTIONS:
        for bound in sorted(set(things(place, ticket).values())):
            for arg in (*ARGS, *sorted(numbers)):
                yield Press(action, ticket.id, bound, arg)


# --- buttons -----------------------------------------------------------------------------------------------


@pytest.mark.timeout(300)
@pytest.mark.parametrize("stage", STAGES, ids=lambda stage: stage.__name__)
def test_no_button_of_meis_ticket_works_for_a_stranger_or_an_engineer_who_was_not_asked(
    place: Place, stage: Callable[[Place], Ticket]
) -> None:
    ticket = stage(place)
    before = place.dump()
    heard = {name: place.said_to(name) for name in ("nora", "bo")}
    tried = 0
    for press in presses(place, ticket):
        for name, chat in (("nora", None), ("bo", None), ("nora", "-500")):
            outcome = place.press(name, press, chat)
            assert outcome.startswith(("refused", "rejected")), f"{name} pressed {press}: {outcome}"
            tried += 1
    assert place.dump() == before
    for name, already in heard.items():
        new = place.said_to(name).removeprefix(already[:-1])
        assert SECRET not in new and "Mei" not in new and "1234" not in new
    print(f"{tried} presses refused")


def test_every_button_works_for_somebody(place: Place) -> None:
    """Otherwise the matrix above would be blind."""
    works: set[str] = set()
    for stage in STAGES:
        with place.tried():
            ticket = stage(place)
            for press in presses(place, ticket):
                for name in () if press.action in works else ("mei", "ana", "otto"):
                    with place.tried():
                        if place.press(name, press).startswith("pressed"):
                            works.add(press.action)
    # Merging needs a second ticket, a call a complaint; both are told below and in tests/dispatch.
    assert set(ACTIONS) - works <= {"du"}


def test_a_duplicate_is_merged_by_the_office_only(place: Place) -> None:
    ticket = accepted(place)
    other = desk.open_draft(place.unit(), place.people["mei"], "telegram", "2")
    desk.describe(place.unit(), other.id, place.people["mei"], problem="Again", place="12 Harbour Street")
    other = desk.submit(place.unit(), other.id, place.people["mei"])
    press = Press("du", other.id, other.version, base36(ticket.id))
    for name in ("nora", "bo", "ana", "mei"):
        assert place.press(name, press).startswith("refused")
    assert place.press("otto", press) == "pressed: du"


def test_the_buttons_that_belong_to_no_ticket_change_nothing_for_others(place: Place) -> None:
    """A line per special button: a new one needs its own."""
    received(place)
    unit = place.unit()
    mei, nora = place.people["mei"], place.people["nora"]
    waiting = unit.messages.by_outside("telegram", "101", "8")
    talk = unit.plans.begin("telegram", "101", mei.id, "comment", 1, {})
    assert waiting is not None
    foreign: dict[str, tuple[Press, ...]] = {
        "d": tuple(Press("d", talk.id, talk.step, arg) for arg in ARGS),
        "to": (Press("to", 1, waiting.id), Press("to", 0, waiting.id), Press("to", 99, 99)),
        "jn": (Press("jn", 1, 0, "yes"), Press("jn", 1, 0, "no"), Press("jn", 9, 0, "yes")),
        "la": (),  # changes the presser's own language only
        "nw": (),  # opens the presser's own report only
    }
    assert set(foreign) == set(SPECIAL), "say what a stranger may do with the new button"
    before = place.dump()
    for presses_ in foreign.values():
        for press in presses_:
            for name in ("nora", "bo"):
                place.press(name, press)
                assert place.dump() == before, f"{name} pressed {press}"
    own, _ = correspondence.keep(unit, Letter("telegram", "401", "9", "text", "mine"), nora, None)
    before = place.dump()
    assert place.press("nora", Press("to", 1, own.id)) == "refused: not_yours"
    assert place.dump() == before


# --- commands ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("stage", STAGES, ids=lambda stage: stage.__name__)
def test_no_command_tells_a_stranger_anything_of_meis_ticket(
    place: Place, stage: Callable[[Place], Ticket]
) -> None:
    ticket = stage(place)
    number = ticket.number or "T-000000"
    arguments = ("", number, number.removeprefix("T-"), f"#{number.lower()}", "engineer Nora", "zh", "CODE")
    mine = {"language", "new", "start", "cancel", "on", "off"}  # change the caller's own things
    for name in ("nora", "bo"):
        for command in COMMANDS:
            for argument in arguments:
                with place.tried():
                    before, heard = place.dump(), place.said_to(name)
                    place.type(name, command, argument)
                    new = place.said_to(name).removeprefix(heard[:-1])
                    assert SECRET not in new and "Mei" not in new and "Harbour" not in new, (
                        command,
                        argument,
                    )
                    if command not in mine:
                        assert place.dump() == before, f"{name}: /{command} {argument}"
                    assert place.unit().tickets.get(ticket.id) == queries.view(place.unit(), ticket.id).ticket
                    after = {
                        table: rows for table, rows in place.dump().items() if table.startswith("ticket")
                    }
                    assert after["ticket_events"] == before["ticket_events"] or command in {"new", "cancel"}


def test_a_number_that_is_not_there_and_one_that_is_not_hers_sound_the_same(place: Place) -> None:
    ticket = received(place)
    answers = []
    for number in (ticket.number, "T-999999"):
        with place.tried():
            before = place.said_to("nora")
            assert place.type("nora", "status", number or "") == "refused: no_such_ticket"
            answers.append(place.said_to("nora").removeprefix(before[:-1]).replace(number or "", "T-…"))
    assert answers[0] == answers[1]


def test_who_was_dismissed_can_no_longer_take_the_job_he_was_offered(place: Place) -> None:
    ticket = offered(place)
    register.dismiss(place.unit(), place.people["ana"], Role.ENGINEER)
    before = place.dump()
    for press in presses(place, ticket):
        assert place.press("ana", press).startswith(("refused", "rejected")), press
    assert place.dump() == before


# --- callback data -----------------------------------------------------------------------------------------


def mutations(data: str, chance: random.Random) -> Iterator[str]:
    """Valid data turned into something else: a character changed, dropped, doubled, swapped, cut, or added."""
    letters = "abcxyz0189.-_~ABZé\u200b\ud800\x00ß中"
    while True:
        spot, letter = chance.randrange(len(data)), chance.choice(letters)
        other = chance.randrange(len(data))
        yield chance.choice(
            (
                data[:spot] + letter + data[spot + 1 :],
                data[:spot] + data[spot + 1 :],
                data[:spot] + letter + data[spot:],
                data[:spot],
                data[spot:] + data[:spot],
                data[: min(spot, other)] + data[max(spot, other) :],
                data.swapcase(),
                data + letter,
                "." + data,
                data * 2,
            )
        )


def test_of_ten_thousand_forged_buttons_not_one_is_believed() -> None:
    chance = random.Random(1)
    valid = [
        pack(KEY, "101", Press(action, chance.randrange(10**6), chance.randrange(10**4), chance.choice(ARGS)))
        for action in (*ACTIONS, *SPECIAL)
    ]
    forged = [next(mutations(chance.choice(valid), chance)) for _ in range(10_000)]
    forged = [data for data in forged if data not in valid]
    assert len(forged) > 9_000
    assert [data for data in forged if unpack(KEY, "101", data) is not None] == []
    foreign = [data for data in valid if unpack(KEY, "102", data) or unpack(key_of("2:token"), "101", data)]
    assert foreign == []
    assert all(unpack(KEY, "101", data) for data in valid)


def test_forged_buttons_are_answered_and_change_nothing(place: Place) -> None:
    ticket = offered(place)
    offer = place.unit().tickets.offers(ticket.id)[-1]
    chance, before = random.Random(2), place.dump()
    source = mutations(pack(KEY, "201", Press("ac", ticket.id, offer.id)), chance)
    for number in range(300):
        data = next(source)
        if unpack(KEY, "201", data) is None:
            outcome = place.came("ana", "press", query=f"forged{number}", data=data)
            assert outcome == "rejected: forged or foreign callback data"
            assert place.unit().outbox.by_key(f"answer:forged{number}"), "every press is answered"
    assert place.dump() == before


def test_a_button_of_somebody_elses_chat_is_worth_nothing_in_mine(place: Place) -> None:
    ticket = completed(place)
    report = place.unit().tickets.last_report(ticket.id)
    assert report is not None
    before = place.dump()
    meis = pack(KEY, "101", Press("ok", ticket.id, report.id))
    for name in ("nora", "bo", "ana", "otto"):
        assert place.came(name, "press", query=f"copied by {name}", data=meis).startswith("rejected")
    assert place.dump() == before
    assert place.press("mei", Press("ok", ticket.id, report.id)) == "pressed: ok"


def test_an_old_button_of_a_card_changes_nothing(place: Place) -> None:
    """Bound to the version it showed: what has moved on since is refreshed, not done."""
    ticket = accepted(place)
    before = place.dump()
    versioned = [press for press in presses(place, ticket) if ACTIONS[press.action].bound == "version"]
    assert versioned
    for press in versioned:
        for name in ("ana", "otto", "mei"):
            outcome = place.press(name, replace(press, bound=ticket.version - 1))
            assert outcome.startswith("refused"), press
    assert place.dump() == before


def test_a_hundred_presses_of_one_button_have_one_effect(place: Place) -> None:
    ticket = working(place)
    outcomes = [place.press("ana", Press("ho", ticket.id, ticket.version, "no_access")) for _ in range(100)]
    assert outcomes.count("pressed: ho") == 1
    assert set(outcomes[1:]) == {"refused: outdated"}
    assert place.unit().tickets.get(ticket.id).version == ticket.version + 1


def test_data_fits_into_64_bytes_however_many_tickets_there_are(place: Place) -> None:
    """Every button of every card on every page, with the largest numbers a database can hold."""
    found: set[tuple[str, str]] = set()
    panels = ("main", "cancel", "decline", "grades", "depart", "promise", "hold", "hand_back", *PANELS)
    for stage in STAGES:
        with place.tried():
            ticket = stage(place)
            unit = place.unit()
            jobs = [job for job in unit.outbox.of_ticket(ticket.id) if job.kind == "card"]
            for panel in panels:
                for job in jobs:
                    unit.messages.update_card(unit.messages.card(job.payload["card"]), panel=panel)
                    parcel = queries.parcel(unit, job)
                    assert parcel is not None
                    screen = cards.render(parcel, unit.now)
                    for button in (button for row in screen.rows for button in row):
                        if button.does:
                            found.add((button.does.action, button.does.arg))
    assert {action for action, _ in found} >= set(ACTIONS) - {"du"}, "the cards no longer show every action"
    most = 2**63 - 1
    found |= {(action, base36(most)) for action in ("gi", "ri", "du")} | {("d", f"site-{base36(most)}")}
    longest = max(len(pack(KEY, "-1001234567890123", Press(a, most, most, arg)).encode()) for a, arg in found)
    print(f"{len(found)} buttons, the longest has {longest} bytes")
    assert longest <= LIMIT
