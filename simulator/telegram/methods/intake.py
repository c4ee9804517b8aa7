"""Methods by which updates reach the bot: long polling, and setting a webhook."""

import re
import time
from ipaddress import ip_address
from urllib.parse import urlsplit

from simulator.telegram.api import Api, Encoded
from simulator.telegram.arguments import Args
from simulator.telegram.errors import ApiError, Json, bad_request, conflict

LONGEST_POLL = 50  # seconds
SECRET = re.compile(r"^[A-Za-z0-9_-]*$")
WEBHOOK_ACTIVE = (
    "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
)


async def getUpdates(api: Api, args: Args) -> Encoded:
    """What is pending from `offset` on; everything below it is forgotten now, and only now."""
    if api.webhook.url:
        raise conflict(WEBHOOK_ACTIVE)
    updates = api.world.updates
    offset = args.integer("offset")
    limit = min(max(args.integer("limit", 100), 1), 100)
    timeout = min(max(args.integer("timeout"), 0), LONGEST_POLL)
    updates.allow(_allowed(args))
    limit, timeout = _paced(api, offset, limit, timeout)
    updates.confirm(offset)
    batch = updates.batch(limit)
    if not batch and timeout:
        await updates.wait(timeout)
        batch = updates.batch(limit)
    return Encoded(b"[" + b",".join(update.body for update in batch) + b"]")


def _paced(api: Api, offset: int, limit: int, timeout: int) -> tuple[int, int]:
    """The same offset again within 0.5 s gets one update, within 3 s waits 3 s (Client.cpp 15714-15719)."""
    now, repeated = time.monotonic(), api.pacing and offset == api.last_offset
    since = now - api.last_poll
    api.last_offset, api.last_poll = offset, now
    if repeated and since < 0.5:
        limit = 1
    if repeated and since < 3 and timeout < 3:
        timeout = 3
    return limit, timeout


def _allowed(args: Args) -> object:
    try:
        return args.decoded("allowed_updates")
    except ApiError:  # the real server overlooks a list it cannot read
        return None


async def setWebhook(api: Api, args: Args) -> bool:
    """Deliver by POST to a loopback address; an empty url removes the webhook."""
    url, secret = args.text("url"), args.text("secret_token")
    if not url:
        return await deleteWebhook(api, args)
    _check(url, secret)
    await api.webhook.remove()
    _prepare(api, args)
    api.webhook.set(url, secret, min(max(args.integer("max_connections", 40), 1), 100))
    return True


def _check(url: str, secret: str) -> None:
    if len(secret) > 256:
        raise bad_request("secret token is too long")
    if not SECRET.match(secret):
        raise bad_request("secret token contains unallowed characters")
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise bad_request("bad webhook: an HTTPS URL must be provided for webhook")
    if not _loopback(parts.hostname):
        raise bad_request("bad webhook: the simulator calls loopback addresses only")


def _loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _prepare(api: Api, args: Args) -> None:
    updates = api.world.updates
    updates.end_wait("terminated by setWebhook request")
    updates.allow(_allowed(args))
    if args.flag("drop_pending_updates"):
        updates.clear()


async def deleteWebhook(api: Api, args: Args) -> bool:
    """Back to getUpdates; what is undelivered waits there."""
    await api.webhook.remove()
    if args.flag("drop_pending_updates"):
        api.world.updates.clear()
    return True


def getWebhookInfo(api: Api, args: Args) -> Json:
    """WebhookInfo."""
    hook, updates = api.webhook, api.world.updates
    info: Json = {
        "url": hook.url,
        "has_custom_certificate": False,
        "pending_update_count": len(updates.fresh()),
    }
    if hook.url:
        info |= {"max_connections": hook.max_connections, "ip_address": "127.0.0.1"}
    if hook.url and hook.last_error is not None:
        info |= {"last_error_date": hook.last_error[0], "last_error_message": hook.last_error[1]}
    return info | ({"allowed_updates": updates.allowed} if updates.allowed else {})


async def logOut(api: Api, args: Args) -> bool:
    """Leave this server; every later request is refused."""
    await api.webhook.remove()
    api.logged_out = True
    return True


async def close(api: Api, args: Args) -> bool:
    """Close the bot before it moves to another server; webhooks are gone."""
    await api.webhook.remove()
    return True
