"""`callout demo`: a newcomer runs one command; it shows a page until Ctrl-C, or plays the whole story by itself."""

import os
import re
import signal
import socket
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import httpx
import pytest

CALLOUT = Path(sys.executable).with_name("callout")
SECONDS = 150  # for a machine with other things to do; an idle one needs about ten

pytestmark = pytest.mark.timeout(2 * SECONDS)

Played = tuple[str, subprocess.CompletedProcess[str], Path]


def environment(folder: Path) -> dict[str, str]:
    """What lies around is no part of the demo: these settings would stop the service if they were read."""
    return {**os.environ, "TMPDIR": str(folder), "CALLOUT_TELEGRAM__TOKEN": "none", "CALLOUT_HTTP__PORT": "x"}


@pytest.fixture(scope="module", params=["en", "zh"])
def played(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Played:
    """The tour in one language: (language, what came of it, the folder it had for its files)."""
    folder = tmp_path_factory.mktemp("tour")
    command = [str(CALLOUT), "demo", "--tour", "--language", request.param]
    ended = subprocess.run(
        command, capture_output=True, text=True, timeout=SECONDS, cwd=folder, env=environment(folder)
    )
    return request.param, ended, folder


def phones(shown: str) -> list[list[str]]:
    """What Callout said on each phone, in order."""
    chats = re.split(r"^== \w+ and Callout ==$", shown.partition("\n== T-")[0], flags=re.MULTILINE)[1:]
    said = r"^Callout: (.*?)(?=^\w+(?:: | presses)|^    \(|\Z)"
    return [re.findall(said, chat, re.MULTILINE | re.DOTALL) for chat in chats]


def test_the_cast_plays_all_stories_to_their_end(played: Played) -> None:
    language, ended, folder = played
    assert ended.returncode == 0, ended.stdout + ended.stderr
    closed = {"en": "closed", "zh": "已关闭"}[language]
    assert len(re.findall(rf"^== T-\d+ · .* · {closed} ==$", ended.stdout, re.MULTILINE)) == 3
    assert (
        len(re.findall(r"sha256 [0-9a-f]{64}", ended.stdout)) == 4
    )  # signed; not accepted, then signed; by mail
    for grade in {"en": ("1 excellent", "5 dissatisfied"), "zh": ("1 优秀", "5 不满意")}[language]:
        assert re.search(rf"^\S+ · {grade}", ended.stdout, re.MULTILINE)
    assert ended.stderr == ""
    assert list(folder.iterdir()) == []


def test_nobody_reads_the_same_twice_running_or_meets_an_old_button(played: Played) -> None:
    _, ended, _ = played
    read = phones(ended.stdout)
    assert [bool(said) for said in read] == [True] * 4
    for said in read:
        assert [first for first, second in pairwise(said) if first == second] == []
    assert re.findall(r"^    \(alert: .*\)$", ended.stdout, re.MULTILINE) == []
    assert not re.search(
        r"^    \(answer: .*(out of date|already|过期|已回答|失效).*\)$", ended.stdout, re.MULTILINE
    )


def test_the_demo_stands_until_ctrl_c_and_leaves_nothing(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        command = [str(CALLOUT), "demo", "--port", str(taken.getsockname()[1])]
        running = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=tmp_path,
            env=environment(tmp_path),
        )  # fmt: skip
        try:
            assert running.stdout is not None
            first = running.stdout.readline()
            address = re.search(r"http://127\.0\.0\.1:(\d+)/\S*", first)
            assert address is not None
            assert address[1] != command[-1]
            page = httpx.get(address[0])
            people = httpx.get(address[0].partition("?")[0] + "sim/state").json()["people"]
            assert page.status_code == 200
            assert [person["first_name"] for person in people] == ["Mei", "Otto", "Ana", "Bo"]
            told = [running.stdout.readline() for _ in range(4)]
            running.send_signal(signal.SIGINT)
            rest, errors = running.communicate(timeout=SECONDS)
        finally:
            running.kill()
    assert running.returncode == 0
    assert [line.strip()[:2] for line in told] == ["1.", "2.", "3.", "Ct"]
    assert (rest, errors) == ("", "")
    assert list(tmp_path.iterdir()) == []
