"""Every table, constraint and index in one place to read; plain SQL that SQLite and PostgreSQL both know."""

from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from storage.columns import Id, Moment, Word, may, must, ref
from storage.records.mail import Purpose
from storage.records.message import Audience, FileState, Sending
from storage.records.people import Role
from storage.records.plan import Due
from storage.records.ticket import Kind, Offered, RatingState, Signing, State, Verb, Visiting

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def table(name: str, *parts: Any) -> Table:
    return Table(name, metadata, Column("id", Id, primary_key=True), *parts)


# --- people -----------------------------------------------------------------------------------------------

people = table(
    "people",
    must("name", Text),
    must("language", String(16)),
    may("phone", Text),
    must("on_duty", Boolean, server_default=text("false")),
    may("preferred", String(16)),
    may("last_offer_at", Moment),
    must("created_at", Moment),
)

roles = Table(
    "roles",
    metadata,
    Column("person_id", Id, ForeignKey("people.id"), primary_key=True),
    Column("role", Word(Role), primary_key=True),
)

contacts = table(
    "contacts",
    ref("person_id", "people"),
    must("channel", String(16)),
    must("address", Text),
    may("unreachable_at", Moment),
    may("unreachable_why", Text),
    UniqueConstraint("channel", "address"),
)

# A code sent to the second channel proves that both are the same person's (S16).
joins = table(
    "joins",
    ref("person_id", "people"),
    must("channel", String(16)),
    must("address", Text),
    must("code_hash", String(64)),
    must("created_at", Moment),
    must("expires_at", Moment),
    must("wrong", Integer, server_default=text("0")),
    may("ended_at", Moment),
)

offices = table(
    "offices",
    must("channel", String(16)),
    must("address", Text),
    may("thread", Id),
    must("title", Text),
    must("language", String(16)),
    may("unreachable_at", Moment),
    UniqueConstraint("channel", "address"),
)

invitations = table(
    "invitations",
    must("code_hash", String(64), unique=True),
    must("role", Word(Role)),
    must("name", Text),
    ref("created_by", "people", null=True, index=False),
    must("created_at", Moment),
    must("expires_at", Moment),
    ref("used_by", "people", null=True, index=False),
    may("used_at", Moment),
    ref("decided_by", "people", null=True, index=False),
    may("decided_at", Moment),
    may("granted", Boolean),
)

# Wrong invitation codes by address, to lock out who guesses (S18).
guesses = table("guesses", must("address", Text, index=True), must("at", Moment))

sites = table(
    "sites",
    ref("customer_id", "people"),
    must("address", Text),
    may("latitude", Float),
    may("longitude", Float),
    must("last_used_at", Moment),
)

# --- tickets ----------------------------------------------------------------------------------------------

tickets = table(
    "tickets",
    may("number", String(16), unique=True),
    must("version", Integer),
    must("generation", Integer),
    must("state", Word(State), index=True),
    may("detail", String(32)),
    must("kind", Word(Kind)),
    must("impact", Integer),
    must("urgency", Integer),
    must("severity", Integer),
    may("on_site", Boolean),
    must("problem", Text),
    ref("site_id", "sites", null=True),
    must("place", Text),
    may("latitude", Float),
    may("longitude", Float),
    may("phone", Text),
    ref("customer_id", "people"),
    ref("owner_id", "people", null=True),
    may("held_from", String(32)),
    may("eta_at", Moment),
    may("appointment_at", Moment),
    ref("about_id", "tickets", null=True),
    ref("duplicate_of", "tickets", null=True, index=False),
    must("offers_missed", Integer),
    must("disputes", Integer),
    may("reason", Text),
    may("due_at", Moment),
    may("called_back_at", Moment),
    must("source", String(16)),
    must("source_key", Text),
    must("created_at", Moment),
    may("submitted_at", Moment),
    may("completed_at", Moment),
    may("closed_at", Moment),
    must("updated_at", Moment),
    UniqueConstraint("source", "source_key"),
)

# The journal. Rows are only ever added; `seq` is the ticket's version after the change.
events = table(
    "ticket_events",
    ref("ticket_id", "tickets", index=False),
    must("seq", Integer),
    must("verb", Word(Verb)),
    may("from_state", Word(State)),
    must("to_state", Word(State)),
    ref("actor_id", "people", null=True, index=False),
    must("party", String(16)),
    must("at", Moment),
    must("changes", JSON),
    must("note", JSON),
    UniqueConstraint("ticket_id", "seq"),
)

assignments = table(
    "assignments",
    ref("ticket_id", "tickets"),
    ref("engineer_id", "people"),
    must("status", Word(Offered)),
    must("score", Float),
    must("why", Text),
    may("reason", Text),
    must("offered_at", Moment),
    may("answered_at", Moment),
    # Invariant: at most one accepted assignment (LIFECYCLE.md), kept by the database itself.
    Index(
        "uq_assignments_one_owner",
        "ticket_id",
        unique=True,
        sqlite_where=text("status = 'accepted'"),
        postgresql_where=text("status = 'accepted'"),
    ),
)

visits = table(
    "visits",
    ref("ticket_id", "tickets"),
    ref("engineer_id", "people", index=False),
    must("status", Word(Visiting)),
    may("eta_at", Moment),
    may("departed_at", Moment),
    may("arrived_at", Moment),
    may("left_at", Moment),
    ref("report_id", "reports", null=True, index=False),
)

parts_used = table(
    "parts_used",
    ref("ticket_id", "tickets"),
    ref("engineer_id", "people", index=False),
    must("text", Text),
    must("at", Moment),
)

reports = table(
    "reports",
    ref("ticket_id", "tickets", index=False),
    must("version", Integer),
    ref("engineer_id", "people", index=False),
    must("body", JSON),
    must("hash", String(64)),
    must("created_at", Moment),
    UniqueConstraint("ticket_id", "version"),
)

signoffs = table(
    "signoffs",
    ref("ticket_id", "tickets"),
    ref("report_id", "reports", index=False),
    must("status", Word(Signing)),
    must("report_hash", String(64)),
    must("requested_at", Moment),
    may("answered_at", Moment),
    ref("person_id", "people", null=True, index=False),
    may("channel", String(16)),
    may("address", Text),
    may("reason", Text),
    may("evidence", Text),
)

ratings = table(
    "ratings",
    ref("ticket_id", "tickets"),
    ref("signoff_id", "signoffs", index=False),
    ref("customer_id", "people", index=False),
    ref("engineer_id", "people"),
    must("status", Word(RatingState)),
    may("grade", Integer),
    may("comment", Text),
    must("requested_at", Moment),
    may("given_at", Moment),
)

# --- messages ---------------------------------------------------------------------------------------------

entries = table(
    "entries",
    ref("ticket_id", "tickets", null=True),
    ref("author_id", "people", null=True, index=False),
    must("audience", Word(Audience)),
    must("kind", String(16)),
    must("text", Text),
    must("data", JSON),
    must("channel", String(16)),
    must("address", Text),
    must("outside_id", Text),
    may("album", Text),
    may("reply_to", Text),
    must("at", Moment),
    may("edited_at", Moment),
    UniqueConstraint("channel", "address", "outside_id"),
    UniqueConstraint("channel", "address", "album"),
)

entry_texts = table(
    "entry_texts", ref("entry_id", "entries"), must("text", Text), must("replaced_at", Moment)
)

entry_files = table(
    "entry_files",
    ref("entry_id", "entries"),
    must("position", Integer),
    must("kind", String(16)),
    must("ref", Text),
    must("name", Text),
    must("mime", Text),
    may("size", BigInteger),
    must("state", Word(FileState)),
    may("sha256", String(64)),
    must("outside_id", Text),
    must("attempts", Integer, server_default=text("0")),
    must("due_at", Moment),
    UniqueConstraint("entry_id", "outside_id"),
    Index(
        "ix_entry_files_waiting",
        "due_at",
        sqlite_where=text("state = 'waiting'"),
        postgresql_where=text("state = 'waiting'"),
    ),
)

# Messages of ours and of theirs that belong to a ticket, so that a reply finds it.
spoken = table(
    "spoken",
    must("channel", String(16)),
    must("address", Text),
    must("message_id", Text),
    ref("ticket_id", "tickets"),
    ref("entry_id", "entries", null=True, index=False),
    UniqueConstraint("channel", "address", "message_id"),
)

inbox = table(
    "inbox",
    must("source", String(64)),
    must("outside_id", Text),
    must("lane", Text),
    must("raw", Text),
    must("received_at", Moment),
    must("status", String(8), server_default=text("'new'")),
    must("attempts", Integer, server_default=text("0")),
    must("due_at", Moment),
    may("owner", String(64)),
    may("leased_until", Moment),
    may("done_at", Moment),
    may("outcome", Text),
    UniqueConstraint("source", "outside_id"),
    Index(
        "ix_inbox_waiting",
        "lane",
        "id",
        sqlite_where=text("status = 'new'"),
        postgresql_where=text("status = 'new'"),
    ),
)

outbox = table(
    "outbox",
    must("key", Text, unique=True),
    must("kind", String(16)),
    must("channel", String(16)),
    must("address", Text),
    may("thread", Id),
    must("lane", Text),
    ref("person_id", "people", null=True, index=False),
    ref("ticket_id", "tickets", null=True),
    must("duty", Boolean),
    must("payload", JSON),
    must("status", Word(Sending)),
    must("attempts", Integer),
    must("ambiguous", Integer),
    must("due_at", Moment),
    must("created_at", Moment),
    may("owner", String(64)),
    may("leased_until", Moment),
    may("settled_at", Moment),
    may("error", Text),
    may("outside_id", Text),
    Index(
        "ix_outbox_waiting",
        "lane",
        "id",
        sqlite_where=text("status IN ('pending', 'leased')"),
        postgresql_where=text("status IN ('pending', 'leased')"),
    ),
)

# A lane told to wait by the channel (429) stays told after a restart.
pauses = Table(
    "pauses", metadata, Column("lane", Text, primary_key=True), Column("until", Moment, nullable=False)
)

cards = table(
    "cards",
    ref("ticket_id", "tickets"),
    must("audience", String(16)),
    must("channel", String(16)),
    must("address", Text),
    may("thread", Id),
    ref("person_id", "people", null=True, index=False),
    may("message_id", Text),
    must("panel", String(32)),
    may("subject_id", Id),
    UniqueConstraint("ticket_id", "audience", "channel", "address"),
    Index("ix_cards_message", "channel", "address", "message_id"),
)

# --- mail -------------------------------------------------------------------------------------------------

# How far a folder has been read; another UIDVALIDITY is another folder of the same name (RFC 3501 2.3.1.1).
mail_cursors = table(
    "mail_cursors",
    must("account", String(64)),
    must("folder", Text),
    must("uidvalidity", BigInteger),
    must("last_uid", BigInteger),
    must("checked_at", Moment),
    UniqueConstraint("account", "folder", "uidvalidity"),
)

# Every mail as it came, kept before anything is parsed or flagged (G5). `digest` is of the headers without their
# trace and of the body: the same Message-ID with another digest is another mail (S31).
mails = table(
    "mails",
    must("account", String(64)),
    must("folder", Text),
    must("uidvalidity", BigInteger),
    must("uid", BigInteger),
    must("message_id", Text),
    must("sha256", String(64)),
    must("digest", String(64)),
    must("size", BigInteger),
    must("whole", Boolean),
    ref("twin_of", "mails", null=True, index=False),
    ref("inbox_id", "inbox", null=True),
    must("kept_at", Moment),
    may("flagged_at", Moment),
    # Last: what stands behind a big value is reached through all of its pages.
    may("raw", LargeBinary),
    UniqueConstraint("account", "folder", "uidvalidity", "uid"),
    Index("ix_mails_same", "account", "digest"),
    Index(
        "ix_mails_unflagged",
        "account",
        "folder",
        "uidvalidity",
        sqlite_where=text("flagged_at IS NULL"),
        postgresql_where=text("flagged_at IS NULL"),
    ),
)

# Links to the public page: only the hash of a token is kept (S14, S24). One per purpose, ticket, person and subject.
links = table(
    "links",
    must("token_hash", String(64), unique=True),
    must("purpose", Word(Purpose)),
    ref("ticket_id", "tickets"),
    ref("person_id", "people", index=False),
    must("subject_id", Id),
    must("created_at", Moment),
    must("expires_at", Moment),
    UniqueConstraint("purpose", "ticket_id", "person_id", "subject_id"),
)

# Automatic answers by address, so that nobody gets many and all together stay under the brake (S10, S11).
acknowledgements = table(
    "acknowledgements", must("address", Text, index=True), must("at", Moment, index=True)
)

# --- plans ------------------------------------------------------------------------------------------------

deadlines = table(
    "deadlines",
    ref("ticket_id", "tickets", index=False),
    must("kind", Word(Due)),
    must("generation", Integer),
    must("due_at", Moment),
    may("fired_at", Moment),
    UniqueConstraint("ticket_id", "kind", "generation"),
    Index(
        "ix_deadlines_waiting",
        "due_at",
        sqlite_where=text("fired_at IS NULL"),
        postgresql_where=text("fired_at IS NULL"),
    ),
)

dialogues = table(
    "dialogues",
    must("channel", String(16)),
    must("address", Text),
    ref("person_id", "people", index=False),
    must("kind", String(16)),
    ref("ticket_id", "tickets", null=True),
    must("state", JSON),
    must("step", Integer),
    may("message_id", Text),
    must("updated_at", Moment),
    UniqueConstraint("channel", "address", "person_id"),
)

# Small facts about the service itself: when it last polled, when it last ran.
facts = Table("facts", metadata, Column("key", String(64), primary_key=True), Column("value", JSON))
