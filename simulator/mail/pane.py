"""A mail client for the demo page: small JSON routes by which the page reads, writes and answers for one account."""

import re
from collections.abc import Awaitable, Callable
from functools import lru_cache
from html.parser import HTMLParser
from typing import Any
from urllib.parse import quote as percent

from starlette.applications import Starlette
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from simulator.mail.client import Letter, MailClient, quote, read
from simulator.mail.compose import Attachment

Json = dict[str, Any]
FOLDERS = ("inbox", "sent")
SHOWN = ("image/png", "image/jpeg", "image/gif", "image/webp")  # by the page itself; the rest is downloaded
MOST_FILES, MOST_OCTETS, LONGEST_TEXT, LONGEST_SUBJECT = 20, 25_000_000, 200_000, 500
PREVIEW = 140  # characters of the text that the list shows
KEPT = 500  # mails kept parsed, as the page asks for the list every second
ADDRESS = re.compile(r"[^\s<>@,;:\"()\\]{1,64}@[A-Za-z0-9.-]{1,255}", re.ASCII)
MEDIA_TYPE = re.compile(r"[a-z0-9.+-]{1,60}/[a-z0-9.+-]{1,60}", re.ASCII)
CONTROL = re.compile(r"[\x00-\x1f\x7f]+")
GAP = re.compile(r"\n{3,}")
SILENT = ("style", "script", "title")
BLOCKS = ("p", "div", "tr", "li", "table", "h1", "h2", "h3")
NOWHERE = "application/octet-stream"


def mail_pane(client: MailClient) -> Starlette:
    """The application of one mail client, to be mounted into a page. Errors are {"error": words}, 400 or 404.

    GET  /                        {"account": {address, name, language, to}, "inbox": [head…], "sent": [head…]},
                                  newest first; a head is {id, folder, from: {name, address}, to, subject, date,
                                  preview, files: number, seen}
    GET  /{folder}/{id}           a head with text (that of the HTML if there is no other),
                                  files: [{name, type, size, url, shown}] and, in the inbox,
                                  reply: {to, subject, quotation}
    POST /{folder}/{id}/seen      it has been looked at
    GET  /{folder}/{id}/{number}  a file
    POST /send                    form fields to, subject, text, answers (the id of a mail in the inbox) and any
                                  number of file: {"message_id": …}, 201
    """
    desk = _Desk(client)
    table: tuple[tuple[str, Callable[[Request], Awaitable[Response]], str], ...] = (
        ("/", desk.folders, "GET"),
        ("/send", desk.send, "POST"),
        ("/{folder}/{id:int}", desk.letter, "GET"),
        ("/{folder}/{id:int}/seen", desk.look, "POST"),
        ("/{folder}/{id:int}/{number:int}", desk.file, "GET"),
    )
    routes = [Route(path, endpoint, methods=[method]) for path, endpoint, method in table]
    return Starlette(routes=routes, exception_handlers={ValueError: _refused, HTTPException: _failed})


def words(letter: Letter) -> str:
    """What a mail says in plain text; of one that is HTML only, the text without its markup."""
    if letter["text"].strip() or not letter["html"]:
        return letter["text"]
    parser = _Words()
    parser.feed(letter["html"])
    parser.close()
    lines = (" ".join(line.split()) for line in "".join(parser.said).split("\n"))
    return GAP.sub("\n\n", "\n".join(lines)).strip()


class _Words(HTMLParser):
    """Collects what is read of an HTML text: no styles, no scripts, a line for every block."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._silent += tag in SILENT
        if tag == "br":
            self.said.append("\n")

    def handle_endtag(self, tag: str) -> None:
        self._silent = max(0, self._silent - (tag in SILENT))
        if tag in BLOCKS:
            self.said.append("\n\n" if tag == "p" else "\n")

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.said.append(" ".join(data.split("\n")))


def _refused(request: Request, error: Exception) -> Response:
    return JSONResponse({"error": str(error)}, status_code=400)


def _failed(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    return JSONResponse({"error": str(getattr(error, "detail", error))}, status_code=status)


class _Desk:
    """The endpoints, and what the client remembers: which mails of the inbox were looked at."""

    def __init__(self, client: MailClient) -> None:
        self._client = client
        self._seen: set[int] = set()
        self._read = lru_cache(KEPT)(read)

    async def _letters(self, folder: str) -> list[Letter]:
        if folder not in FOLDERS:
            raise HTTPException(404, f"no folder {folder}")
        return [self._read(octets, number) for number, octets in await self._client.octets(folder)]

    async def _wanted(self, request: Request) -> tuple[str, Letter]:
        folder, number = request.path_params["folder"], request.path_params["id"]
        found = next((one for one in await self._letters(folder) if one["id"] == number), None)
        if found is None:
            raise HTTPException(404, f"no mail {number} in {folder}")
        return folder, found

    def _head(self, folder: str, letter: Letter) -> Json:
        name = letter["from"].rpartition("<")[0].strip().strip('"') or letter["address"]
        return {
            "id": letter["id"],
            "folder": folder,
            "from": {"name": name, "address": letter["address"]},
            "to": letter["to"],
            "subject": letter["subject"],
            "date": letter["date"],
            "preview": " ".join(words(letter)[: PREVIEW * 2].split())[:PREVIEW],
            "files": len(letter["attachments"]),
            "seen": folder == "sent" or letter["id"] in self._seen,
        }

    async def folders(self, request: Request) -> Response:
        client = self._client
        account = {name: getattr(client, name) for name in ("address", "name", "language", "to")}
        heads = {
            folder: [self._head(folder, letter) for letter in reversed(await self._letters(folder))]
            for folder in FOLDERS
        }
        return JSONResponse({"account": account, **heads}, headers={"Cache-Control": "no-store"})

    async def letter(self, request: Request) -> Response:
        folder, letter = await self._wanted(request)
        files = [
            {
                "name": file["filename"],
                "type": file["content_type"],
                "size": file["size"],
                "url": f"{folder}/{letter['id']}/{number}",
                "shown": file["content_type"] in SHOWN,
            }
            for number, file in enumerate(letter["attachments"])
        ]
        shown = self._head(folder, letter) | {"text": words(letter), "files": files}
        if folder == "inbox":
            shown["reply"] = self._reply(letter)
        return JSONResponse(shown, headers={"Cache-Control": "no-store"})

    def _reply(self, letter: Letter) -> Json:
        return {
            "to": letter["reply_to"] or letter["address"],
            "subject": self._client.reply_subject(letter["subject"]),
            "quotation": quote(letter, self._client.language),
        }

    async def look(self, request: Request) -> Response:
        folder, letter = await self._wanted(request)
        if folder == "inbox":
            self._seen.add(letter["id"])
        return JSONResponse({})

    async def file(self, request: Request) -> Response:
        _, letter = await self._wanted(request)
        number = request.path_params["number"]
        if number >= len(letter["attachments"]):
            raise HTTPException(404, f"no file {number}")
        file = letter["attachments"][number]
        shown = file["content_type"] in SHOWN
        place = "inline" if shown else "attachment"
        headers = {
            "Cache-Control": "max-age=3600",
            "Content-Disposition": f"{place}; filename*=UTF-8''{percent(file['filename'], safe='')}",
            "X-Content-Type-Options": "nosniff",
        }
        return Response(
            file["content"], media_type=file["content_type"] if shown else NOWHERE, headers=headers
        )

    async def send(self, request: Request) -> Response:
        async with request.form(max_files=MOST_FILES, max_part_size=LONGEST_TEXT * 4) as form:
            files, text = await _files(form), _field(form, "text", LONGEST_TEXT)
            subject = CONTROL.sub(" ", _field(form, "subject", LONGEST_SUBJECT)).strip()
            to, answers = _field(form, "to", 320).strip(), _field(form, "answers", 20)
        if not text.strip() and not files:
            raise ValueError("the mail is empty")
        if answers:
            number = await self._client.reply(await self._answered(answers), text, files)
        else:
            if to and not ADDRESS.fullmatch(to):
                raise ValueError(f"this is no address: {to}")
            number = await self._client.write(subject, text, files, to)
        return JSONResponse({"message_id": number}, status_code=201)

    async def _answered(self, number: str) -> Letter:
        for letter in await self._letters("inbox"):
            if number == str(letter["id"]):
                return letter
        raise HTTPException(404, f"no mail {number} in inbox")


def _field(form: FormData, name: str, longest: int) -> str:
    value = form.get(name, "")
    if not isinstance(value, str):
        raise ValueError(f"the field {name} is no text")
    if len(value) > longest:
        raise ValueError(f"the field {name} is longer than {longest} characters")
    return value


async def _files(form: FormData) -> list[Attachment]:
    given = [one for one in form.getlist("file") if isinstance(one, UploadFile)]
    if sum(one.size or 0 for one in given) > MOST_OCTETS:
        raise ValueError(f"the files are larger than {MOST_OCTETS} octets together")
    return [
        Attachment(_filename(one.filename or ""), await one.read(), _media_type(one.content_type or ""))
        for one in given
    ]


def _filename(name: str) -> str:
    """Fit for a header, without any folders."""
    return CONTROL.sub(" ", name.replace("\\", "/").rpartition("/")[2]).strip()[:200] or "file"


def _media_type(words: str) -> str:
    kind = words.partition(";")[0].strip().lower()
    return kind if MEDIA_TYPE.fullmatch(kind) else NOWHERE
