"""A time of day that somebody typed, on the organisation's clock."""

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

CLOCK = re.compile(r"(\d{1,2})[:：](\d{2})(?::\d{2})?", re.ASCII)


def lately(said: str, zone: ZoneInfo, now: datetime) -> datetime | None:
    """10:30 today or, if that is still to come, yesterday; None when it cannot be read."""
    found = CLOCK.fullmatch(said.strip())
    if not found or int(found[1]) > 23 or int(found[2]) > 59:
        return None
    local = now.astimezone(zone).replace(hour=int(found[1]), minute=int(found[2]), second=0, microsecond=0)
    return local if local <= now else local - timedelta(days=1)
