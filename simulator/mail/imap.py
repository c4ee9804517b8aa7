"""The IMAP server behind the proxy: pymap with mailboxes in memory, which keeps every mail octet by octet."""

import asyncio
import logging
from argparse import Namespace
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from proxyprotocol.sock import SocketInfo
from pymap.backend.dict import Config, Identity, Login
from pymap.backend.dict.filter import FilterSet
from pymap.backend.dict.mailbox import MailboxData, MailboxSet, Message
from pymap.concurrent import Event, Subsystem
from pymap.exceptions import InvalidAuth
from pymap.imap import IMAPServer
from pymap.mime import MessageBody, MessageContent, MessageHeader
from pymap.parsing.message import AppendMessage
from pymap.parsing.specials import ObjectId
from pymap.selected import SelectedMailbox
from pymap.user import UserMetadata
from pysasl import SASLAuth
from pysasl.creds.external import ExternalCredentials, ExternalVerificationRequired
from pysasl.creds.server import ServerCredentials
from pysasl.hashing import Cleartext
from pysasl.identity import ClearIdentity

log = logging.getLogger(__name__)

HOST = "127.0.0.1"
LONGEST_LINE = 2**24
# Beyond these pymap is too slow, or needs ten times the mail in memory.
MOST_HEADER, MOST_PARTS, MOST_OCTETS = 2**16, 500, 2**21
# What an operator could give on pymap's command line; we give the rest as keywords.
NO_ARGUMENTS = Namespace(passlib_cfg=None, proxy_protocol=None)


@dataclass(frozen=True)
class Stored:
    """A mail in a folder: its UID, its octets, its flags ("\\Seen") and when it came."""

    uid: int
    raw: bytes
    flags: frozenset[str]
    at: datetime


def content(literal: bytes) -> MessageContent:
    """The mail as pymap wants it. One that pymap cannot parse, or would parse for ages, is kept without its
    structure: a client of ours asks for octets only."""
    head, blank, _ = literal.partition(b"\r\n\r\n")
    parsed = None
    if len(head) < MOST_HEADER and literal.count(b"\n--") < MOST_PARTS and len(literal) < MOST_OCTETS:
        try:
            parsed = MessageContent.parse(literal)
        except Exception:
            log.debug("a mail of %d octets is kept without its structure", len(literal), exc_info=True)
    if parsed is None:
        lines = MessageContent._find_lines(head + blank)
        header = MessageHeader._parse(literal, memoryview(literal), lines)
        parsed = MessageContent(literal, header, MessageBody.empty())
    # pymap 0.36.7 loses the last octet of a mail that ends with its header.
    parsed._raw = memoryview(literal)
    return parsed


class Folder(MailboxData):
    """A mailbox that wakes IDLE for every change, and takes any mail whatever its octets are."""

    def __init__(self, owner: MailboxSet, uid_validity: int, first_uid: int = 1) -> None:
        super().__init__(owner._content_cache, owner._thread_cache)
        self._uid_validity = uid_validity
        self._max_uid = first_uid - 1

    async def append(self, append_msg: AppendMessage, *, recent: bool = False) -> Message:
        """Keep a mail; it has the next UID. Never \\Recent: a second visit shall get the very same octets."""
        async with self.messages_lock.write_lock():
            self._max_uid += 1
            message = Message(
                self._max_uid,
                append_msg.when or datetime.now().astimezone(),
                append_msg.flag_set,
                email_id=ObjectId.random_email_id(),
                thread_id=ObjectId.random_thread_id(),
                content=content(append_msg.literal),
            )
            self._messages[message.uid] = message
            self._mod_sequences.update([message.uid])
            self._updated.set()
            return message

    def adopt(self, message: Message) -> None:
        """Take a mail over from another folder, under the next UID."""
        self._max_uid += 1
        self._messages[self._max_uid] = Message.copy(message, uid=self._max_uid)
        self._mod_sequences.update([self._max_uid])

    async def update_selected(
        self, selected: SelectedMailbox, *, wait_on: Event | None = None
    ) -> SelectedMailbox:
        """What is new since the session looked last; with `wait_on`, as soon as there is something.

        pymap would forget what comes while IDLE writes its last news, and repeat the last change for ever.
        """
        known = selected.mod_sequence
        if known is None:
            return await super().update_selected(selected)
        if wait_on is not None and known == self._mod_sequences.highest:
            await wait_on.or_event(self._updated).wait()
        if known != self._mod_sequences.highest:
            selected.mod_sequence = known + 1
            return await super().update_selected(selected)
        return selected

    def stored(self) -> list[Stored]:
        """All that is in it, by UID."""
        return [
            Stored(
                uid,
                bytes(message._content) if message._content is not None else b"",
                frozenset(flag.value.decode("ascii") for flag in message.permanent_flags),
                message.internal_date,
            )
            for uid, message in sorted(self._messages.items())
        ]


class Folders(MailboxSet):
    """The folders of one account; UIDVALIDITY counts up from a number of its own."""

    def __init__(self, uid_validity: int) -> None:
        super().__init__()
        self._last = uid_validity
        # Held while a mail is put into a folder, and while a folder is replaced by another.
        self.moving = asyncio.Lock()
        self._inbox: MailboxData = Folder(self, uid_validity)

    async def add_mailbox(self, name: str) -> ObjectId:
        """A new folder. ValueError when it is there."""
        async with self._set_lock.write_lock():
            if name in self._set:
                raise ValueError(name)
            self._last += 1
            self._set[name] = folder = Folder(self, self._last)
            return folder.mailbox_id

    async def folder(self, name: str) -> Folder:
        """An existing folder. KeyError when there is none of that name."""
        found = await self.get_mailbox(name)
        if not isinstance(found, Folder):
            raise KeyError(name)
        return found

    def rebuild(self, name: str) -> None:
        """The folder anew, as after a restored backup: higher UIDVALIDITY, UIDs from 1 on, flags kept."""
        old = self._inbox if name.upper() == "INBOX" else self._set[name]
        self._last += 1
        new = Folder(self, self._last)
        for _, message in sorted(old._messages.items()):
            new.adopt(message)
        if name.upper() == "INBOX":
            self._inbox = new
        else:
            self._set[name] = new


class Settings(Config):
    """pymap's settings for a server on loopback."""

    def __init__(self, hostname: str) -> None:
        super().__init__(
            NO_ARGUMENTS,
            host=HOST,
            port=0,
            demo_data=False,
            demo_user="",
            demo_password="",
            tls_enabled=False,
            invalid_user_sleep=0.0,
            hash_context=Cleartext(),
            # The same loop: a thread pool would outlive the test.
            cpu_subsystem=Subsystem.for_asyncio(),
            bad_command_limit=None,
        )
        self._hostname = hostname

    @property
    def greeting(self) -> bytes:
        """The words of the greeting, without asking a name server who we are."""
        return b"%s ready" % self._hostname.encode("ascii")

    @property
    def initial_capability(self) -> Sequence[bytes]:
        """What is offered before login; the proxy does SASL-IR for pymap."""
        return [*super().initial_capability, b"SASL-IR"]

    @property
    def tls_auth(self) -> SASLAuth:
        """The ways to log in."""
        return SASLAuth.named([b"PLAIN", b"LOGIN", b"XOAUTH2"])


class Accounts(Login):
    """Who may log in: by password, or by a bearer token that stands for an address."""

    def __init__(self, settings: Settings, passwords: Mapping[str, str], tokens: Mapping[str, str]) -> None:
        super().__init__(settings)
        self._passwords_by_address = passwords
        self._tokens_by_value = tokens

    async def authenticate(self, credentials: ServerCredentials) -> Identity:
        """The account. InvalidAuth otherwise."""
        name = (credentials.authcid or credentials.authzid).lower()
        if name not in self._passwords_by_address or not self._right(name, credentials):
            raise InvalidAuth
        return Identity(name, self, None, frozenset(("admin",)))

    def _right(self, name: str, credentials: ServerCredentials) -> bool:
        if isinstance(credentials, ExternalCredentials):
            try:
                credentials.verify(None)
            except ExternalVerificationRequired as given:
                return self._tokens_by_value.get(given.token or "") == name
        return credentials.verify(ClearIdentity(credentials.authcid, self._passwords_by_address[name]))

    async def authorize(self, authenticated: object, authzid: str) -> Identity:
        """Everybody is only himself."""
        if not isinstance(authenticated, Identity) or authzid.lower() not in ("", authenticated.name):
            raise InvalidAuth
        return authenticated


class ImapServer:
    """pymap on a port of its own, which only the proxy knows."""

    def __init__(self, hostname: str, passwords: Mapping[str, str], tokens: Mapping[str, str]) -> None:
        self._settings = Settings(hostname)
        self._accounts = Accounts(self._settings, passwords, tokens)
        self._imap = IMAPServer(self._accounts, self._settings)
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self.port = 0

    def add(self, address: str, uid_validity: int) -> Folders:
        """Make the account's folders."""
        folders = Folders(uid_validity)
        self._settings.set_cache[address] = (folders, FilterSet())
        self._accounts.users_dict[address] = UserMetadata(self._settings, address)
        return folders

    async def start(self) -> None:
        """Begin to listen."""
        self._server = await asyncio.start_server(self._meet, HOST, 0, limit=LONGEST_LINE)
        self.port = self._server.sockets[0].getsockname()[1]

    def _meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._serve(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self._imap(reader, writer, SocketInfo.get(writer, None))
        except OSError:
            log.debug("an IMAP connection broke")
        except Exception:
            log.exception("the IMAP server failed")
        finally:
            writer.transport.abort()

    async def stop(self) -> None:
        """Close everything."""
        if self._server is None:
            return
        self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.sleep(0)
        await self._server.wait_closed()
        self._server = None
