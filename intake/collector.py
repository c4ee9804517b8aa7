"""The loop of one folder: fetch what is new, commit it, only then mark it; wait for news; hang up at any doubt (G5)."""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from functools import partial

from dispatch.ports import Clock, Refused, Store
from intake import mailroom
from intake.imap import connect as connect_imap
from intake.mailbox import BATCH, BEGINNING, Account, Broken, Connect, Declined, Mailbox, Pace
from intake.mailroom import Fetched, Place

GROUP = 20  # mails of one transaction at most
GROUP_BYTES = (
    512 * 1024
)  # a group is closed when it holds this much, so that one big mail at most is in memory
HEAVY = 1024 * 1024  # bytes above which a digest is computed in a thread
RENEW = (300.0, 540.0)  # an IDLE is renewed after 5 to 9 minutes, before NATs and servers forget it
SLICE = 20.0  # seconds between two beats while we only wait
HARD = 4  # failed fetches of the same mail after which its beginning is asked for; NO counts double
HOPELESS = 8  # … and after which it is set aside
UNMARKED = 3  # failures in a row after which nothing is marked or moved any more: it is cosmetics


class Collector:
    """Collects the mail of one folder of one account; `trouble` says what is wrong, or None."""

    def __init__(
        self,
        account: Account,
        store: Store,
        clock: Clock,
        *,
        folder: str = "INBOX",
        connect: Connect | None = None,
        pace: Pace | None = None,
        note: Callable[..., None] = lambda _event, **_ids: None,
        chance: Callable[[], float] = random.random,
    ) -> None:
        """note(event, **ids): one log line. chance: a number in 0..1 that spreads pauses."""
        self.account = account
        self.folder = folder
        self.store = store
        self.clock = clock
        self.pace = pace or Pace()
        self.connect: Connect = connect or partial(connect_imap, pace=self.pace)
        self.note = partial(note, account=account.name, folder=folder)
        self.chance = chance
        self.trouble: str | None = None
        self.failures = 0
        self._hard: Counter[int] = Counter()
        self._beat: Callable[[], None] = lambda: None
        self._unmarked = 0

    async def run(self, stopping: asyncio.Event, beat: Callable[[], None] = lambda: None) -> None:
        """Until `stopping`. Beats at least every poll, every pause of SLICE and every group of mails."""
        self._beat = beat
        while not stopping.is_set():
            beat()
            begun = self.clock.monotonic()
            try:
                await until(stopping, self._session())
            except Refused as refused:
                await until(stopping, self._refused(str(refused)))
            except Broken as broken:
                if self.clock.monotonic() - begun >= self.pace.healthy:
                    self.failures = 0
                self.trouble = str(broken)
                await until(stopping, self._pause(str(broken), self.pace.longest))

    async def reconcile(self) -> int:
        """Compare the folder with what is kept now, over a connection of its own; how many mails were missing."""
        async with self._open() as (box, place):
            return await self._compare(box, await self._catch_up(box, place))

    # --- one connection ---

    async def _session(self) -> None:
        async with self._open() as (box, place):
            news = leftovers = False
            while True:
                before = place.last
                place = await self._look(box, place)
                if not leftovers:
                    leftovers = await self._leftovers(box, place)
                self.trouble = None
                self._beat()
                if news and place.last == before:
                    await self.clock.sleep(self.pace.first)  # a server that cries wolf makes no hot loop
                renew = RENEW[0] + (RENEW[1] - RENEW[0]) * self.chance()
                news = await box.idle(min(self.account.poll_seconds, renew))

    @asynccontextmanager
    async def _open(self) -> AsyncIterator[tuple[Mailbox, Place]]:
        box = await self.connect(self.account)
        try:
            yield box, await self._place(box)
        finally:
            await box.close()

    async def _place(self, box: Mailbox) -> Place:
        """Where to go on; for a new UIDVALIDITY the place to begin at."""
        name, folder = self.account.name, self.folder
        opened = await box.open(folder)
        place = await self.store.read(mailroom.resume, name, folder, opened.uidvalidity)
        if place is not None:
            if opened.uidnext and opened.uidnext <= place.last:
                self.note("mail.uidnext_went_back", uidnext=opened.uidnext, last=place.last)
            return place
        self._hard.clear()
        again = await self.store.read(mailroom.known, name, folder)
        everything = await box.uids_after(0)
        highest = everything[-1] if everything else 0
        start = await self._start(box, again, everything, highest)
        self.note(
            "mail.uidvalidity" if again else "mail.first_look", uidvalidity=opened.uidvalidity, start=start
        )
        until_uid = highest if again else 0
        return await self.store.write(mailroom.begin, name, folder, opened.uidvalidity, start, until_uid)

    async def _start(self, box: Mailbox, again: bool, everything: Sequence[int], highest: int) -> int:
        """The UID above which mails are of interest: all of them, or those since the last good look less a week."""
        if again:
            moment = await self.store.read(mailroom.since, self.account.name, self.folder)
        elif self.account.first_days is not None:
            moment = self.clock.now() - timedelta(days=self.account.first_days)
        else:
            moment = None
        if moment is None:
            return 0
        recent = frozenset(await box.uids_since(moment.date())) & frozenset(everything)
        return min(recent) - 1 if recent else highest

    async def _look(self, box: Mailbox, place: Place) -> Place:
        """Fetch what is new, and once a day compare the folder with what is kept."""
        place = await self._catch_up(box, place)
        if await self.store.write(mailroom.complete, place):
            await self._compare(box, place)
        return place

    async def _catch_up(self, box: Mailbox, place: Place) -> Place:
        """Fetch everything above the cursor, until there is nothing more."""
        while True:
            uids = [uid for uid in await box.uids_after(place.last) if self._hard[uid] < HOPELESS]
            if not uids:
                return place
            for first in range(0, len(uids), BATCH):
                place = await self._take(box, place, uids[first : first + BATCH])

    async def _compare(self, box: Mailbox, place: Place) -> int:
        """The difference of the last seven days must be nothing; otherwise alarm, and fetch."""
        day = (self.clock.now() - mailroom.WINDOW).date()
        missing = await self.store.read(mailroom.missing, place, await box.uids_since(day))
        lost = [uid for uid in missing if self._hard[uid] < HOPELESS]
        if lost:
            self.note("mail.missing", n=len(lost), first=lost[0])
            await self.store.write(mailroom.gap, place, len(lost))
        for first in range(0, len(lost), BATCH):
            await self._take(box, place, lost[first : first + BATCH])
        for uid in self._hard:  # the next comparison tries once what was set aside
            self._hard[uid] = min(self._hard[uid], HOPELESS - 1)
        await self.store.write(mailroom.compared, place)
        self.note("mail.compared", missing=len(lost))
        return len(lost)

    # --- mails ---

    async def _take(self, box: Mailbox, place: Place, uids: Sequence[int]) -> Place:
        """Fetch those mails one by one and commit them in small groups; the cursor moves with them."""
        sizes = await box.sizes(uids)
        if gone := [uid for uid in uids if uid not in sizes]:
            sizes |= await box.sizes(
                gone
            )  # asked twice, because what is left out now comes back tomorrow only
        group: list[Fetched] = []
        for uid in uids:
            try:
                mail = await self._fetch(box, place, uid, sizes.get(uid))
            except Broken as broken:
                place, _ = await self._commit(place, group, uid - 1)
                await self._failed(place, uid, broken)
                raise
            if mail is not None:
                group.append(mail)
            mail = None  # a big one must be gone before the next one comes
            if len(group) >= GROUP or sum(len(kept.raw) for kept in group) > GROUP_BYTES:
                place, keys = await self._commit(place, group, uid)
                group = []
                await self._mark(box, keys)
        place, keys = await self._commit(place, group, uids[-1])
        await self._mark(box, keys)
        return place

    async def _fetch(self, box: Mailbox, place: Place, uid: int, size: int | None) -> Fetched | None:
        """One mail, or its beginning when it is too big; None when it has been deleted meanwhile."""
        big = size is not None and (size > self.account.max_bytes or self._hard[uid] >= HARD)
        raw = None
        if size is not None:
            raw = await box.beginning(uid) if big else await box.body(uid, size)
        if raw is None or size is None:
            self.note("mail.gone", uid=uid)
            return None
        facts = (place, uid, raw, size, not big or len(raw) < BEGINNING)
        if len(raw) > HEAVY:
            return await asyncio.to_thread(mailroom.fetched, *facts)
        return mailroom.fetched(*facts)

    async def _commit(
        self, place: Place, group: Sequence[Fetched], last: int
    ) -> tuple[Place, dict[int, int]]:
        """Everything up to `last` is kept when this comes back; ids of the kept mails by UID."""
        if last <= place.last and not group:
            return place, {}
        taken = await self.store.write(mailroom.take, place, group, last)
        for mail in group:
            self._hard.pop(mail.uid, None)
            if not mail.whole:
                self.note("mail.beginning_only", uid=mail.uid, size=mail.size)
        for twin, original in taken.twins:
            self.note("mail.twin", mail=twin, same_as=original)
        if group:
            self.failures = 0
            self._beat()
            self.note("mail.kept", n=len(group), new=taken.new, last=last)
        return replace(place, last=max(place.last, last)), taken.keys

    async def _failed(self, place: Place, uid: int, broken: Broken) -> None:
        """The same mail again and again: it must not keep the others waiting."""
        before = self._hard[uid]
        self._hard[uid] += 2 if isinstance(broken, Declined) else 1
        if before < HOPELESS <= self._hard[uid]:
            self.note("mail.set_aside", uid=uid, why=str(broken))
            await self.store.write(mailroom.set_aside, place, uid, uid)

    # --- afterwards ---

    async def _leftovers(self, box: Mailbox, place: Place) -> bool:
        """Mark what an earlier connection has kept and not marked; True, because once is enough."""
        while keys := await self.store.read(mailroom.unflagged, place):
            if not await self._mark(box, keys):
                break
        return True

    async def _mark(self, box: Mailbox, keys: dict[int, int]) -> bool:
        """Mark as read, or move to the done folder: cosmetics, and only after the commit."""
        if not keys or self._unmarked >= UNMARKED:
            return False
        self._unmarked += 1
        try:
            if self.account.done_folder is None:
                await box.seen(tuple(keys))
            else:
                await box.move(tuple(keys), self.account.done_folder)
        except Declined as no:
            self.note("mail.not_marked", n=len(keys), why=str(no))
            return False
        self._unmarked = 0
        await self.store.write(mailroom.flagged, tuple(keys.values()))
        return True

    # --- when it does not work ---

    async def _refused(self, why: str) -> None:
        """A sentence for the operator, and slowly on: too many tries lock accounts. A second one is told to the
        office as well; a single one may be the provider's own hiccup."""
        self.trouble = why
        self.note("mail.refused", why=why)
        if self.failures:
            await self.store.write(mailroom.refused, self.account.name, why)
        await self._pause(why, self.pace.refused)

    async def _pause(self, why: str, longest: float) -> None:
        base = min(longest, self.pace.first * 2.0 ** min(self.failures, 16))
        wait = max(self.pace.first, base * (0.75 + self.chance() / 4))
        self.failures += 1
        self.note("mail.away", why=why, failures=self.failures, wait=round(wait, 1))
        while wait > 0:
            self._beat()
            await self.clock.sleep(min(wait, SLICE))
            wait -= SLICE


async def until(stopping: asyncio.Event, work: Awaitable[None]) -> None:
    """Do something, but leave at once when the service stops; what was committed stands."""
    task = asyncio.ensure_future(work)
    stop = asyncio.ensure_future(stopping.wait())
    try:
        await asyncio.wait({task, stop}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        stop.cancel()
        task.cancel()
        outcome, _ = await asyncio.gather(task, stop, return_exceptions=True)
    if isinstance(outcome, Exception):
        raise outcome
