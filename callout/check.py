"""`callout check`: what stands between this configuration and a service that works, and what to do about it."""

import os
import shutil
import stat
import tempfile
import tomllib
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from bot.webhook import PATH
from callout.botapi import Answer, ask
from callout.check_mail import mail, page
from callout.findings import Finding, Scene, Weight, ok, stops, warning
from callout.settings import CONFIG_FILE, CONFIG_VARIABLE, Settings
from storage.database import database_path
from storage.errors import Busy, StorageError
from storage.health import Standing, standing, try_writing
from storage.migrate import head

SKEW = timedelta(seconds=60)
WAITING = 100  # updates that wait at Telegram before it is worth a word
RECENT = timedelta(hours=24)  # an older failure of the webhook is history
LITTLE, TOO_LITTLE = 1 << 30, 100 << 20  # bytes of free disk: worth a word, and not enough
SECRETS = {
    "telegram": ("token", "webhook_secret"),
    "mail": ("imap_password", "smtp_password", "oauth_client_secret", "oauth_refresh_token"),
    "web": ("secret",),
}
__all__ = ["Finding", "Weight", "as_text", "check", "config_file"]


def config_file(given: Path | None) -> Path | None:
    """The file the settings are read from, if there is one."""
    path = given or Path(os.environ.get(CONFIG_VARIABLE, "").strip() or CONFIG_FILE)
    return path if path.is_file() else None


# --- Telegram ----------------------------------------------------------------------------------------------


def _no_answer(answer: Answer) -> Finding:
    """The finding when Telegram did not answer as it should."""
    if answer.refused:
        return stops(
            f"Telegram refuses the token ({answer.words})",
            "copy the token again from @BotFather (/mybots, API Token) into telegram.token",
        )
    if answer.status:
        return warning(f"Telegram answers {answer.status}: {answer.words}", "try again in a minute")
    return stops(
        f"Telegram cannot be reached ({answer.words})",
        "check the network, the proxy (HTTPS_PROXY) and telegram.api_url; the service itself keeps trying",
    )


async def token(scene: Scene) -> list[Finding]:
    if scene.settings.telegram.token is None:
        return [
            stops(
                "there is no token", "ask @BotFather for one (/newbot) and set CALLOUT_TELEGRAM__TOKEN to it"
            )
        ]
    answer = await ask(scene.settings, "getMe")
    if not answer.ok:
        return [_no_answer(answer)]
    return [ok(f"it is that of @{answer.result.get('username')}")]


async def webhook(scene: Scene) -> list[Finding]:
    answer = await ask(scene.settings, "getWebhookInfo")
    if not answer.ok:
        return [warning(f"could not be looked at ({answer.words})", "see token")]
    telegram, info = scene.settings.telegram, answer.result
    url = str(info.get("url") or "")
    mine = (telegram.webhook_url or "").rstrip("/") + PATH
    found = []
    if telegram.mode == "polling" and url:
        found.append(
            stops(
                f"the mode is polling, but Telegram delivers to {url}",
                "run `callout check --delete-webhook`, or set telegram.mode to webhook",
            )
        )
    elif telegram.mode == "webhook" and url != mine:
        says = f"Telegram delivers to {url}" if url else "no webhook is set yet"
        found.append(warning(f"{says}, not to {mine}", "`callout run` sets it when it starts"))
    return found + _delivery(info, scene.now) or [ok(f"{telegram.mode}, nothing is in the way")]


def _delivery(info: dict[str, Any], now: datetime) -> list[Finding]:
    found = []
    failed, pending = info.get("last_error_date"), int(info.get("pending_update_count") or 0)
    if failed and now - datetime.fromtimestamp(failed, UTC) < RECENT:
        at = datetime.fromtimestamp(failed, UTC).isoformat(timespec="seconds")
        found.append(
            warning(
                f"Telegram could not deliver at {at}: {info.get('last_error_message')}",
                "check that telegram.webhook_url is reached from outside and leads to telegram.webhook_port",
            )
        )
    if pending > WAITING:
        found.append(
            warning(f"{pending} updates wait at Telegram", "start the service; it fetches them by itself")
        )
    return found


async def clock(scene: Scene) -> list[Finding]:
    zone = scene.settings.organisation.timezone
    here = scene.now.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M")
    found = [ok(f"in {zone} it is {here}")]
    answer = await ask(scene.settings, "getMe")
    if answer.skew is None:
        found.append(warning("could not be compared with Telegram's", "see token"))
    elif abs(answer.skew) > SKEW:
        ahead = "ahead of" if answer.skew > timedelta(0) else "behind"
        found.append(
            warning(
                f"this machine is {abs(answer.skew).total_seconds():.0f} s {ahead} Telegram",
                "let it keep time by NTP (timedatectl set-ntp true): every deadline is that much off",
            )
        )
    else:
        found.append(ok(f"{abs(answer.skew).total_seconds():.0f} s from Telegram's"))
    return found


# --- this machine ------------------------------------------------------------------------------------------


async def database(scene: Scene) -> list[Finding]:
    try:
        path = database_path(scene.settings.database.url)
        found = [_schema(path, standing(path))]
        if path.exists():
            try_writing(path)
            found.append(ok("it can be written"))
    except Busy as busy:
        return [warning(str(busy), "if the service is running, this may be nothing: try again")]
    except StorageError as wrong:
        return [stops(str(wrong), "see database.url")]
    return [*found, _room(path)]


def _schema(path: Path, found: Standing) -> Finding:
    sayings = {
        Standing.ABSENT: ok(f"{path} is not there yet; the first start makes it"),
        Standing.CURRENT: ok(f"{path} has the schema {head()} of this Callout"),
        Standing.BEHIND: warning(
            f"{path} is of an older Callout", "back it up; the next start or `callout upgrade` upgrades it"
        ),
        Standing.NEWER: stops(f"{path} was written by a newer Callout", "install that one"),
    }
    return sayings[found]


def _room(path: Path) -> Finding:
    free = shutil.disk_usage(_existing(path.parent)).free
    says = f"{free / (1 << 30):.1f} GiB are free on its disk"
    if free < TOO_LITTLE:
        return stops(says, "make room: nothing can be kept without it")
    return warning(says, "make room, attachments need some") if free < LITTLE else ok(says)


def _existing(folder: Path) -> Path:
    """The folder, or the nearest one above it that is there."""
    return next(here for here in (folder.absolute(), *folder.absolute().parents) if here.exists())


async def permissions(scene: Scene) -> list[Finding]:
    found = [_secret_file(scene.config)] if scene.config else []
    folders = {"files": scene.settings.database.files}
    try:
        folders = {"database": database_path(scene.settings.database.url).parent, **folders}
    except StorageError:
        return found  # the check of the database says it
    return [*found, *(_writable(name, folder) for name, folder in folders.items())]


def _secret_file(path: Path) -> Finding:
    written = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    open_to_all = path.stat().st_mode & stat.S_IROTH
    if open_to_all and any(
        written.get(group, {}).get(name) for group, names in SECRETS.items() for name in names
    ):
        return warning(
            f"{path} holds a secret and everybody on this machine may read it", f"chmod o-rwx {path}"
        )
    return ok(f"{path} shows no secret to others")


def _writable(name: str, folder: Path) -> Finding:
    here = _existing(folder)
    try:
        with tempfile.TemporaryFile(dir=here):
            pass
    except OSError as error:
        return stops(
            f"the folder for {name}, {folder}, cannot be written: {error.strerror}",
            f"make it a folder that this user owns, or change database.{'files' if name == 'files' else 'url'}",
        )
    return ok(f"the folder for {name} can be written")


# --- all of it ---------------------------------------------------------------------------------------------

CHECKS: tuple[tuple[str, Callable[[Scene], Awaitable[list[Finding]]]], ...] = (
    ("token", token),
    ("webhook", webhook),
    ("mail", mail),
    ("page", page),
    ("clock", clock),
    ("database", database),
    ("permissions", permissions),
)


async def check(settings: Settings, config: Path | None, now: datetime) -> list[tuple[str, Finding]]:
    """Everything that was looked at, in order: (name of the check, finding). Changes nothing."""
    scene = Scene(settings, config, now)
    return [(name, finding) for name, look in CHECKS for finding in await look(scene)]


def as_text(found: list[tuple[str, Finding]]) -> str:
    """One line for each finding, and a second one with what to do."""
    lines = []
    for name, finding in found:
        lines.append(f"{finding.weight:<8} {name:<12} {finding.says}")
        lines += [f"{'':<21} → {finding.do}"] if finding.do else []
    return "\n".join(lines)
