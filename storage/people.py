"""People, their roles and addresses, the offices they work in, and the invitations that make them staff."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, delete, func, or_, select

from storage.records.mail import Join
from storage.records.people import Contact, Invitation, Office, Person, Role, Site
from storage.repository import Repository
from storage.schema import (
    cards,
    contacts,
    entries,
    guesses,
    invitations,
    joins,
    links,
    offices,
    outbox,
    people,
    ratings,
    roles,
    sites,
)


class People(Repository):
    def get(self, person_id: int) -> Person:
        return self._with_roles(self.need(Person, people, person_id))

    def by_address(self, channel: str, address: str) -> Person | None:
        where = and_(contacts.c.channel == channel, contacts.c.address == address)
        found = self.find(
            Person,
            self.query(people, Person).join(contacts, contacts.c.person_id == people.c.id).where(where),
        )
        return found and self._with_roles(found)

    def in_role(self, *wanted: Role) -> tuple[Person, ...]:
        """Everybody who holds one of the roles, in the order they came."""
        holders = select(roles.c.person_id).where(roles.c.role.in_(wanted))
        return self._all(self.query(people, Person, people.c.id.in_(holders)).order_by(people.c.id))

    def named(self, name: str) -> tuple[Person, ...]:
        return self._all(self.query(people, Person, people.c.name == name).order_by(people.c.id))

    def create(self, name: str, language: str, channel: str, address: str) -> Person:
        person_id = self.add(people, name=name, language=language, on_duty=False, created_at=self.unit.now)
        self.add(contacts, person_id=person_id, channel=channel, address=address)
        return self.get(person_id)

    def update(self, person: Person, **values: Any) -> Person:
        self.change(people, people.c.id == person.id, **values)
        return self.get(person.id)

    def grant(self, person: Person, role: Role) -> Person:
        if role not in person.roles:
            self.sql.execute(roles.insert().values(person_id=person.id, role=role))
        return self.get(person.id)

    def revoke(self, person: Person, role: Role) -> Person:
        self.sql.execute(delete(roles).where(roles.c.person_id == person.id, roles.c.role == role))
        return self.get(person.id)

    def _all(self, statement: Select[Any]) -> tuple[Person, ...]:
        return tuple(self._with_roles(person) for person in self.list(Person, statement))

    def _with_roles(self, person: Person) -> Person:
        held = self.sql.execute(select(roles.c.role).where(roles.c.person_id == person.id)).scalars()
        return replace(person, roles=frozenset(held))

    # --- addresses ---

    def contact(self, person_id: int, channel: str | None = None) -> Contact | None:
        """How to reach somebody: a reachable address, first on the channel he prefers; else the first one."""
        where = [contacts.c.person_id == person_id]
        if channel:
            where.append(contacts.c.channel == channel)
        preferred = select(people.c.preferred).where(people.c.id == person_id).scalar_subquery()
        order = (contacts.c.unreachable_at.is_not(None), contacts.c.channel != preferred, contacts.c.id)
        return self.find(Contact, self.query(contacts, Contact, *where).order_by(*order))

    def contacts(self, person_id: int) -> tuple[Contact, ...]:
        mine = self.query(contacts, Contact, contacts.c.person_id == person_id)
        return self.list(Contact, mine.order_by(contacts.c.id))

    def add_contact(self, person: Person, channel: str, address: str) -> None:
        self.add(contacts, person_id=person.id, channel=channel, address=address)

    def hand_over(self, former: Person, to: Person) -> None:
        """Addresses, sites, words and grades of `former` are another record of the same person's from now on."""
        for table, column in (
            (contacts, contacts.c.person_id),
            (sites, sites.c.customer_id),
            (entries, entries.c.author_id),
            (ratings, ratings.c.customer_id),
            (cards, cards.c.person_id),
            (outbox, outbox.c.person_id),
            (links, links.c.person_id),
        ):
            self.change(table, column == former.id, **{column.name: to.id})

    # --- a second channel ---

    def begin_join(self, person: Person, channel: str, address: str, **values: Any) -> Join:
        key = self.add(
            joins,
            person_id=person.id,
            channel=channel,
            address=address,
            created_at=self.unit.now,
            **values,
        )
        return self.need(Join, joins, key)

    def joins_since(self, since: datetime, person_id: int, address: str) -> int:
        """How many codes were asked for by this person or for this address since then."""
        either = (joins.c.person_id == person_id) | (joins.c.address == address)
        count = select(func.count()).select_from(joins).where(either, joins.c.created_at >= since)
        return int(self.sql.execute(count).scalar_one())

    def open_join(self, person_id: int) -> Join | None:
        """The code sent last, if it is neither used, nor expired, nor guessed at too often."""
        here = self.query(
            joins,
            Join,
            joins.c.person_id == person_id,
            joins.c.ended_at.is_(None),
            joins.c.expires_at > self.unit.now,
        )
        return self.find(Join, here.order_by(joins.c.id.desc()))

    def update_join(self, join: Join, **values: Any) -> None:
        self.change(joins, joins.c.id == join.id, **values)

    def reachable(self, channel: str, address: str, *, why: str | None = None) -> bool:
        """Note that an address works (`why` None) or no longer does; True when that is news."""
        here = and_(contacts.c.channel == channel, contacts.c.address == address)
        if why is None:
            return bool(
                self.change(
                    contacts,
                    here,
                    contacts.c.unreachable_at.is_not(None),
                    unreachable_at=None,
                    unreachable_why=None,
                )
            )
        return bool(
            self.change(
                contacts,
                here,
                contacts.c.unreachable_at.is_(None),
                unreachable_at=self.unit.now,
                unreachable_why=why,
            )
        )

    # --- offices ---

    def offices(self) -> tuple[Office, ...]:
        return self.list(Office, self.query(offices, Office).order_by(offices.c.id))

    def office_at(self, channel: str, address: str) -> Office | None:
        return self.find(
            Office, self.query(offices, Office, offices.c.channel == channel, offices.c.address == address)
        )

    def open_office(
        self, channel: str, address: str, thread: int | None, title: str, language: str
    ) -> Office:
        known = self.office_at(channel, address)
        values: dict[str, Any] = {"thread": thread, "title": title, "unreachable_at": None}
        if known:
            self.change(offices, offices.c.id == known.id, **values)
            return self.need(Office, offices, known.id)
        key = self.add(offices, channel=channel, address=address, language=language, **values)
        return self.need(Office, offices, key)

    def office_unreachable(self, office: Office) -> None:
        self.change(offices, offices.c.id == office.id, unreachable_at=self.unit.now)

    def move(self, channel: str, old: str, new: str) -> None:
        """A group became a supergroup and changed its address."""
        self.change(offices, offices.c.channel == channel, offices.c.address == old, address=new)

    # --- invitations ---

    def invite(
        self, code_hash: str, role: Role, name: str, created_by: int | None, expires_at: datetime
    ) -> Invitation:
        key = self.add(
            invitations,
            code_hash=code_hash,
            role=role,
            name=name,
            created_by=created_by,
            created_at=self.unit.now,
            expires_at=expires_at,
        )
        return self.invitation(key)

    def invitation(self, key: int) -> Invitation:
        return self.need(Invitation, invitations, key)

    def invitation_by_hash(self, code_hash: str) -> Invitation | None:
        return self.find(
            Invitation, self.query(invitations, Invitation, invitations.c.code_hash == code_hash)
        )

    def undecided_invitations(self) -> tuple[Invitation, ...]:
        """Used, and not yet confirmed or refused."""
        waiting = (invitations.c.used_by.is_not(None)) & (invitations.c.decided_at.is_(None))
        return self.list(Invitation, self.query(invitations, Invitation, waiting).order_by(invitations.c.id))

    def update_invitation(self, invitation: Invitation, *where: ColumnElement[bool], **values: Any) -> bool:
        return bool(self.change(invitations, invitations.c.id == invitation.id, *where, **values))

    def use_invitation(self, invitation: Invitation, person: Person) -> bool:
        """Claim the code; False when somebody was quicker."""
        return self.update_invitation(
            invitation, invitations.c.used_at.is_(None), used_by=person.id, used_at=self.unit.now
        )

    def guessed(self, address: str) -> None:
        self.add(guesses, address=address, at=self.unit.now)

    def guesses_since(self, address: str, since: datetime) -> int:
        count = (
            select(func.count())
            .select_from(guesses)
            .where(guesses.c.address == address, guesses.c.at >= since)
        )
        return int(self.sql.execute(count).scalar_one())

    # --- sites ---

    def sites_of(self, customer_id: int, most: int = 3) -> tuple[Site, ...]:
        return self.list(
            Site,
            self.query(sites, Site, sites.c.customer_id == customer_id)
            .order_by(sites.c.last_used_at.desc(), sites.c.id)
            .limit(most),
        )

    def site(self, key: int) -> Site:
        return self.need(Site, sites, key)

    def site_at(
        self, customer_id: int, address: str, latitude: float | None = None, longitude: float | None = None
    ) -> Site:
        """The customer's site of that address (and point), known or new; marked as just used."""
        point = or_(
            sites.c.latitude.is_(None), and_(sites.c.latitude == latitude, sites.c.longitude == longitude)
        )
        known = self.find(
            Site,
            self.query(sites, Site, sites.c.customer_id == customer_id, sites.c.address == address, point),
        )
        if known:
            self.change(sites, sites.c.id == known.id, last_used_at=self.unit.now)
            return self.site(known.id)
        key = self.add(
            sites,
            customer_id=customer_id,
            address=address,
            latitude=latitude,
            longitude=longitude,
            last_used_at=self.unit.now,
        )
        return self.site(key)
