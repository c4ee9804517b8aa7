"""What the tests of the IMAP adapter share."""

from imap_script import Server

from intake.imap import Imap, connect
from intake.mailbox import Account, Pace

FAST = Pace(answer=0.4, thinking=0.4, goodbye=0.2)
SAMPLE = (
    b"From: Mei <mei@example.net>\r\nMessage-ID: <a@example.net>\r\nSubject: pump\r\n\r\nbig* sale * (x\r\n"
)
CURVE = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1")
NAMES = ("-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1")
REQUEST = ("req", "-x509", *CURVE, "-nodes", "-days", "2", *NAMES)
CANARY = 'can"ary\\4711'


def account(server: Server, **more: object) -> Account:
    facts: dict[str, object] = {"host": "127.0.0.1", "user": "office@example.org", "password": "right"}
    return Account("post", port=server.port, security="none", **{**facts, **more})


async def entered(server: Server, pace: Pace = FAST, **more: object) -> Imap:
    return await connect(account(server, **more), pace)


class Grant:
    """A token source that hands out what it was given."""

    def __init__(self, token: str) -> None:
        self.token = token
        self.forgotten = 0

    async def access(self) -> str:
        return self.token

    def forget(self) -> None:
        self.forgotten += 1
