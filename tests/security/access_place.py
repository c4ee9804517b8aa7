"""The place of the access tests: the cast, Mei's ticket at any point of its life, and everything one may press."""

import json
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection

from bot import cards
from bot.actions import ACTIONS
from bot.app import handle
from bot.callbacks import Press, key_of, pack
from bot.incoming import Incoming
from bot.office_card import PANELS
from bot.turn import Chat
from callout.clock import HandClock
from dispatch import closing, correspondence, desk, field, holding, queries, register
from dispatch.letters import Letter, Part
from storage.records.people import Person, Role
from storage.records.policy import Policy
from storage.records.ticket import Hold, Mode, Ticket
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
# Words that buttons carry besides their numbers.
ARGS = ("", "main", "15", "5", "11", "site", "yes", "cancel", "send", "zh", "mistake", "busy", "advice")
PAGES = ("main", "cancel", "decline", "grades", "depart", "promise", "hold", "hand_back", *PANELS)
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
        return {table: self.raw.execute(f"SELECT * FROM {table}").fetchall() for table in self.tables}  # noqa: S608 - names of our own tables

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
        unit, ticket.id, mei, problem=SECRET, place="12 Harbour Street", phone="+49 30 555000"
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


def complained(place: Place) -> Ticket:
    """The complaint that followed, which Otto owns."""
    about = rated(place)
    return next(other for other in place.unit().tickets.all() if other.about_id == about.id)


STAGES: tuple[Callable[[Place], Ticket], ...] = (
    *(draft, received, offered, accepted, working, held, completed, signed, rated),
)


def shown(place: Place, ticket: Ticket) -> set[Press]:
    """Every button on every page of every card that anybody has of this ticket now."""
    found: set[Press] = set()
    unit = place.unit()
    for job in unit.outbox.of_ticket(ticket.id):
        for page in PAGES if job.kind == "card" else ():
            unit.messages.update_card(unit.messages.card(job.payload["card"]), panel=page)
            parcel = queries.parcel(unit, job)
            assert parcel is not None
            screen = cards.render(parcel, unit.now)
            does = {button.does for row in screen.rows for button in row if button.does}
            found |= {press for press in does if press.action in ACTIONS}
    return found


def bounds(place: Place, ticket: Ticket) -> set[int]:
    """What a button may be bound to: the version, an offer, a report, a rating."""
    unit = place.unit()
    things = (
        unit.tickets.last_offer(ticket.id, place.people["ana"].id),
        unit.tickets.last_report(ticket.id),
        unit.tickets.last_rating(ticket.id),
    )
    return {unit.tickets.get(ticket.id).version, *(thing.id for thing in things if thing)}


def presses(place: Place, ticket: Ticket) -> list[Press]:
    """Every button that is shown to somebody, and every action of the registry whether shown or not."""
    with place.tried():
        found = shown(place, ticket)
    found |= {Press(action, ticket.id, bound, "5") for action in ACTIONS for bound in bounds(place, ticket)}
    return sorted(found, key=lambda press: (press.action, press.bound, press.arg))
