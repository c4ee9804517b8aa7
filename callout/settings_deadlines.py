"""The deadlines of the settings: when somebody is reminded, told, or given up on."""

from datetime import timedelta

from pydantic import Field, ValidationInfo, field_validator

from callout.settings_errors import wrong
from callout.settings_groups import Group, Span

# Each comes after the other: the manager after the dispatcher, an end after its reminder.
AFTER = {
    "dispatch_manager": "dispatch",
    "offer_expire": "offer_remind",
    "urgent_offer_expire": "urgent_offer_remind",
    "signoff_auto_hours": "signoff_remind_hours",
    "rating_expire_days": "rating_remind_hours",
    "draft_expire_hours": "draft_remind",
}


class Deadlines(Group):
    """When somebody is reminded, told, or given up on. Minutes, unless the name says hours or days."""

    dispatch: Span = Field(10, description="Ticket without an engineer: the dispatcher is told (T1, P14.1).")
    dispatch_manager: Span = Field(20, description="Still without an engineer: the manager is told.")
    offer_remind: Span = Field(5, description="Offer without an answer: the engineer is reminded.")
    offer_expire: Span = Field(10, description="Offer without an answer: it ends.")
    urgent_offer_remind: Span = Field(3, description="The same reminder for an urgent ticket.")
    urgent_offer_expire: Span = Field(5, description="The same end for an urgent ticket.")
    arrival_grace: Span = Field(
        30, description="Appointed time past, nobody there: the dispatcher is told (T5)."
    )
    signoff_remind_hours: tuple[Span, ...] = Field(
        (24, 48), min_length=2, max_length=2, description="After completion: the two reminders to sign off."
    )
    signoff_auto_hours: Span = Field(72, description="After completion: closed without a sign-off.")
    rating_remind_hours: Span = Field(24, description="After closing: the customer is reminded to rate.")
    rating_expire_days: Span = Field(7, description="After closing: a rating is no longer taken.")
    rating_change_hours: Span = Field(12, description="After rating: it may no longer be changed.")
    return_call_hours: Span = Field(
        24, description="After a bad rating: the customer must have been called back (T10)."
    )
    complaint_due_days: Span = Field(5, description="After a complaint: it must have been answered.")
    draft_remind: Span = Field(60, description="Unfinished report: the customer is reminded.")
    draft_expire_hours: Span = Field(48, description="Unfinished report: it is dropped.")
    invitation_hours: Span = Field(72, description="After an invitation: it can no longer be used.")
    reopen_days: Span = Field(30, description="After closing: a ticket can no longer be reopened.")
    hold_follow_up_hours: Span = Field(
        24, description="Ticket put on hold: the dispatcher is asked about it."
    )

    def span(self, name: str) -> timedelta:
        """One deadline by its name, whatever its unit; AttributeError for an unknown name."""
        return _span(name, getattr(self, name))

    @property
    def signoff_reminders(self) -> tuple[timedelta, ...]:
        """How long after completion the customer is reminded, the earliest first."""
        return tuple(_span("signoff_remind_hours", hours) for hours in self.signoff_remind_hours)

    @field_validator("signoff_remind_hours", mode="before")
    @classmethod
    def _listed(cls, value: object) -> object:
        # In the environment a list is written "24,48" or "[24, 48]".
        return [part.strip() for part in value.strip("[] ").split(",")] if isinstance(value, str) else value

    @field_validator("signoff_remind_hours")
    @classmethod
    def _rising(cls, value: tuple[float, ...]) -> tuple[float, ...]:
        if list(value) != sorted(set(value)):
            raise wrong("the hours do not rise", "write each once, the earliest first, such as [24, 48]")
        return value

    @field_validator(*AFTER)
    @classmethod
    def _after(cls, value: float, info: ValidationInfo) -> float:
        name = info.field_name or ""
        first = AFTER[name]
        if first not in info.data:  # wrong itself, and named already
            return value
        before = info.data[first]
        latest = max(before) if isinstance(before, tuple) else before
        if _span(name, value) <= _span(first, latest):
            raise wrong(f"{value:g} does not come after deadlines.{first}", "raise it, or lower the other")
        return value


def _span(name: str, value: float) -> timedelta:
    unit = name.rpartition("_")[2]
    return timedelta(**{unit if unit in ("hours", "days") else "minutes": value})
