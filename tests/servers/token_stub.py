"""A provider of access tokens for the tests: its token endpoint, and the introspection a mail server asks (RFC 7662)."""

import itertools
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

REFRESH = "a grant that was given once"


class TokenStub:
    """Gives a new token at every refresh; `tokens` holds whose each good one is. `life`: seconds it says a token
    lives. `granted` off: the refresh token is no longer taken."""

    def __init__(self) -> None:
        self.tokens: dict[str, str] = {}
        self.given: list[str] = []
        self.asked: list[str] = []  # tokens the mail server asked about
        self.life = 3600
        self.granted = True
        self.user = ""
        self._numbers = itertools.count(1)
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self.port = int(self._server.server_address[1])
        self.endpoint = f"http://127.0.0.1:{self.port}/token"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def begin(self, user: str) -> None:
        """As at the beginning: one grant, for that user, and no tokens yet."""
        self.tokens.clear()
        self.given.clear()
        self.asked.clear()
        self.life, self.granted, self.user = 3600, True, user

    def token(self, form: dict[str, str]) -> tuple[int, dict[str, object]]:
        """RFC 6749, section 6."""
        if not self.granted or form.get("refresh_token") != REFRESH:
            return 400, {"error": "invalid_grant", "error_description": "the grant was withdrawn"}
        fresh = f"token-{next(self._numbers)}"
        self.tokens[fresh] = self.user
        self.given.append(fresh)
        return 200, {"access_token": fresh, "token_type": "Bearer", "expires_in": self.life}

    def introspect(self, form: dict[str, str]) -> tuple[int, dict[str, object]]:
        """RFC 7662, section 2."""
        token = form.get("token", "")
        self.asked.append(token)
        user = self.tokens.get(token)
        return 200, {"active": True, "username": user} if user else {"active": False}


def _handler(stub: TokenStub) -> type[BaseHTTPRequestHandler]:
    places = {"/token": stub.token, "/introspect": stub.introspect}

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
            form = {name: values[0] for name, values in parse_qs(body).items()}
            answer = places.get(self.path)
            status, said = answer(form) if answer else (404, {})
            content = json.dumps(said).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002
            """Nobody reads it."""

    return Handler
