"""A time of day that somebody typed, on the organisation's clock."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo


def lately(said: str, zone: ZoneInfo, now: datetime) -> datetime | None:
    """10:30 today or, if that is still to come, yesterday; None when it cannot be read."""
    hours, _, minutes = said.strip().replace("：", ":").partition(":")
    if not (hours.isascii() and hours.isdigit() and minutes[:2].isascii() and minutes[:2].isdigit()):
        return None
    if int(hours) > 23 or int(minutes[:2]) > 59:
        return None
    local = now.astimezone(zone).replace(hour=int(hours), minute=int(minutes[:2]), second=0, microsecond=0)
    return local if local <= now else local - timedelta(days=1)
