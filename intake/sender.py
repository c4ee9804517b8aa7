"""The mail channel: a parcel becomes a letter and goes to the mail server; failures are translated once (G6)."""

import asyncio
from collections.abc import Callable

from dispatch.parcels import Parcel
from dispatch.ports import Clock, Receipt, Undelivered
from dispatch.postage import MAIL
from intake.addressing import BadAddress, addressable
from intake.compose import Letter, compose
from intake.connections import Connections
from intake.domains import Domains
from intake.enclosing import enclose
from intake.smtp import Broken, Connection, Outgoing, Step
from intake.smtp_outcomes import translate, trouble
from intake.wording import letter

REMEMBERED = 10_000
LONGEST = 50.0  # seconds for one mail; below the lease of the outbox, which would hand it to somebody else


class MailSender:
    """Carries parcels by SMTP. `fetch` reads a file of the archive by its sha256 (OSError when it is not there);
    `note(event, **ids)` hears of trouble. `trouble` is a sentence for the operator while the server takes no mail
    from us, else empty."""

    name = MAIL

    def __init__(
        self,
        outgoing: Outgoing,
        clock: Clock,
        fetch: Callable[[str], bytes],
        note: Callable[..., None] = lambda _event, **_ids: None,
        *,
        domains: Domains | None = None,
        longest: float = LONGEST,
    ) -> None:
        self.clock = clock
        self.fetch = fetch
        self.note = note
        self.longest = longest
        self.trouble = ""
        self.domains = domains or Domains()
        self.connections = Connections(outgoing, clock.monotonic)
        self._refusals: dict[int, int] = {}  # how often a waiting mail was refused for now

    async def send(self, parcel: Parcel) -> Receipt:
        """Carry one letter to one reader; Undelivered says what went wrong."""
        sender = self._sender(parcel)
        try:
            files = await enclose(parcel, self.clock.now(), self.fetch)
            written = letter(parcel, self.clock.now(), files)
        except BadAddress as bad:
            raise Undelivered(str(bad), forever=True) from bad
        if written is None:
            return Receipt()
        domain = written.to.rpartition("@")[2]
        if wait := self.domains.enter(domain, parcel.job.id):
            msg = f"enough mails to {domain} are on their way"
            raise Undelivered(msg, retry_after=wait, untried=True)
        try:
            await self._deliver(parcel, sender, written)
        finally:
            self.domains.leave(domain)
        return Receipt((written.message_id,))

    async def close(self) -> None:
        """Close what is open to the mail server."""
        await self.connections.close()

    def _sender(self, parcel: Parcel) -> str:
        """Our own address, which also takes the bounces."""
        try:
            return addressable(parcel.policy.mail)
        except BadAddress as bad:
            self._told("Callout's own mail address is not set, or is none")
            raise Undelivered(f"our own address: {bad}", everywhere=True, retry_after=60) from bad

    async def _deliver(self, parcel: Parcel, sender: str, written: Letter) -> None:
        job = parcel.job.id
        try:
            # Megabytes of base64 take a second, in which the others shall go on.
            raw = await asyncio.to_thread(compose, written) if written.files else compose(written)
            await self._carry(sender, written.to, raw)
        except Broken as broken:
            failure = translate(broken, self._refused(job) if broken.code >= 400 else 1)
            if said := trouble(broken):
                self._told(said)
            raise failure from broken
        self._refusals.pop(job, None)
        self.trouble = ""

    def _refused(self, job: int) -> int:
        """How often this mail has been refused by now. Tries that never came so far do not count, nor does a
        restart remember: then the pauses begin anew with the shortest."""
        if len(self._refusals) >= REMEMBERED:
            self._refusals.clear()
        self._refusals[job] = self._refusals.get(job, 0) + 1
        return self._refusals[job]

    async def _carry(self, sender: str, to: str, raw: bytes) -> None:
        """Over a connection that is open, or a new one; all of it within `longest`."""
        connection: Connection | None = None
        try:
            async with asyncio.timeout(self.longest):
                connection = await self.connections.take(sender.rpartition("@")[2])
                await connection.carry(sender, to, raw)
        except TimeoutError:
            step = connection.step if connection else Step.CONNECT
            raise Broken(step, 0, f"no end after {self.longest:.0f} s") from None
        finally:
            if connection is not None:
                await self._back(connection)

    async def _back(self, connection: Connection) -> None:
        """A connection that is still whole can be used again, after a refusal, too (RSET comes first)."""
        if connection.alive:
            await self.connections.give(connection)
        else:
            connection.close()

    def _told(self, said: str) -> None:
        if said != self.trouble:
            self.trouble = said
            self.note("mail.trouble", why=said)
