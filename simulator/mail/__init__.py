"""A mail provider for tests and the demo: IMAP and SMTP on loopback, with faults to order, and people who write."""

from simulator.mail.bounce import Bounce
from simulator.mail.client import Letter, MailClient
from simulator.mail.compose import Attachment, Draft, compose
from simulator.mail.conversation import Submission
from simulator.mail.faults import FaultPlan, ImapFault, SmtpFault
from simulator.mail.imap import Stored
from simulator.mail.pane import mail_pane
from simulator.mail.world import MailSimulator

__all__ = [
    "Attachment",
    "Bounce",
    "Draft",
    "FaultPlan",
    "ImapFault",
    "Letter",
    "MailClient",
    "MailSimulator",
    "SmtpFault",
    "Stored",
    "Submission",
    "compose",
    "mail_pane",
]
