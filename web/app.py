"""The public page as an ASGI app: links of mails open it; looking changes nothing, a form that was shown does (S24)."""

import base64
import hashlib
from collections.abc import Callable
from pathlib import Path
from time import monotonic
from typing import Any
from urllib.parse import urlencode

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from dispatch.errors import Refusal
from dispatch.ports import Store
from dispatch.register import LANGUAGES, language_of
from storage.errors import Busy
from web import actions, forms, pages, saying
from web.facts import Facts, look
from web.forms import Form, TooBig
from web.limits import Gate, Limits, client_of
from web.saying import Notice

STYLE = (Path(__file__).parent / "static" / "page.css").read_text(encoding="utf-8")
_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
HEADERS = {
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
    "x-robots-tag": "noindex, nofollow, noarchive",
    "x-content-type-options": "nosniff",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "content-security-policy": f"default-src 'none'; style-src 'sha256-{_HASH}'; img-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
}
SORRY = {404: "bad_link", 405: "method", 413: "too_big", 429: "too_often", 503: "busy"}
WAIT = {429: "30", 503: "10"}  # seconds after which it is worth another try

Note = Callable[..., None]


def public_app(
    store: Store,
    *,
    note: Note = lambda _event, **_ids: None,
    limits: Limits | None = None,
    clock: Callable[[], float] = monotonic,
) -> Starlette:
    """GET and POST /t/{token}: the pages of `dispatch.links`. Everything else is the page of a wrong link.

    note hears `page.done` and `page.refused` with ids, never tokens or contents; `clock` counts seconds for the
    limits. Every answer carries HEADERS; nothing is set in the browser.
    """
    return Site(store, note, limits or Limits(), clock).app()


class Site:
    """The handlers of the page."""

    def __init__(self, store: Store, note: Note, limits: Limits, clock: Callable[[], float]) -> None:
        self.store = store
        self.note = note
        self.limits = limits
        self.gate = Gate(limits, clock)
        self.templates = Environment(
            loader=PackageLoader("web"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self.templates.globals["style"] = Markup(STYLE)  # noqa: S704 - our own file

    def app(self) -> Starlette:
        app = Starlette(
            routes=[
                Route("/t/{token}", self.guarded, methods=["GET", "POST"]),
                Route("/favicon.ico", _no_icon),
                Route("/robots.txt", _no_robots),
            ],
            exception_handlers={HTTPException: self.elsewhere, Exception: self.broken},
        )
        app.router.redirect_slashes = False
        return app

    # --- a link ---

    async def guarded(self, request: Request) -> Response:
        """One request for a link, within the limits."""
        client = client_of(request, self.limits.proxies)
        if not self.gate.admits(client):
            return self.sorry(request, 429)
        made = request.path_params["token"]
        try:
            if request.method == "POST":
                return await self.do(request, made)
            return await self.show(request, made)
        except Refusal:  # the link itself: whatever else is refused is told on its page
            self.gate.guessed(client)
            return self.sorry(request, 404)
        except TooBig:
            return self.sorry(request, 413)
        except Busy:
            return self.sorry(request, 503)
        except ClientDisconnect:
            return Response(status_code=400, headers=HEADERS)

    async def show(self, request: Request, made: str) -> Response:
        """The page of a link; the archive is only read."""
        facts = await self.store.read(look, made)
        language = _language(request, facts)
        tongue = pages.tongue_of(facts, language)
        return self.page(request, facts, saying.outcome(facts, tongue, request.query_params.get("said", "")))

    async def do(self, request: Request, made: str) -> Response:
        """A form was sent: do it in one transaction, then show the page that follows. What is refused is said at
        once on the page it was sent from, with what was typed."""
        form = await forms.read(request, self.limits.body)
        try:
            done = await self.store.write(actions.act, made, form)
        except Refusal as refusal:
            facts = await self.store.read(look, made)
            self.note("page.refused", **_ids(facts), action=_known(form), key=refusal.key)
            notice = saying.refused(pages.tongue_of(facts, _language(request, facts)), refusal)
            return self.page(request, facts, notice, form, status=409)
        self.note("page.done", purpose=done.purpose.value, ticket=done.ticket_id, action=_known(form))
        query = {"said": done.code} if done.code else {}
        if request.query_params.get("lang") in LANGUAGES:
            query["lang"] = request.query_params["lang"]
        # Relative, so that it holds behind any proxy and below any path.
        return Response(
            status_code=303, headers={**HEADERS, "location": f"{done.token}?{urlencode(query)}".rstrip("?")}
        )

    # --- anything else ---

    async def elsewhere(self, request: Request, error: Exception) -> Response:
        """No such place, or no such method; a place that is not there costs as much as a wrong link."""
        status = error.status_code if isinstance(error, HTTPException) else 404
        client = client_of(request, self.limits.proxies)
        if not self.gate.admits(client):
            return self.sorry(request, 429)
        if status != 405:
            self.gate.guessed(client)
            return self.sorry(request, 404)
        return self.sorry(request, 405, allow="GET, HEAD, POST")

    async def broken(self, request: Request, _error: Exception) -> Response:
        """Our fault: said kindly; the error goes on to the log."""
        return self.sorry(request, 500)

    # --- answers ---

    def page(
        self,
        request: Request,
        facts: Facts,
        notice: Notice | None,
        form: Form | None = None,
        status: int = 200,
    ) -> Response:
        made = pages.page(facts, _language(request, facts), notice, form.fields if form else None)
        return self.answer(request, made, status)

    def sorry(self, request: Request, status: int, **headers: str) -> Response:
        language = _spoken(request) or _accepted(request)
        made = pages.sorry(SORRY.get(status, "broken"), language)
        if status in WAIT:
            headers["retry-after"] = WAIT[status]
        return self.answer(request, made, status, headers)

    def answer(
        self, request: Request, made: pages.Page, status: int, headers: dict[str, str] | None = None
    ) -> Response:
        spoken = _spoken(request)
        here = f"?lang={spoken}" if spoken else "?"
        text = self.templates.get_template(made.template).render({**made.context, "here": here})
        return Response(
            text,
            status,
            {**HEADERS, **(headers or {}), "content-language": made.context["lang"]},
            "text/html",
        )


def _spoken(request: Request) -> str:
    """The language asked for by the switch, if it is one of ours."""
    asked = request.query_params.get("lang", "")
    return asked if asked in LANGUAGES else ""


def _accepted(request: Request) -> str:
    """The browser's first language, for who has no page."""
    return language_of(request.headers.get("accept-language", "").split(",")[0].split(";")[0].strip())


def _language(request: Request, facts: Facts) -> str:
    return _spoken(request) or language_of(facts.person.language, facts.policy.language)


def _known(form: Form) -> str:
    """The action for the log, when it is one of ours: nobody writes into our log."""
    action = form.word("action")
    return action if any(action == name for _, name in actions.ACTIONS) else "?"


def _ids(facts: Facts) -> dict[str, Any]:
    return {"purpose": facts.link.purpose.value, "ticket": facts.ticket.id}


async def _no_icon(_: Request) -> Response:
    return Response(status_code=204, headers={**HEADERS, "cache-control": "public, max-age=86400"})


async def _no_robots(_: Request) -> Response:
    return PlainTextResponse("User-agent: *\nDisallow: /\n", headers=HEADERS)
