"""Reading a request: JSON, URL, form or multipart, by GET or POST, as the Bot API takes them all."""

import json
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import parse_qsl

from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException
from starlette.requests import Request

from simulator.telegram.arguments import Args, Upload
from simulator.telegram.errors import bad_request

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


def content_type(scope: Scope) -> str:
    """The media type of the request's body, without parameters."""
    value = next((value for name, value in scope["headers"] if name == b"content-type"), b"")
    return str(value.split(b";")[0].decode("latin-1").strip().lower())


async def read_body(receive: Receive) -> bytes:
    """The whole body."""
    parts = []
    while True:
        message = await receive()
        parts.append(message.get("body", b""))
        if not message.get("more_body", False):
            return b"".join(parts)


async def read_args(scope: Scope, receive: Receive) -> Args:
    """The parameters of a request. ApiError 400 when its body cannot be read."""
    values: dict[str, Any] = {}
    if scope["query_string"]:
        values.update(parse_qsl(scope["query_string"].decode(), keep_blank_values=True))
    try:
        return await _with_body(scope, receive, values)
    except UnicodeDecodeError:
        raise bad_request("strings must be encoded in UTF-8") from None
    except MultiPartException as error:
        raise bad_request(f"can't parse multipart/form-data: {error.message}") from None


async def _with_body(scope: Scope, receive: Receive, values: dict[str, Any]) -> Args:
    kind = content_type(scope)
    if kind == "multipart/form-data":
        return await _multipart(scope, receive, values)
    body = await read_body(receive)
    if kind == "application/json" and body:
        values.update(_object(body))
    elif body:
        values.update(parse_qsl(body.decode(), keep_blank_values=True))
    return Args(values)


def _object(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise bad_request("can't parse JSON object")
    return found


async def _multipart(scope: Scope, receive: Receive, values: dict[str, Any]) -> Args:
    uploads: dict[str, Upload] = {}
    async with Request(scope, receive).form(max_part_size=8 << 20) as form:
        for name, value in form.multi_items():
            if isinstance(value, UploadFile):
                data = await value.read()
                uploads[name] = Upload(value.filename or "", data, value.content_type or "")
            else:
                values[name] = value
    return Args(values, uploads)


async def gone(receive: Receive) -> None:
    """Return once the caller has hung up. Only after the body is read."""
    while (await receive())["type"] != "http.disconnect":
        continue
