"""Who may come in: passwords, tokens, certificates, and nothing of them in any log (S21, S23)."""

import logging
import shutil
import ssl
import subprocess
import time
from pathlib import Path

import pytest
from imap_house import CANARY, FAST, REQUEST, SAMPLE, Grant, account, entered
from imap_script import Manners, Server

from dispatch.ports import Refused
from intake import imap_parse
from intake.imap import connect
from intake.mailbox import Account, Broken, Declined, Pace

# --- who may come in ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("echo", [False, True])
async def test_a_refused_password_is_a_sentence_and_appears_nowhere(
    caplog: pytest.LogCaptureFixture, echo: bool
):
    caplog.set_level(logging.DEBUG)
    async with Server(Manners(echo=echo)) as server:
        with pytest.raises(Refused, match=r"refuses the login .AUTHENTICATIONFAILED.: check user") as refused:
            await entered(server, password=CANARY)
        server.manners.password = CANARY
        box = await entered(server, password=CANARY)
        await box.open("INBOX")
        await box.close()
        assert "4711" not in repr(account(server, password=CANARY))
        chain = [refused.value, refused.value.__cause__, refused.value.__context__]
        assert not any("4711" in str(error) for error in chain)
    assert "4711" not in caplog.text


async def test_a_stray_tag_during_the_login_does_not_bring_the_password_into_the_log(
    caplog: pytest.LogCaptureFixture,
):
    caplog.set_level(logging.DEBUG)
    async with Server(Manners(chatter=b"X9 OK stray\r\n", password=CANARY)) as server:
        with pytest.raises(Broken) as broken:
            await entered(server, password=CANARY)
        assert "4711" not in str(broken.value)
    async with Server(Manners(silent={"LOGIN"})) as server:
        with pytest.raises(Broken, match="LOGIN: no answer"):
            await entered(server, password=CANARY)
    assert "4711" not in caplog.text
    assert "never retrieved" not in caplog.text


async def test_a_server_that_is_only_busy_does_not_refuse_us():
    async with Server(Manners(answers={"LOGIN": "NO [UNAVAILABLE] later"})) as server:
        with pytest.raises(Declined, match="UNAVAILABLE"):
            await entered(server)
    with pytest.raises(Refused, match="line breaks"):
        async with Server() as server:
            await entered(server, password="a\r\nb")
    async with Server(Manners(capabilities="IMAP4rev1 LOGINDISABLED")) as server:
        with pytest.raises(Refused, match="does not take passwords"):
            await entered(server)
        assert not any("LOGIN" in command for command in server.commands)


@pytest.mark.parametrize("capabilities", ["IMAP4rev1 SASL-IR AUTH=XOAUTH2", "IMAP4rev1 AUTH=XOAUTH2"])
async def test_a_token_lets_us_in_and_a_refused_one_is_a_sentence_at_once(
    capabilities: str, caplog: pytest.LogCaptureFixture
):
    caplog.set_level(logging.DEBUG)
    patient = Pace(answer=20, thinking=20, goodbye=0.2)
    async with Server(Manners(capabilities=capabilities, token="good4711")) as server:
        box = await entered(server, patient, tokens=Grant("good4711"))
        await box.open("INBOX")
        await box.close()
        grant = Grant("bad4711")
        begun = time.monotonic()
        with pytest.raises(Refused, match=r"refuses the access token .status 401.: grant access again"):
            await entered(server, patient, tokens=grant)
        assert time.monotonic() - begun < 1.0
        assert grant.forgotten == 1
    assert "4711" not in caplog.text


async def test_nobody_there_is_a_broken_line():
    async with Server() as server:
        port = server.port
    for host in ("127.0.0.1", "no..host"):
        security = "none" if host == "127.0.0.1" else "tls"
        with pytest.raises(Broken, match="connecting to"):
            await connect(Account("x", host, "u", port=port, security=security), FAST)


def certificate(folder: Path, name: str) -> tuple[Path, Path]:
    tool = shutil.which("openssl")
    if tool is None:
        pytest.skip("there is no openssl to make a certificate with")
    key, chain = folder / f"{name}.key", folder / f"{name}.pem"
    subprocess.run(
        [tool, *REQUEST, "-subj", f"/CN={name}", "-keyout", str(key), "-out", str(chain)],
        check=True,
        capture_output=True,
    )
    return key, chain


async def test_only_a_certificate_of_the_set_ca_is_trusted_and_nothing_is_said_without_it(tmp_path: Path):
    key, chain = certificate(tmp_path, "ours")
    _, other = certificate(tmp_path, "other")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain, key)
    server = Server()
    server.arrive(SAMPLE)
    await server.start(context)
    try:
        box = await connect(
            Account("x", "127.0.0.1", "u", port=server.port, password="right", ca_file=str(chain)),
            Pace(answer=5, thinking=5),
        )
        await box.open("INBOX")
        assert await box.body(1, len(SAMPLE)) == SAMPLE
        await box.close()
        heard = len(server.commands)
        for trusted in (str(other), None):
            strange = Account("x", "127.0.0.1", "u", port=server.port, password="right", ca_file=trusted)
            with pytest.raises(Refused, match=r"certificate of 127.0.0.1:.* is not accepted"):
                await connect(strange, Pace(answer=5))
        assert len(server.commands) == heard
        with pytest.raises(Refused, match="cannot be read"):
            await connect(Account("x", "127.0.0.1", "u", ca_file=str(tmp_path / "none.pem")), FAST)
    finally:
        await server.stop()


@pytest.mark.parametrize(
    ("security", "host"), [("none", "mail.example.org"), ("starttls", "127.0.0.1"), ("", "x")]
)
async def test_nothing_but_tls_leaves_this_machine(security: str, host: str):
    with pytest.raises(Refused, match="must be reached by TLS"):
        await connect(Account("x", host, "u", security=security), FAST)


def test_names_sets_and_answers_are_spelled_as_the_standard_says():
    assert imap_parse.mailbox_name("台北 & 日本語") == '"&U,BTFw- &- &ZeVnLIqe-"'  # RFC 3501's own example
    assert imap_parse.mailbox_name('a"b\\c') == '"a\\"b\\\\c"'
    assert imap_parse.uid_set([7, 1, 2, 3, 9]) == "1:3,7,9"
    assert imap_parse.content([b'1 FETCH (UID 4 BODY[] "a \\"b\\"")', b"done"], 4) == b'a "b"'
    assert imap_parse.content([b"1 FETCH (UID 4 BODY[] NIL)", b"done"], 4) is None
    behind = [b"1 FETCH (BODY[] {3}", bytearray(b"abc"), b" UID 4)", b"done"]
    assert imap_parse.content(behind, 4) == b"abc"
    assert imap_parse.content(behind, 5) is None
    with pytest.raises(Broken, match="UIDVALIDITY"):
        imap_parse.opened([b"3 EXISTS", b"done"])
