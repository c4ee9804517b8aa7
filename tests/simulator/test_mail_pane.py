"""The mail client of the demo page over HTTP: its owner writes with files, reads, answers and is told what is wrong."""

import json
from collections.abc import AsyncIterator

import httpx
import pytest

from simulator.mail import MailClient, MailSimulator, mail_pane
from simulator.telegram import Pane, TelegramSimulator

SERVICE, LI = "service@callout.example", "li@customer.example"
AT = "/sim/panes/li"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256))
LIFT = {"subject": "三号电梯停运", "text": "您好，门打不开。\n地址：滨海路12号"}


@pytest.fixture
async def post() -> AsyncIterator[MailSimulator]:
    async with MailSimulator({SERVICE: "secret", LI: "secret"}, tls=False) as provider:
        yield provider


@pytest.fixture
def service(post: MailSimulator) -> MailClient:
    return MailClient(post, SERVICE, "Callout", language="zh", to=LI)


@pytest.fixture(autouse=True)
def li(sim: TelegramSimulator, post: MailSimulator) -> MailClient:
    """The pane's owner; the pane stands on the page."""
    client = MailClient(post, LI, "李雷", language="zh", charset="gb2312", to=SERVICE)
    sim.mount(Pane("mail", AT, client.name, "customer"), mail_pane(client))
    return client


async def folders(http: httpx.AsyncClient) -> dict:
    return (await http.get(f"{AT}/")).json()


async def test_the_page_is_told_of_the_pane_and_whose_it_is(http):
    state = (await http.get("/sim/state")).json()
    assert state["panes"] == [{"kind": "mail", "path": AT, "title": "李雷", "hint": "customer"}]
    whole = await folders(http)
    assert whole["account"] == {"address": LI, "name": "李雷", "language": "zh", "to": SERVICE}
    assert (whole["inbox"], whole["sent"]) == ([], [])


async def test_a_page_without_panes_is_told_of_none():
    async with (
        TelegramSimulator() as bare,
        httpx.AsyncClient(base_url=bare.url, trust_env=False) as http,
    ):
        assert (await http.get("/sim/state")).json()["panes"] == []
        assert (await http.get(f"{AT}/")).status_code == 404


def test_two_panes_cannot_share_a_path_nor_cover_the_simulator(sim, li):
    for path in (AT, "/sim/people", "/bot"):
        with pytest.raises(ValueError, match="a path of its own"):
            sim.mount(Pane("mail", path, "Li"), mail_pane(li))


async def test_a_mail_with_a_photo_arrives_in_gbk_and_stands_among_the_sent_ones(http, post, service):
    answer = await http.post(
        f"{AT}/send",
        data=LIFT,
        files=[("file", ("电梯门.png", PNG, "image/png")), ("file", ("plan.pdf", b"%PDF"))],
    )
    assert answer.status_code == 201
    (came,) = await service.inbox()
    assert (came["message_id"], came["subject"]) == (answer.json()["message_id"], "三号电梯停运")
    assert came["text"].strip() == LIFT["text"]
    files = [(file["filename"], file["content_type"], file["content"]) for file in came["attachments"]]
    assert files == [("电梯门.png", "image/png", PNG), ("plan.pdf", "application/pdf", b"%PDF")]
    (raw,) = await post.mails(SERVICE)
    assert "门打不开".encode("gbk") not in raw  # it is base64 …
    assert b'charset="gb2312"' in raw  # … of GBK under the label that Chinese clients use
    (sent,) = (await folders(http))["sent"]
    assert (sent["subject"], sent["to"], sent["files"], sent["seen"]) == ("三号电梯停运", SERVICE, 2, True)


async def test_a_new_mail_is_unread_until_it_was_opened(http, service):
    await service.write("第一封", "您好，\n\n工单号 T-1。")
    await service.write("第二封", "工程师已出发。")
    heads = (await folders(http))["inbox"]
    assert [head["subject"] for head in heads] == ["第二封", "第一封"]
    assert heads[1]["from"] == {"name": "Callout", "address": SERVICE}
    assert heads[1]["preview"] == "您好， 工单号 T-1。"
    first = heads[1]["id"]
    assert (await http.post(f"{AT}/inbox/{first}/seen")).json() == {}
    assert [head["seen"] for head in (await folders(http))["inbox"]] == [False, True]
    whole = (await http.get(f"{AT}/inbox/{first}")).json()
    assert whole["text"].strip() == "您好，\n\n工单号 T-1。"


async def test_pictures_are_shown_and_other_files_only_downloaded(http, service):
    page = b"<script>alert(1)</script>"
    await service.write(
        "Report", "See below", [("door.png", PNG, "image/png"), ("报告.html", page, "text/html")]
    )
    (head,) = (await folders(http))["inbox"]
    files = (await http.get(f"{AT}/inbox/{head['id']}")).json()["files"]
    assert [(file["name"], file["size"], file["shown"]) for file in files] == [
        ("door.png", len(PNG), True),
        ("报告.html", len(page), False),
    ]
    photo, report = [await http.get(f"{AT}/{file['url']}") for file in files]
    assert (photo.content, photo.headers["content-type"]) == (PNG, "image/png")
    assert (report.content, report.headers["content-type"]) == (page, "application/octet-stream")
    assert report.headers["content-disposition"].startswith("attachment; filename*=UTF-8''%E6%8A%A5")
    assert report.headers["x-content-type-options"] == "nosniff"


async def test_a_mail_in_html_only_is_read_as_text(http, post):
    html = (
        "<html><head><title>T</title><style>p{color:red}</style></head><body><p>Hello &amp;\n<b>welcome</b><br>"
        "to you</p><script>alert(1)</script><div>Goodbye</div></body></html>"
    )
    top = "From: A <a@b.example>\r\nSubject: H\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"
    await post.deliver((top + html).encode(), LI)
    (head,) = (await folders(http))["inbox"]
    shown = (await http.get(f"{AT}/inbox/{head['id']}")).json()
    assert shown["text"] == "Hello & welcome\nto you\n\nGoodbye"


async def test_an_answer_quotes_the_mail_and_hangs_on_its_thread(http, service):
    first = await service.write("工单 T-1", "请确认是否修好。")
    (head,) = (await folders(http))["inbox"]
    shown = (await http.get(f"{AT}/inbox/{head['id']}")).json()["reply"]
    assert (shown["to"], shown["subject"]) == (SERVICE, "回复: 工单 T-1")
    sent = await http.post(
        f"{AT}/send",
        data={"text": "确认，谢谢！", "answers": head["id"]},
        files={"file": ("ok.png", PNG, "image/png")},
    )
    assert sent.status_code == 201
    (came,) = await service.inbox()
    assert (came["subject"], came["in_reply_to"], came["references"]) == ("回复: 工单 T-1", first, [first])
    assert came["text"].rstrip() == f"确认，谢谢！\n\n{shown['quotation']}"
    assert "> 请确认是否修好。" in shown["quotation"]
    assert len(came["attachments"]) == 1


async def test_mails_that_cannot_be_sent_are_refused_with_a_reason(http, post):
    refused = {
        "the mail is empty": {"subject": "Lift", "text": " \n "},
        "this is no address": {
            "subject": "Lift",
            "text": "It stops",
            "to": "a@b.example\r\nBcc: all@b.example",
        },
        "is longer than": {"subject": "x" * 501, "text": "It stops"},
        "no mail 99 in inbox": {"text": "Yes", "answers": "99"},
        "no mail one in inbox": {"text": "Yes", "answers": "one"},
    }
    for words, form in refused.items():
        answer = await http.post(f"{AT}/send", data=form)
        assert answer.status_code in (400, 404), words
        assert words in answer.json()["error"]
    broken = await http.post(
        f"{AT}/send", content=b"--x\r\n", headers={"content-type": "multipart/form-data; boundary=y"}
    )
    assert broken.status_code == 400
    assert post.submissions == []


async def test_too_many_and_too_large_files_are_refused(http, post):
    many = [("file", (f"{number}.txt", b"x")) for number in range(21)]
    assert (await http.post(f"{AT}/send", data={"text": "All"}, files=many)).status_code == 400
    large = [("file", ("film.mp4", bytes(25_000_001), "video/mp4"))]
    answer = await http.post(f"{AT}/send", data={"text": "See"}, files=large)
    assert (answer.status_code, "larger than" in answer.json()["error"]) == (400, True)
    assert post.submissions == []


async def test_names_and_subjects_bring_no_header_along(http, post):
    body = (
        b'--y\r\nContent-Disposition: form-data; name="subject"\r\n\r\nLift\r\nBcc: all@b.example\r\n'
        b'--y\r\nContent-Disposition: form-data; name="text"\r\n\r\nIt stops\r\n'
        b'--y\r\nContent-Disposition: form-data; name="file"; filename="..\\up\tdoor.png"\r\n'
        b"Content-Type: image/png; x=1\r\n\r\nPNG\r\n--y--\r\n"
    )
    answer = await http.post(
        f"{AT}/send", content=body, headers={"content-type": "multipart/form-data; boundary=y"}
    )
    assert answer.status_code == 201
    raw = post.submissions[0].data
    assert b"\nBcc:" not in raw
    assert b'filename="up door.png"' in raw
    assert b"Subject: Lift Bcc: all@b.example\r\n" in raw


async def test_what_is_not_there_is_not_found(http, service):
    await service.write("Hello", "There")
    (head,) = (await folders(http))["inbox"]
    here = f"{AT}/inbox/{head['id']}"
    for path in (f"{AT}/inbox/99", f"{AT}/trash/1", f"{here}/0", f"{AT}/sent/{head['id'] + 50}"):
        answer = await http.get(path)
        assert answer.status_code == 404
        assert json.loads(answer.content)["error"]
    assert (await http.get(f"{AT}/send")).status_code == 405
