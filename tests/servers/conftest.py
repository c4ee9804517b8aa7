"""Dovecot and Postfix as they are installed, each an instance of our own; one pair for all tests of this folder."""

import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import certificates
import pytest
from collecting import MailArchive, open_archive
from daemons import missing
from dovecot import Certificate, Dovecot
from postfix import Postfix
from token_stub import TokenStub


@dataclass(frozen=True)
class Servers:
    """Everything that runs; `stranger` is an authority that has signed nothing of it."""

    dovecot: Dovecot
    postfix: Postfix
    tokens: TokenStub
    authority: Path
    stranger: Path

    def said(self) -> tuple[str, str]:
        return self.dovecot.said(), self.postfix.said()


@pytest.fixture(scope="session")
def pair() -> Iterator[Servers]:
    """The servers, started once. Their folder is not pytest's own: that one is closed to the servers' users, who
    must be able to pass through, and its long name leaves no room for a socket's path."""
    if why := missing():
        pytest.skip(why)
    folder = Path(tempfile.mkdtemp(prefix="callout-servers-"))
    folder.chmod(0o755)
    tokens = TokenStub()
    try:
        stranger = certificates.authority(folder, "stranger")
        authority = certificates.authority(folder, "authority")
        certificate = Certificate(authority, *certificates.server(folder, "authority", "server"))
        dovecot = Dovecot(folder / "dovecot", certificate, tokens.port)
        postfix = Postfix(folder / "postfix", certificate, dovecot)
        tokens.start()
        try:
            dovecot.start()
            postfix.start()
            yield Servers(dovecot, postfix, tokens, authority, stranger)
        finally:
            postfix.stop()
            dovecot.stop()
            tokens.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def servers(pair: Servers) -> Iterator[Servers]:
    """The servers with nobody's mail in them; what they wrote meanwhile is shown beside a failed test."""
    pair.postfix.clear()
    pair.dovecot.clear()
    pair.tokens.begin("support@callout.test")
    before = pair.said()
    yield pair
    for then, now in zip(before, pair.said(), strict=True):
        print(now[len(then) :])


@pytest.fixture
async def kept(tmp_path: Path) -> AsyncIterator[MailArchive]:
    async with open_archive(tmp_path) as place:
        yield place
