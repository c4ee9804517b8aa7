"""The files of a letter, read from the archive: what goes along, what is missing, what is too large for a mail."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

from dispatch.parcels import Parcel
from dispatch.ports import Undelivered
from intake.compose import Enclosure
from intake.wording_relays import LETTER_BEARS, Files, chosen, name_of, waiting
from storage.records.message import EntryFile, FileState

PATIENCE = timedelta(minutes=5)  # a letter waits so long for files that are still on their way to us
LOOK_AGAIN = 5.0  # seconds


async def enclose(parcel: Parcel, now: datetime, fetch: Callable[[str], bytes]) -> Files:
    """The files of a relay; none for other letters. Undelivered(retry_after) while some are still on their way;
    after five minutes the letter goes without them and says so."""
    if parcel.job.kind != "relay" or parcel.entry is None:
        return Files()
    files = chosen(parcel.entry, parcel.job.payload.get("files"))
    if waiting(files) and now - parcel.job.created_at < PATIENCE:
        raise Undelivered("its files are still on their way to us", retry_after=LOOK_AGAIN, untried=True)
    along: list[Enclosure] = []
    missing: list[str] = []
    too_big: list[str] = []
    room = LETTER_BEARS
    for file in files:
        name = name_of(file)
        if file.state is FileState.TOO_BIG or (file.size or 0) > room:
            too_big.append(name)
            continue
        content = await _content(file, fetch)
        if content is None:
            missing.append(name)
        elif len(content) > room:
            too_big.append(name)
        else:
            room -= len(content)
            along.append(Enclosure(name, file.mime, content))
    return Files(tuple(along), tuple(missing), tuple(too_big))


async def _content(file: EntryFile, fetch: Callable[[str], bytes]) -> bytes | None:
    if file.state is not FileState.STORED or not file.sha256:
        return None
    try:
        return await asyncio.to_thread(fetch, file.sha256)
    except OSError:
        return None  # the letter names what it lacks
