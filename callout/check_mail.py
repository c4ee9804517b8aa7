"""What stands between the settings and working mail: mailboxes, sending, and the page that mails link to."""

from callout.assemble_mail import accounts, outgoing
from callout.clock import SystemClock
from callout.findings import Finding, Scene, ok, stops, warning
from dispatch.ports import Refused
from intake import imap, smtp
from intake.mailbox import Account, Broken
from intake.smtp_outcomes import trouble


async def mail(scene: Scene) -> list[Finding]:
    """Log in to every mailbox and to the server that sends; nothing is read, marked or sent."""
    settings = scene.settings.mail
    if settings.address is None:
        return [ok("none is read or sent: mail.address is not set")]
    found = [finding for one in accounts(settings, SystemClock()) for finding in await _mailbox(one)]
    if not settings.boxes:
        found = [warning("no mailbox is read", "set mail.imap_host")]
    found.append(await _sending(scene))
    if settings.authserv_id is None:
        found.append(
            warning(
                "forged senders are not told from real ones, and engineers cannot act by plain reply",
                "set mail.authserv_id to the name your mail server writes into Authentication-Results",
            )
        )
    return found


async def _mailbox(account: Account) -> list[Finding]:
    try:
        box = await imap.connect(account)
    except Refused as refused:
        return [stops(str(refused), "see mail.imap_user, mail.imap_password or mail.oauth_refresh_token")]
    except Broken as broken:
        return [
            stops(
                f"{account.host}:{account.port}: {broken}",
                "check mail.imap_host, mail.imap_port, mail.ca_file",
            )
        ]
    try:
        opened = [(folder, await box.open(folder)) for folder in account.folders]
        return [ok(f"{account.user}: {one.exists} mails in {folder}") for folder, one in opened]
    except Broken as broken:
        return [stops(f"{account.user}: {broken}", "check mail.folders")]
    finally:
        await box.close()


async def _sending(scene: Scene) -> Finding:
    how = outgoing(scene.settings.mail, SystemClock())
    place = f"{how.host}:{how.port}"
    if not how.host:
        return stops("no server takes our mail", "set mail.smtp_host")
    connection = smtp.Connection(how, (scene.settings.mail.address or "").partition("@")[2], smtp.trust(how))
    try:
        await connection.open()
    except smtp.Broken as broken:
        return stops(
            trouble(broken) or f"{place}: {broken}", "check mail.smtp_host, mail.smtp_port, mail.smtp_user"
        )
    await connection.leave()
    return ok(f"{place} takes our mail")


async def page(scene: Scene) -> list[Finding]:
    """Links in mails lead to the page; without it everything is answered by reply."""
    web = scene.settings.web
    if scene.settings.mail.address is None:
        return []
    if web.url is None:
        return [
            warning(
                "mails have no links: people answer by reply only", "set web.url to the page's https address"
            )
        ]
    return [ok(f"mails link to {web.url}, which must lead to {web.host}:{web.port}")]
