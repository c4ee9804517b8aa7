"""What the crowd likes to press and what it answers when it is asked, by the phrase book's keys."""

from crash_words import spoken, words

# What people press, by the words on the button, and how likely; anything else is pressed rarely.
CUSTOMER = spoken(
    {
        "urgency.danger": 0.5,
        "urgency.stopped": 6.0,
        "urgency.limited": 6.0,
        "urgency.can_wait": 3.0,
        "button.confirm": 9.0,
        "button.not_fixed": 1.0,
        "grade.1": 8.0,
        "grade.2": 2.0,
        "grade.5": 1.0,
        "button.comment": 0.5,
        "T-": 8.0,
        "📍": 2.0,
        "report.change.place": 0.1,
        "button.new_problem": 0.1,
        "button.send": 12.0,
    }
)
ENGINEER = spoken(
    {
        "button.accept": 14.0,
        "button.decline": 0.3,
        "button.depart": 3.0,
        "button.arrive": 8.0,
        "button.remote": 1.0,
        "complete.send": 12.0,
        "button.complete": 9.0,
        "mode.on_site": 5.0,
        "mode.remote": 2.0,
        "complete.no_parts": 9.0,
        "complete.tested_yes": 9.0,
        "complete.no_more_photos": 9.0,
        "min": 3.0,
        "button.as_promised": 2.0,
        "button.part": 0.3,
        "button.note": 0.3,
        "button.resume": 6.0,
        "button.hold": 0.1,
    }
)
OFFICE = spoken(
    {
        "button.auto": 12.0,
        "button.assign": 2.0,
        "office.engineer": 4.0,
        "button.kind": 0.3,
        "button.severity": 0.3,
        "button.on_site": 0.5,
        "button.write_customer": 0.2,
        "button.write_engineer": 0.2,
        "button.resume": 3.0,
        "button.called_back": 1.0,
    }
)
# What people type when they are asked.
QUESTIONS = spoken(
    {
        "report.ask.problem": "Lift {n} makes noise",
        "report.ask.photo_words": "Lift {n} makes noise",
        "report.ask.place": "{n} Harbour Street",
        "report.ask.phone": words("button.skip"),
        "ask.dispute": "It stops at floor {n}",
        "ask.comment": "Kind engineer {n}",
        "ask.bad_reason": "It took {n} visits",
        "ask.reopen": "The door {n}",
        "complete.ask.cause": "Contact {n} worn",
        "complete.ask.action": "Contact {n} replaced",
        "ask.part": "Contact {n}",
        "ask.note": "Key {n} is with the porter",
        "ask.question": "Who has key {n}?",
        "ask.write_customer": "We are coming, {n}",
        "ask.write_engineer": "Are you there, {n}?",
        "ask.call": "All well, {n}",
    }
)
