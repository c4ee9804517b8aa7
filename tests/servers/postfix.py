"""Postfix as an instance of its own: takes mail for the people, hands it to Dovecot, and lets them submit by TLS."""

import grp
import os
import pwd
import smtplib
import ssl
import subprocess
from email.message import EmailMessage
from pathlib import Path

from daemons import Daemon, free_ports, wait_for
from dovecot import DOMAIN, PEOPLE, Certificate, Dovecot

ABROAD = "elsewhere.test"  # another domain with a server, where nobody lives

MAIN = """
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
maillog_file = {folder}/postfix.log
maillog_file_prefixes = {folder}
myhostname = mx.{domain}
mydomain = {domain}
myorigin = {domain}
mydestination =
mynetworks =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
alias_maps =
alias_database =
local_recipient_maps =
local_transport = error:5.1.1 nobody lives on this machine
default_transport = error:5.4.4 there is no way out of here
relay_domains = {abroad}
transport_maps = inline:{{ {abroad}=smtp:[127.0.0.1]:{abroad_port} }}
virtual_mailbox_domains = {domain}
virtual_mailbox_maps = inline:{{ {people} }}
virtual_transport = lmtp:unix:{lmtp}
recipient_delimiter = +
smtpd_tls_cert_file = {certificate}
smtpd_tls_key_file = {key}
smtpd_tls_auth_only = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = {auth}
smtpd_relay_restrictions = permit_sasl_authenticated, reject_unauth_destination
smtpd_recipient_restrictions = check_recipient_access inline:{{ {{ full@{domain} = 452 4.2.2 mailbox full }} }}
smtpd_peername_lookup = no
disable_dns_lookups = yes
smtpd_client_connection_count_limit = 0
smtpd_client_connection_rate_limit = 0
minimal_backoff_time = 1s
queue_run_delay = 1s
maximal_backoff_time = 5s
notify_classes =
biff = no
"""

MASTER = """
127.0.0.1:{incoming} inet n - n - - smtpd
127.0.0.1:{submissions} inet n - n - - smtpd
  -o smtpd_tls_wrappermode=yes -o smtpd_sasl_auth_enable=yes
127.0.0.1:{submission} inet n - n - - smtpd
  -o smtpd_tls_security_level=encrypt -o smtpd_sasl_auth_enable=yes
127.0.0.1:{abroad} inet n - n - - smtpd
  -o myhostname=mx.{domain} -o relay_recipient_maps=inline:{{somebody@{domain}=here}}
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
proxywrite unix - - n - 1 proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
local unix - n n - - local
virtual unix - n n - - virtual
lmtp unix - - n - - lmtp
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""

PRIVATE = (
    "active",
    "bounce",
    "corrupt",
    "defer",
    "deferred",
    "flush",
    "hold",
    "incoming",
    "private",
    "saved",
    "trace",
)


class Postfix:
    """The running server. Ports: `incoming` is for other servers; `submissions` (TLS from the first byte) and
    `submission` (STARTTLS) are for people who log in; `abroad` is the server of another domain, which knows nobody."""

    def __init__(self, folder: Path, certificate: Certificate, dovecot: Dovecot) -> None:
        self.folder = folder
        self.authority = certificate.authority
        self.incoming, self.submissions, self.submission, self.abroad = free_ports(4)
        place = self._write(certificate, dovecot)
        command = (str(_daemons() / "master"), "-c", str(place), "-s")
        self.daemon = Daemon(command, folder / "postfix.out")

    def _write(self, certificate: Certificate, dovecot: Dovecot) -> Path:
        place = self.folder / "etc"
        self.folder.mkdir()
        place.mkdir()
        main = MAIN.format(
            folder=self.folder,
            domain=DOMAIN,
            abroad=ABROAD,
            abroad_port=self.abroad,
            people=", ".join(f"{{ {user} = here }}" for user in PEOPLE),
            lmtp=dovecot.lmtp,
            auth=dovecot.auth,
            certificate=certificate.certificate,
            key=certificate.key,
        )
        (place / "main.cf").write_text(main)
        services = MASTER.format(
            incoming=self.incoming,
            submissions=self.submissions,
            submission=self.submission,
            abroad=self.abroad,
            domain=ABROAD,
        )
        (place / "master.cf").write_text(services)
        self._folders()
        return place

    def _folders(self) -> None:
        """The queue as Postfix's own list of files wants it (postfix-files)."""
        owner, drop = pwd.getpwnam("postfix").pw_uid, grp.getgrnam("postdrop").gr_gid
        queue = self.folder / "queue"
        wanted = {queue: (0, 0, 0o755), queue / "pid": (0, 0, 0o755), self.folder / "data": (owner, 0, 0o700)}
        wanted |= {queue / name: (owner, 0, 0o700) for name in PRIVATE}
        wanted |= {queue / "maildrop": (owner, drop, 0o1730), queue / "public": (owner, drop, 0o2710)}
        for place, (user, group, mode) in wanted.items():
            place.mkdir()
            os.chown(place, user, group)
            place.chmod(mode)

    def start(self) -> None:
        self.daemon.start([self.incoming, self.submissions, self.submission, self.abroad])

    def stop(self) -> None:
        self.daemon.stop()

    def said(self) -> str:
        """What stands in its logs."""
        log = self.folder / "postfix.log"
        return self.daemon.said() + (log.read_text(errors="replace") if log.exists() else "")

    def waiting(self) -> list[Path]:
        """Mails that are still in the queue."""
        places = ("maildrop", "incoming", "active", "deferred")
        return [
            path for name in places for path in (self.folder / "queue" / name).rglob("*") if path.is_file()
        ]

    def clear(self) -> None:
        """Wait until nothing is on its way any more."""
        wait_for(lambda: not self.waiting(), "the queue does not become empty")

    def flush(self) -> None:
        """Try at once what waits for another try."""
        command = ("/usr/sbin/postqueue", "-c", str(self.folder / "etc"), "-f")
        subprocess.run(command, check=True, capture_output=True, timeout=10)

    # --- people who write ---

    def submit(self, sender: str, to: str, raw: bytes) -> None:
        """A person sends a mail with a mail program: login by TLS, returns when the server has it."""
        trust = ssl.create_default_context(cafile=str(self.authority))
        with smtplib.SMTP_SSL("127.0.0.1", self.submissions, timeout=20, context=trust) as client:
            client.login(sender, PEOPLE[sender])
            client.sendmail(sender, [to], raw)

    def deliver(self, sender: str, to: str, raw: bytes) -> None:
        """Another server brings a mail, without TLS and without a login."""
        with smtplib.SMTP("127.0.0.1", self.incoming, timeout=20) as client:
            client.sendmail(sender, [to], raw)


def _daemons() -> Path:
    command = ("/usr/sbin/postconf", "-h", "-d", "daemon_directory")
    return Path(
        subprocess.run(command, check=True, capture_output=True, text=True, timeout=10).stdout.strip()
    )


def written(number: int, text: str, **headers: str) -> bytes:
    """A mail as a mail program writes it."""
    made = EmailMessage()
    made["From"] = headers.pop("From", f"Mei <mei@{DOMAIN}>")
    made["To"] = headers.pop("To", f"support@{DOMAIN}")
    made["Subject"] = headers.pop("Subject", f"Lift {number} is stuck")
    made["Message-ID"] = f"<{number}.written@{DOMAIN}>"
    made["Date"] = "Mon, 05 Jan 2026 08:00:00 +0000"
    for name, value in headers.items():
        made[name.replace("_", "-")] = value
    made.set_content(text)
    return made.as_bytes()
