"""The webhook: the secret is compared before the body is read, and 200 is said after the commit (G2, S19)."""

import hmac
import json
from collections.abc import Callable

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from telegram import Bot

from bot.reception import ALLOWED, arrivals, source
from dispatch import reception
from dispatch.ports import Store

HEADER = "X-Telegram-Bot-Api-Secret-Token"
LARGEST = 1 << 20  # bytes of a body; Telegram's own updates are far smaller
PATH = "/telegram/webhook"


class TooLarge(Exception):
    """The body is over the limit; it was not read to its end."""


async def read(request: Request) -> bytes:
    """The body, at most LARGEST bytes of it."""
    declared = request.headers.get("content-length", "0")
    if not declared.isdigit() or int(declared) > LARGEST:
        raise TooLarge
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST:
            raise TooLarge
    return bytes(body)


def webhook_app(
    store: Store, token: str, secret: str, note: Callable[..., None] = lambda _event, **_ids: None
) -> Starlette:
    """The application Telegram posts to; it refuses to exist without a secret."""
    if not secret:
        msg = "a webhook needs telegram.webhook_secret"
        raise ValueError(msg)
    name = source(token)

    async def receive(request: Request) -> Response:
        if not hmac.compare_digest(request.headers.get(HEADER, "").encode(), secret.encode()):
            note("webhook.forbidden")
            return PlainTextResponse("forbidden", 403, {"Connection": "close"})
        try:
            update = json.loads(await read(request))
        except TooLarge:
            return PlainTextResponse("too large", 413, {"Connection": "close"})
        except (ValueError, RecursionError):
            note("webhook.unreadable")
            return PlainTextResponse("no JSON", 400)
        kept = arrivals(name, [update])
        if not kept:
            return PlainTextResponse("no update", 400)
        try:
            await store.write(reception.keep, kept)
        except Exception as failure:  # noqa: BLE001 - whatever it is, Telegram must keep the update and come again
            note("webhook.not_kept", error=type(failure).__name__)
            return PlainTextResponse("try again", 503, {"Retry-After": "2"})
        return Response(status_code=200)

    return Starlette(routes=[Route(PATH, receive, methods=["POST"])])


async def register(bot: Bot, url: str, secret: str) -> None:
    """Tell Telegram where to post; what is waiting there is kept."""
    await bot.set_webhook(
        url.rstrip("/") + PATH, secret_token=secret, allowed_updates=list(ALLOWED), drop_pending_updates=False
    )
