"""Dovecot as an instance of its own: IMAP by TLS, LMTP, and the passwords and tokens of two people."""

import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from daemons import Daemon, free_ports, wait_for

DOMAIN = "callout.test"
PEOPLE = {f"support@{DOMAIN}": "to be of service", f"mei@{DOMAIN}": "lifts go up"}
OWNER = "mail"  # a user every Debian has; mailboxes belong to it

CONFIGURATION = """
base_dir = {run}
state_dir = {folder}/state
log_path = {folder}/dovecot.log
instance_name = callout-tests
protocols = imap lmtp
listen = 127.0.0.1
first_valid_uid = 1
mail_location = maildir:{mail}/%u
mailbox_list_index = yes
recipient_delimiter = +
ssl = required
ssl_cert = <{certificate}
ssl_key = <{key}
auth_mechanisms = plain login xoauth2 oauthbearer
auth_failure_delay = 1 secs
passdb {{
  driver = passwd-file
  mechanisms = plain login
  args = scheme=PLAIN username_format=%u {folder}/people
}}
passdb {{
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = {folder}/oauth2.conf.ext
}}
userdb {{
  driver = static
  args = uid={owner} gid={owner} home={mail}/%u allow_all_users=yes
}}
namespace inbox {{
  inbox = yes
  separator = /
}}
service imap-login {{
  inet_listener imap {{
    port = 0
  }}
  inet_listener imaps {{
    port = {imaps}
    ssl = yes
  }}
}}
service lmtp {{
  unix_listener lmtp-in {{
    mode = 0666
  }}
}}
service auth {{
  unix_listener auth-smtp {{
    mode = 0666
  }}
}}
# One test's wrong password would slow the next one's login.
service anvil {{
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  unix_listener stats-writer {{
    mode = 0666
  }}
}}
"""

OAUTH2 = """
introspection_mode = post
introspection_url = http://127.0.0.1:{port}/introspect
active_attribute = active
active_value = true
username_attribute = username
timeout_msecs = 5000
"""


@dataclass(frozen=True)
class Certificate:
    """A server's certificate and key, and the authority that clients trust (PEM files)."""

    authority: Path
    certificate: Path
    key: Path


class Dovecot:
    """The running server; `maildir` is where a person's mail lies."""

    def __init__(self, folder: Path, certificate: Certificate, tokens_port: int) -> None:
        self.folder = folder
        self.run = folder / "run"
        self.mail = folder / "mail"
        self.port = free_ports(1)[0]
        self.lmtp = self.run / "lmtp-in"
        self.auth = self.run / "auth-smtp"
        self.file = folder / "dovecot.conf"
        self.daemon = Daemon(("/usr/sbin/dovecot", "-F", "-c", str(self.file)), folder / "dovecot.out")
        self._write(certificate, tokens_port)

    def _write(self, certificate: Certificate, tokens_port: int) -> None:
        for place in (self.folder, self.run, self.mail, self.folder / "state"):
            place.mkdir()
        shutil.chown(self.mail, OWNER, OWNER)
        people = "".join(f"{user}:{{PLAIN}}{password}\n" for user, password in PEOPLE.items())
        (self.folder / "people").write_text(people)
        (self.folder / "oauth2.conf.ext").write_text(OAUTH2.format(port=tokens_port))
        settings = CONFIGURATION.format(
            run=self.run,
            folder=self.folder,
            mail=self.mail,
            owner=OWNER,
            certificate=certificate.certificate,
            key=certificate.key,
            imaps=self.port,
        )
        self.file.write_text(settings)

    def start(self) -> None:
        self.daemon.start([self.port])

    def stop(self) -> None:
        self.daemon.stop()

    def said(self) -> str:
        """What stands in its logs."""
        log = self.folder / "dovecot.log"
        return self.daemon.said() + (log.read_text(errors="replace") if log.exists() else "")

    def kick(self, user: str) -> None:
        """Throw out whoever is logged in as `user`, and wait until he is gone."""
        command = ("/usr/bin/doveadm", "-c", str(self.file))
        who, out = (*command, "who", "-1", user), (*command, "kick", user)

        def gone() -> bool:
            # doveadm calls it a failure when there was nobody
            subprocess.run(out, check=False, capture_output=True, timeout=30)
            here = subprocess.run(who, check=False, capture_output=True, text=True, timeout=30)
            return user not in here.stdout

        wait_for(gone, f"{user} does not leave")

    # --- mailboxes ---

    def maildir(self, user: str, folder: str = "") -> Path:
        """Where the folder's files lie; Dovecot puts a dot before every folder but INBOX."""
        home = self.mail / user
        return home / f".{folder.replace('/', '.')}" if folder else home

    def letters(self, user: str, folder: str = "") -> list[Path]:
        """The files of all mails of a folder, new ones and others."""
        place = self.maildir(user, folder)
        return sorted(path for part in ("new", "cur") for path in place.glob(f"{part}/*"))

    def put(self, user: str, mails: list[bytes]) -> None:
        """Mails that were delivered while nobody looked: files in the mailbox."""
        owner = pwd.getpwnam(OWNER)
        home = self.maildir(user)
        for place in (home, *(home / part for part in ("tmp", "new", "cur"))):
            place.mkdir(exist_ok=True, mode=0o700)
            os.chown(place, owner.pw_uid, owner.pw_gid)
        for number, raw in enumerate(mails):
            path = home / "new" / f"{1_700_000_000 + number}.M{number}P1.tests"
            path.write_bytes(raw)
            os.chown(path, owner.pw_uid, owner.pw_gid)

    def renumber(self, user: str) -> None:
        """Forget every UID of INBOX, as after a mailbox was restored: a new UIDVALIDITY at the next look. Whoever is
        logged in must be gone before, because he remembers."""
        self.kick(user)
        for path in self.maildir(user).glob("dovecot*"):
            if "uidvalidity" not in path.name:  # the last one given: the next is sure to be another
                path.unlink()

    def clear(self) -> None:
        """Nobody has any mail; whoever is logged in is thrown out."""
        for user in PEOPLE:
            self.kick(user)
            shutil.rmtree(self.maildir(user), ignore_errors=True)
