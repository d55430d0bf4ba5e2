"""What is found in the answers of a probe against what is expected of them: one finding for each rule."""

from dataclasses import dataclass
from enum import StrEnum

from flows.fetching.expected import Expected, Kind, Rule, expected_of
from flows.fetching.robots import Rules
from flows.fetching.seen import Found, Seen, found_by, what_robots_say
from flows.fetching.values import Verdict

# What can be told of an answer that is not what was asked for.
_OF_ANY_ANSWER = frozenset(
    (
        *(Rule.ROBOTS, Rule.DELAY, Rule.TLS, Rule.PROTOCOL),
        *(Rule.STATUS, Rule.TYPE, Rule.CHARSET, Rule.CODING, Rule.VALIDATORS, Rule.VERDICT),
    )
)
# What the host itself says, so that no rule of ours can be wrong. What leads elsewhere or isn't there can only be at
# another address than was thought.
_NOT_OURS = (Verdict.CHALLENGED, Verdict.REFUSED, Verdict.FAILED, Verdict.MISSING, Verdict.MOVED)


class Outcome(StrEnum):
    """How what is found stands to what is expected."""

    OK = "ok"
    DIFFERS = "differs"
    NOT_ASKED = "not asked"


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule at one address."""

    kind: Kind
    address: str
    rule: Rule
    found: str
    detail: str  # what else was seen; why it was not asked
    expected: str
    outcome: Outcome
    ground: str  # what the expectation rests on
    place: str | None  # which file holds the rule; None: no rule of ours


def compared(seen: Seen) -> list[Finding]:
    """Return what is found in an answer, rule by rule; of one that is not what was asked for no more than its frame."""
    found = [(one, found_by(one.rule, seen)) for one in expected_of(seen.kind) if one.rule in _OF_ANY_ANSWER]
    is_what_was_asked = all(one.fits(its.text) for one, its in found if one.rule is Rule.VERDICT)
    if is_what_was_asked:
        found = [(one, found_by(one.rule, seen)) for one in expected_of(seen.kind)]
    is_ours = seen.last.kept.verdict not in _NOT_OURS
    return [finding(seen.kind, seen.hops[0].ask.address, one, its, is_ours=is_ours) for one, its in found]


def unasked(kind: Kind, address: str, rules: Rules) -> list[Finding]:
    """Return what robots.txt says of an address that was not asked."""
    found = what_robots_say(rules, address)
    return [finding(kind, address, one, found) for one in expected_of(kind) if one.rule is Rule.ROBOTS]


def finding(kind: Kind, address: str, expected: Expected, found: Found, *, is_ours: bool = True) -> Finding:
    """Return how what was found stands to what is expected. `is_ours` is False where the host gave no real answer."""
    outcome = Outcome.OK if expected.fits(found.text) else Outcome.DIFFERS
    if found.text == Outcome.NOT_ASKED:
        outcome = Outcome.NOT_ASKED
    place = expected.place if is_ours else None
    return Finding(
        kind, address, expected.rule, found.text, found.detail, expected.said, outcome, expected.ground, place
    )
