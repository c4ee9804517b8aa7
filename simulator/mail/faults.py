"""Faults to order from the mail provider: what fails, where in the conversation, and how often."""

import random
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass

IMAP_KINDS = ("drop", "reset", "bye", "stall", "slow", "extra", "literal", "no", "bad", "refuse")
SMTP_KINDS = ("drop", "reset", "stall", "slow")
VERBS = ("CONNECT", "EHLO", "HELO", "STARTTLS", "AUTH", "MAIL", "RCPT", "DATA", "TEXT", "DOT", "RSET", "QUIT")
ENDING = ("drop", "reset")


@dataclass
class ImapFault:
    """One order against the IMAP server's conversation; exactly one trigger says where it strikes.

    kind: "drop" (the connection is closed), "reset" (RST), "bye" (* BYE, then closed), "stall" (silence for
    `seconds`, None for ever), "slow" (`rate` bytes a second from there on), "extra" (`data` before the next
    response), "literal" (the next literal's size is announced `by` octets off), "no", "bad" (the command is
    refused, without effect), "refuse" (LOGIN or AUTHENTICATE is).
    at: after so many octets of the server's output. token: before or behind the n-th token of it (from 0, two
    places a token). piece: in the n-th line or literal (from 1), at `part` (0 to 1) of its length.
    command: when the `nth` command of this name comes ("FETCH" is any fetch, "UID FETCH" that one, "*" any).
    times: how often, None for ever. words: the text behind NO, BAD or BYE. then: called as it strikes.
    """

    kind: str
    at: int | None = None
    token: int | None = None
    piece: int | None = None
    part: float = 0.0
    command: str | None = None
    nth: int = 1
    times: int | None = 1
    seconds: float | None = None
    rate: float = 1.0
    data: bytes = b"* OK [ALERT] nothing to see here\r\n"
    by: int = 1
    words: str = ""
    then: Callable[[], None] | None = None
    fired: int = 0
    seen: int = 0

    def __post_init__(self) -> None:
        if self.kind not in IMAP_KINDS:
            raise ValueError(f"unknown fault {self.kind!r}; known: {', '.join(IMAP_KINDS)}")
        if self.kind in ("no", "bad") and self.command is None:
            raise ValueError(f"a {self.kind!r} answers a command: say which")
        places = (self.at, self.token, self.piece, self.command)
        if self.kind != "refuse" and sum(place is not None for place in places) != 1:
            raise ValueError("say where the fault strikes by one of: at, token, piece, command")

    @property
    def spent(self) -> bool:
        """Whether it has struck as often as it was told to."""
        return self.times is not None and self.fired >= self.times

    def meets(self, name: str) -> bool:
        """Whether this command (such as "UID FETCH") is the one; counts those that are of the kind."""
        if self.spent:
            return False
        if self.kind == "refuse":
            meant = name in ("LOGIN", "AUTHENTICATE")
        else:
            meant = self.command in ("*", name, name.removeprefix("UID "))
        self.seen += meant
        return meant and self.seen >= self.nth

    def struck(self) -> None:
        """Count it, and tell whoever waits for it."""
        self.fired += 1
        if self.then is not None:
            self.then()


@dataclass(frozen=True)
class FaultPlan:
    """What will happen to one connection; an empty plan leaves it in peace."""

    faults: tuple[ImapFault, ...] = ()


class ImapFaults:
    """The orders in force against IMAP. `orders` meet whichever connection comes to their place first."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._dice: Callable[[], FaultPlan] | None = None
        self._given: deque[FaultPlan] = deque(maxlen=100)
        self.orders: list[ImapFault] = []
        self.plans: deque[FaultPlan] = deque()

    def order(self, fault: ImapFault) -> ImapFault:
        """Put a fault in force, for connections that are open too; `fault.fired` counts its strikes."""
        self.orders.append(fault)
        return fault

    def plan(self, *faults: ImapFault) -> FaultPlan:
        """What the next connection without a plan suffers; call it once for each connection to come."""
        self.plans.append(FaultPlan(faults))
        return self.plans[-1]

    def randomly(
        self, every: float, kinds: Iterable[str] = ENDING, seconds: float | None = None, most: int = 20
    ) -> None:
        """Each new connection suffers faults of `kinds` about `every` lines or literals of output."""
        names = tuple(kinds)

        def dice() -> FaultPlan:
            place, faults = 0, []
            for _ in range(most):
                place += 1 + int(self._chance.expovariate(1 / every))
                part, kind = self._chance.random(), self._chance.choice(names)
                faults.append(ImapFault(kind, piece=place, part=part, seconds=seconds))
            return FaultPlan(tuple(faults))

        self._dice = dice

    def clear(self) -> None:
        """All is well again, also for the connections that are open."""
        for fault in (*self.orders, *(fault for plan in self._given for fault in plan.faults)):
            fault.times = fault.fired
        self.orders.clear()
        self.plans.clear()
        self._dice = None

    def next_plan(self) -> FaultPlan:
        """The plan of the connection that has just been made."""
        made = self._dice() if self._dice is not None else FaultPlan()
        plan = self.plans.popleft() if self.plans else made
        self._given.append(plan)
        return plan


@dataclass
class SmtpFault:
    """One order against the SMTP server's conversation.

    verb: "CONNECT", "EHLO", "HELO", "STARTTLS", "AUTH", "MAIL", "RCPT", "DATA", "TEXT" (in the middle of the
    mail: it is not kept), "DOT" (the whole mail is there), "RSET", "QUIT".
    kind: an answer such as "451 4.7.1 Greylisted" (421 also hangs up), "drop" (closed), "reset" (RST), "stall"
    (no answer for `seconds`, None for ever; then all goes on), "slow" (answers at `rate` bytes a second from
    here on).
    address: only for this sender (MAIL) or recipient (RCPT, DATA, TEXT, DOT); "@domain" is a whole domain.
    keep: whether the mail is delivered all the same, at DOT; None: if no answer is given, but not if one is.
    probability, times (None for ever), then (called as it strikes).
    """

    verb: str
    kind: str
    address: str | None = None
    times: int | None = 1
    probability: float = 1.0
    seconds: float | None = None
    rate: float = 1.0
    keep: bool | None = None
    then: Callable[[], None] | None = None
    fired: int = 0

    def __post_init__(self) -> None:
        self.verb = self.verb.upper()
        if self.verb not in VERBS:
            raise ValueError(f"unknown verb {self.verb!r}; known: {', '.join(VERBS)}")
        if self.kind not in SMTP_KINDS and not self.kind[:3].isdigit():
            raise ValueError(f"unknown fault {self.kind!r}; known: {', '.join(SMTP_KINDS)}, '451 words'")

    @property
    def answer(self) -> str | None:
        """The line to answer with, or None when this fault is of another nature."""
        return self.kind if self.kind[:3].isdigit() else None

    @property
    def keeps(self) -> bool:
        """Whether a mail that is all there is delivered when this strikes at DOT."""
        return self.answer is None if self.keep is None else self.keep

    def meets(self, verb: str, addresses: Iterable[str]) -> bool:
        """Whether this step, with these senders or recipients, is meant."""
        if verb != self.verb or (self.times is not None and self.fired >= self.times):
            return False
        if self.address is None:
            return True
        wanted = self.address.lower()
        if wanted.startswith("@"):
            return any(address.lower().endswith(wanted) for address in addresses)
        return any(address.lower() == wanted for address in addresses)

    def struck(self) -> None:
        """Count it, and tell whoever waits for it."""
        self.fired += 1
        if self.then is not None:
            self.then()


class SmtpFaults:
    """The orders in force against SMTP, first come first served."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self.orders: list[SmtpFault] = []

    def order(self, fault: SmtpFault) -> SmtpFault:
        """Put a fault in force; `fault.fired` counts its strikes."""
        self.orders.append(fault)
        return fault

    def clear(self) -> None:
        """All is well again."""
        self.orders.clear()

    def pick(self, verb: str, addresses: Iterable[str] = ()) -> SmtpFault | None:
        """The fault that strikes this step, or None."""
        known = tuple(addresses)
        for fault in self.orders:
            if fault.meets(verb, known) and self._chance.random() < fault.probability:
                return fault
        return None
