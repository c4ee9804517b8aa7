"""The Bot API over HTTP: token, parameters, faults to order, the method, and the answer."""

import asyncio
import hmac
import inspect
import json
import logging
import re
from collections.abc import Awaitable, MutableMapping
from email.utils import formatdate
from typing import Any

from simulator.telegram.api import Api, Encoded
from simulator.telegram.arguments import Args
from simulator.telegram.errors import ApiError, Json
from simulator.telegram.faults import AFTER, Fault, Faults
from simulator.telegram.listener import Listener
from simulator.telegram.methods import METHODS
from simulator.telegram.records import Call
from simulator.telegram.requests import Receive, Scope, Send, gone, read_args

log = logging.getLogger(__name__)

TOKEN = re.compile(r"^\d+:[A-Za-z0-9_-]+$")
JSON_TYPE = b"application/json"
HTML_PAGE = (
    b"<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n"
    b"<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n<hr>"
    b"<center>nginx/1.18.0</center>\r\n</body>\r\n</html>\r\n"
)


class BotServer:
    """The ASGI application; whatever is no Bot API path goes to `control`."""

    def __init__(self, api: Api, token: str, faults: Faults, control: Any) -> None:
        self.api = api
        self.faults = faults
        self.calls: list[Call] = []
        self.keep_calls: int | None = None
        self.unknown: list[str] = []
        self.listener: Listener | None = None
        self._token = token
        self._control = control

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        send = self._dated(send)
        path = scope["path"]
        if path.startswith("/bot"):
            await self._request(scope, receive, send)
        elif path.startswith("/file/bot"):
            await self._download(scope, receive, send)
        else:
            await self._control(scope, receive, send)

    def _dated(self, send: Send) -> Send:
        """Every answer says when it was given, as Telegram's do; by the simulator's clock."""

        async def dated(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                now = formatdate(self.api.world.clock(), usegmt=True)
                message = {**message, "headers": [*message.get("headers", ()), (b"date", now.encode())]}
            await send(message)

        return dated

    # Requests

    async def _request(self, scope: Scope, receive: Receive, send: Send) -> None:
        token, _, method = scope["path"].removeprefix("/bot").partition("/")
        try:
            args = await read_args(scope, receive)
            self._admit(token)
        except ApiError as error:
            await _answer(send, error.code, error.body())
            return
        call = self._recorded(method, args)
        fault = self.faults.pick(method.lower(), _chat(args))
        if fault is not None and fault.kind not in AFTER and fault.kind != "latency":
            await self._fail(fault, call, scope, receive, send)
            return
        if fault is not None and fault.kind == "latency":
            await asyncio.sleep(fault.delay or 0)
        outcome = await _while_there(receive, self._perform(method, args, call))
        if outcome is None:
            return
        status, body = outcome
        if fault is not None and fault.kind in AFTER:
            await self._spoil(fault, body, scope, receive, send)
        else:
            call.status = status
            await _send(send, status, body)

    def _admit(self, token: str) -> None:
        if not TOKEN.match(token):
            raise ApiError(404, "Not Found")
        if not hmac.compare_digest(token, self._token):
            raise ApiError(401, "Unauthorized")
        if self.api.logged_out:
            raise ApiError(400, "Logged out")

    def _recorded(self, method: str, args: Args) -> Call:
        call = Call(method, {**args.values, **args.uploads}, self.api.world.clock())
        self.calls.append(call)
        if self.keep_calls is not None and len(self.calls) > self.keep_calls:
            del self.calls[: len(self.calls) - self.keep_calls]
        return call

    async def execute(self, method: str, params: Json) -> None:
        """Run a method that the bot gave as the answer to a webhook call; failures are only recorded."""
        args = Args(params)
        call = self._recorded(method, args)
        call.status, _ = await self._perform(method, args, call)

    async def _perform(self, method: str, args: Args, call: Call) -> tuple[int, bytes]:
        handler = METHODS.get(method.lower())
        if handler is None:
            return self._unknown(method)
        try:
            result = handler(self.api, args)
            if inspect.isawaitable(result):
                result = await result
        except ApiError as error:
            return error.code, _encode(error.body())
        call.effect_message_id = _effect(result)
        if isinstance(result, Encoded):
            return 200, b'{"ok":true,"result":' + result.body + b"}"
        return 200, _encode({"ok": True, "result": result})

    def _unknown(self, method: str) -> tuple[int, bytes]:
        self.unknown.append(method)
        log.error("telegram.unknown_method method=%s", method)
        words = f"Not Implemented: the simulator does not know the method {method}"
        return 501, _encode(ApiError(501, words).body())

    # Faults

    async def _fail(self, fault: Fault, call: Call, scope: Scope, receive: Receive, send: Send) -> None:
        error = fault.answer()
        if error is not None:
            call.status = error.code
            await _answer(send, error.code, error.body())
        elif fault.kind == "html":
            call.status = 502
            await _send(send, 502, HTML_PAGE, b"text/html")
        else:
            await self._silence(fault, scope, receive)

    async def _spoil(self, fault: Fault, body: bytes, scope: Scope, receive: Receive, send: Send) -> None:
        if fault.kind == "invalid_json":
            await _send(send, 200, body[: max(1, len(body) // 2)])
        else:
            await self._silence(fault, scope, receive)

    async def _silence(self, fault: Fault, scope: Scope, receive: Receive) -> None:
        """No answer: a timeout waits `delay` seconds or until the caller gives up, a drop hangs up."""
        if fault.then is not None:
            fault.then()
        if fault.kind.startswith("timeout"):
            try:
                await asyncio.wait_for(gone(receive), fault.delay)
            except TimeoutError:
                pass
            else:
                return
        if self.listener is not None:
            self.listener.hang_up(scope["client"])
        await gone(receive)

    # Files

    async def _download(self, scope: Scope, receive: Receive, send: Send) -> None:
        token, _, path = scope["path"].removeprefix("/file/bot").partition("/")
        fault = self.faults.pick("download", None)
        if fault is not None and (error := fault.answer()) is not None:
            await _answer(send, error.code, error.body())
            return
        try:
            self._admit(token)
        except ApiError as refusal:
            await _answer(send, refusal.code, refusal.body())
            return
        stored = self.api.world.files.at(path)
        if stored is None:
            await _answer(send, 404, ApiError(404, "Not Found").body())
        elif fault is not None and fault.kind != "latency":
            await _wait_for_body(receive)
            await self._silence(fault, scope, receive)
        else:
            await asyncio.sleep(fault.delay or 0 if fault else 0)
            await _send(send, 200, stored.data, stored.mime.encode())


async def _wait_for_body(receive: Receive) -> None:
    while (await receive()).get("more_body", False):
        continue


async def _while_there(receive: Receive, work: Awaitable[tuple[int, bytes]]) -> tuple[int, bytes] | None:
    """The outcome of `work`, or None when the caller hung up before it came (work is cancelled then)."""
    doing = asyncio.ensure_future(work)
    await asyncio.sleep(0)
    if doing.done():  # nearly always: only long polls wait
        return doing.result()
    leaving = asyncio.ensure_future(gone(receive))
    try:
        await asyncio.wait({doing, leaving}, return_when=asyncio.FIRST_COMPLETED)
        return doing.result() if doing.done() else None
    finally:
        leaving.cancel()
        doing.cancel()
        await asyncio.gather(doing, leaving, return_exceptions=True)


def _chat(args: Args) -> int | None:
    return args.integer("chat_id") or None


def _effect(result: Any) -> int | None:
    first = result[0] if isinstance(result, list) and result else result
    return first.get("message_id") if isinstance(first, dict) else None


def _encode(body: Any) -> bytes:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


async def _answer(send: Send, status: int, body: Json) -> None:
    await _send(send, status, _encode(body))


async def _send(send: Send, status: int, body: bytes, kind: bytes = JSON_TYPE) -> None:
    headers = [(b"content-type", kind), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
