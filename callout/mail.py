"""`callout mail parse`: what the gateway reads out of a mail, one line of JSON each, for support and for scoring."""

import asyncio
import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from intake.mail import Attachment, Mail, Sort, Sorted
from intake.parsing import Parser, Unparsable
from intake.sorting import Context, sort

mails = typer.Typer(help="Look at mails.", no_args_is_help=True)

# Support looks at a mail that some server already accepted: whoever signed it is told as it is.
ANYBODY = Context(authserv_id="*")


@mails.callback()
def _group() -> None:
    """Look at mails."""


@mails.command("parse")
def _parse(
    files: Annotated[list[str], typer.Argument(help="Files with one raw message each; - is stdin.")],
) -> None:
    """Print what is read out of each message, one line of JSON per file."""
    for line in parse(files):
        typer.echo(json.dumps(line, ensure_ascii=False))


def parse(files: Iterable[str]) -> Iterator[dict[str, Any]]:
    """One record per file, in their order, read in the child process; `error` says why one could not be."""
    with asyncio.Runner() as runner:
        parser = runner.run(_opened())
        try:
            for file in files:
                yield _line(runner, parser, file)
        finally:
            runner.run(parser.close())


async def _opened() -> Parser:
    return Parser(size=1)


def _line(runner: asyncio.Runner, parser: Parser, file: str) -> dict[str, Any]:
    try:
        raw = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
        mail = runner.run(parser.read(raw))
    except OSError as error:
        return {"file": file, "error": error.strerror or str(error)}
    except Unparsable as error:
        return {"file": file, "error": str(error)}
    return {"file": file, "id": _id(file)} | described(mail, sort(mail, ANYBODY))


def _id(file: str) -> str:
    """Folder and name without its ending: what a collection of mails calls one of them."""
    return "/".join(Path(file).with_suffix("").parts[-2:])


def described(mail: Mail, found: Sorted) -> dict[str, Any]:
    """A mail as plain values, files by their hash; `rejected`: no ticket is made of it."""
    head, bounce = mail.headers, found.bounce
    return {
        "from_addr": head.from_addr,
        "from_name": head.from_name,
        "subject": head.subject,
        "to": list(head.to),
        "cc": list(head.cc),
        "reply_to": list(head.reply_to),
        "message_id": head.message_id,
        "in_reply_to": head.in_reply_to,
        "body_text": mail.text,
        "body_html": mail.html,
        "reply_text": mail.reply,
        "attachments": [_file(each) for each in mail.attachments],
        "is_auto_reply": found.silent,
        "is_bounce": bounce is not None,
        "bounce_recipients": list(bounce.recipients) if bounce else [],
        "bounce_temporary": bounce.temporary if bounce else False,
        "bounce_status": bounce.status if bounce else "",
        "bounce_hard": bounce.hard if bounce else False,
        "bounce_reason": bounce.reason if bounce else "",
        "rejected": found.sort is Sort.EMPTY,
        "is_spam": found.spam,
        "dmarc": found.dmarc,
        "sort": found.sort.value,
        "rules": list(found.hits),
        "notes": list(mail.notes),
    }


def _file(file: Attachment) -> dict[str, Any]:
    return {
        "filename": file.filename,
        "size": file.size,
        "content_type": file.content_type,
        "sha256": file.sha256,
        "inline": file.inline,
    }
