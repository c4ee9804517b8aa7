"""The control API under /sim/, by which the page (or another process) acts for the people; and the page."""

import asyncio
import json
import mimetypes
from collections.abc import AsyncIterator
from dataclasses import asdict, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from simulator.telegram.errors import Json
from simulator.telegram.faults import Fault
from simulator.telegram.people import Person
from simulator.telegram.pictures import content_type
from simulator.telegram.world import file_urls

if TYPE_CHECKING:
    from simulator.telegram.simulator import TelegramSimulator

PAGE = Path(__file__).parent / "page"
HEARTBEAT = 15.0  # seconds; a comment that keeps an idle event stream alive
KINDS = ("photo", "document", "voice", "video", "audio")
PERSON_FIELDS = ("first_name", "last_name", "username", "language_code", "phone", "hint")


def control(sim: "TelegramSimulator") -> Starlette:
    """The application that serves /sim/ and the page."""
    desk = _Desk(sim)
    table = (
        ("/sim/state", desk.state, "GET"),
        ("/sim/messages", desk.messages, "GET"),
        ("/sim/keyboard", desk.keyboard, "GET"),
        ("/sim/events", desk.events, "GET"),
        ("/sim/file/{file_id}", desk.file, "GET"),
        ("/sim/calls", desk.calls, "GET"),
        ("/sim/transcript", desk.transcript, "GET"),
        ("/sim/people", desk.add_person, "POST"),
        ("/sim/people/{id:int}/send", desk.send, "POST"),
        ("/sim/people/{id:int}/press", desk.press, "POST"),
        ("/sim/people/{id:int}/edit", desk.edit, "POST"),
        ("/sim/people/{id:int}/{act}", desk.act, "POST"),
        ("/sim/faults", desk.fault, "POST"),
        ("/", page, "GET"),
        ("/{name}", page, "GET"),
    )
    routes = [Route(path, endpoint, methods=[method]) for path, endpoint, method in table]
    return Starlette(
        routes=routes, exception_handlers={ValueError: _refused, KeyError: _lacking, HTTPException: _failed}
    )


def _refused(request: Request, error: Exception) -> Response:
    return JSONResponse({"error": str(error)}, status_code=400)


def _lacking(request: Request, error: Exception) -> Response:
    return JSONResponse({"error": f"field {error} is missing"}, status_code=400)


def _failed(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    return JSONResponse({"error": str(getattr(error, "detail", error))}, status_code=status)


async def page(request: Request) -> Response:
    """A file of the page; 404 for any other name."""
    name = request.path_params.get("name", "index.html")
    path = PAGE / name
    if path.parent != PAGE or not path.is_file():
        raise HTTPException(404, "no such page")
    kind = "text/javascript" if path.suffix == ".js" else mimetypes.guess_type(name)[0]
    headers = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
    return Response(path.read_bytes(), media_type=kind or "application/octet-stream", headers=headers)


class _Desk:
    """The endpoints; errors are {"error": words} with status 400 or 404."""

    def __init__(self, sim: "TelegramSimulator") -> None:
        self._sim = sim

    def _person(self, number: int) -> Person:
        person = self._sim.persons.get(number)
        if person is None:
            raise HTTPException(404, f"no person {number}")
        return person

    async def state(self, request: Request) -> Response:
        world = self._sim.world
        chats = [
            {
                "id": chat.id,
                "type": chat.face["type"],
                "title": chat.face.get("title"),
                "members": list(chat.members),
            }
            for chat in world.chats.values()
            if chat.opened or not chat.private
        ]
        people = [_account(person) for person in self._sim.persons.values()]
        panes = [asdict(pane) for pane in self._sim.panes]
        return JSONResponse({"bot": world.bot, "people": people, "chats": chats, "panes": panes})

    async def messages(self, request: Request) -> Response:
        user, chat = _number(request, "user"), _number(request, "chat")
        person = self._person(user)
        if chat == user and chat not in self._sim.world.chats:
            return JSONResponse([])
        return JSONResponse([_seen(message, user) for message in person.messages(chat)])

    async def keyboard(self, request: Request) -> Response:
        chat = self._sim.world.chats.get(_number(request, "chat"))
        return JSONResponse(None if chat is None else chat.keyboard)

    async def events(self, request: Request) -> Response:
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        return StreamingResponse(self._stream(), media_type="text/event-stream", headers=headers)

    async def _stream(self) -> AsyncIterator[str]:
        with self._sim.world.events.listening() as queue:
            yield ": listening\n\n"
            while True:
                try:
                    event = await asyncio.wait_for(queue.get(), HEARTBEAT)
                except TimeoutError:
                    yield ": still here\n\n"
                else:
                    yield f"data: {json.dumps(event, ensure_ascii=False)}\n\n"

    async def file(self, request: Request) -> Response:
        stored = self._sim.world.files.get(request.path_params["file_id"])
        if stored is None:
            raise HTTPException(404, "no such file")
        headers = {"Cache-Control": "max-age=3600", "X-Content-Type-Options": "nosniff"}
        return Response(stored.data, media_type=content_type(stored.data, stored.mime), headers=headers)

    async def calls(self, request: Request) -> Response:
        shown = [
            {"method": call.method, "params": _plain(call.params), "at": call.at, "status": call.status}
            for call in self._sim.calls
        ]
        return JSONResponse(shown)

    async def transcript(self, request: Request) -> Response:
        return Response(self._sim.transcript(self._person(_number(request, "user"))), media_type="text/plain")

    async def add_person(self, request: Request) -> Response:
        wanted = await request.json()
        known = {name: wanted[name] for name in PERSON_FIELDS if wanted.get(name)}
        return JSONResponse(_account(self._sim.add_person(**known)), status_code=201)

    async def send(self, request: Request) -> Response:
        person = self._person(request.path_params["id"])
        if request.headers.get("content-type", "").startswith("multipart/form-data"):
            return JSONResponse(await _send_files(person, request))
        return JSONResponse(_send(person, await request.json()))

    async def press(self, request: Request) -> Response:
        person, wanted = self._person(request.path_params["id"]), await request.json()
        query = person.press(
            wanted["message_id"], wanted["data"], wanted.get("chat"), wanted.get("force", False)
        )
        return JSONResponse({"query": query})

    async def edit(self, request: Request) -> Response:
        person, wanted = self._person(request.path_params["id"]), await request.json()
        return JSONResponse(person.edit(wanted["message_id"], wanted["text"], wanted.get("chat")))

    async def act(self, request: Request) -> Response:
        acts = {"block": Person.block, "unblock": Person.unblock}
        act = acts.get(request.path_params["act"])
        if act is None:
            raise HTTPException(404, f"unknown act; known: send, press, edit, {', '.join(acts)}")
        act(self._person(request.path_params["id"]))
        return JSONResponse({})

    async def fault(self, request: Request) -> Response:
        wanted = await request.json()
        names = {field.name for field in fields(Fault)} - {"fired", "then"}
        if unknown := set(wanted) - names:
            raise ValueError(f"unknown fields {sorted(unknown)}; known: {sorted(names)}")
        self._sim.faults.add(Fault(**wanted))
        return JSONResponse({}, status_code=201)


def _number(request: Request, name: str) -> int:
    return int(request.query_params.get(name, 0))


def _account(person: Person) -> Json:
    account = person.account
    shown = {name: getattr(account, name) for name in ("id", *PERSON_FIELDS[:-1], "on_page")}
    return shown | {"role_hint": account.hint, "blocked": account.blocked}


def _seen(message: Json, viewer: int) -> Json:
    seen = {**message, "_file_urls": file_urls(message)}
    return seen | ({"outgoing": True} if message["from"]["id"] == viewer else {})


def _plain(params: Any) -> Json:
    return {
        name: value if not hasattr(value, "data") else f"{len(value.data)} bytes"
        for name, value in params.items()
    }


def _send(person: Person, wanted: Json) -> Json:
    chat, reply_to = wanted.get("chat"), wanted.get("reply_to")
    if "location" in wanted:
        where = wanted["location"]
        return person.location(where["latitude"], where["longitude"], chat, reply_to)
    if "contact" in wanted:
        given = wanted["contact"] if isinstance(wanted["contact"], dict) else {}
        named = {"phone": given.get("phone_number"), "user_id": given.get("user_id")}
        return person.contact(**named, first_name=given.get("first_name"), chat=chat, reply_to=reply_to)
    return person.say(str(wanted["text"]), chat, reply_to)


async def _send_files(person: Person, request: Request) -> Any:
    async with request.form() as form:
        files = [(file, await file.read()) for file in form.getlist("file") if isinstance(file, UploadFile)]
        kind, caption = str(form.get("kind", "photo")), str(form.get("caption", ""))
        chat, reply_to = (int(str(form[name])) if form.get(name) else None for name in ("chat", "reply_to"))
    if not files or kind not in KINDS:
        raise ValueError(f"a file and a kind ({', '.join(KINDS)}) are needed")
    if len(files) > 1:
        return await person.album([data for _, data in files], caption, chat=chat, kind=kind)
    file, data = files[0]
    settings: Json = {"caption": caption, "chat": chat, "reply_to": reply_to}
    if kind != "photo":
        settings |= {"name": file.filename or "", "mime": file.content_type or ""}
    return getattr(person, kind)(data, **settings)
