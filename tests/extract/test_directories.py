"""Rules of `extract.directories`; and any bytes that should lead to documents end in values or an `ExtractError`."""

import json
import random
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extract.directories import FORMATS, charset_in, judge
from extract.errors import BrokenOff, ChallengePage, ExtractError, NoDocument, UndecodableInput, UnreadableInput
from extract.feeds import feed_in
from extract.formats import formats
from extract.index import index_in
from extract.listings import listing_in
from extract.model import Reason
from tests.extract.test_any_bytes import HUGE, PIECES, check_error, damaged, ends_in
from tests.extract.test_feeds import FEEDS, NO_FEEDS
from tests.extract.test_index import NAMES, NO_INDEXES, ROW
from tests.extract.test_listings import CHALLENGE, DOMINO, LISTINGS, NEWS, NO_LISTINGS, item, items, page

LISTING = page(items(item(1900001))).encode()
FEED = b"<rss><channel><item><link>/ru/foreign_policy/news/1900001/</link></item></channel></rss>"
RULES = b"User-agent: *\nDisallow: /*?PAGEN\nDisallow: /TSPD/\n"
JUDGED: list[tuple[str, bytes, str | None, type[ExtractError] | None]] = [
    ("listing", LISTING, None, None),
    ("listing", LISTING.decode().encode("windows-1251"), "text/html; charset=windows-1251", None),
    ("listing", LISTING.decode().encode("windows-1251"), "text/html; charset=koi8-r", UndecodableInput),
    ("listing", LISTING, "text/html; charset=iso-8859-1", None),
    ("listing", LISTING[:-30], None, BrokenOff),
    ("listing", b"<html></html>", None, NoDocument),
    ("feed", FEED, "application/rss+xml; charset=no-such", None),
    ("feed", LISTING, None, UnreadableInput),
    ("index", b"", None, None),
    ("index", LISTING, None, UnreadableInput),
    ("robots", RULES, "text/plain", None),
    ("robots", b"\xef\xbb\xbf" + RULES, None, None),
    ("robots", b"", None, None),
    ("robots", b"anything at all", None, None),
    ("robots", "# правила\n".encode("windows-1251") + RULES, None, None),
    ("robots", CHALLENGE, "text/plain", ChallengePage),
    ("robots", b"\n <!DOCTYPE html><html></html>", None, UnreadableInput),
    ("robots", b"Forbidden <html><body></body></html>", None, UnreadableInput),
    ("robots", b"\x1f\x8b\x08\0", None, UndecodableInput),
    ("robots", b"User-agent\0", None, UndecodableInput),
]
CASES: dict[str, list[bytes]] = {
    "listing": [
        *(source.encode() for _, source, _ in LISTINGS.values()),
        *(source.encode() if isinstance(source, str) else source for source, _ in NO_LISTINGS.values()),
    ],
    "feed": [
        *(source.encode() for source, _ in FEEDS.values()),
        *(source.encode() if isinstance(source, str) else source for source, _ in NO_FEEDS.values()),
    ],
    "index": [json.dumps([NAMES, ROW, ROW, [], ["key"]]).encode(), *(data for data, _ in NO_INDEXES.values())],
    "robots": [RULES, CHALLENGE],
}
CONTENT_TYPES = (None, "text/html; charset=windows-1251", "text/html; charset=koi8-r", "text/html; charset=utf-16", "x")


def looked_at(purpose: str, data: bytes, content_type: str | None) -> bool:
    """Judge bytes as a run does, look at the values too, and say whether they were taken."""
    address = DOMINO if len(data) % 2 else NEWS
    with ends_in(20):
        try:
            judge(purpose, data, address, content_type)
        except ExtractError as error:
            check_error(error)
            Reason(error.reason)
            return False
        for found in _found(purpose, data, address, content_type):
            found.encode()
    return True


def _found(purpose: str, data: bytes, address: str, content_type: str | None) -> Iterator[str]:
    if purpose == "index":
        yield from (row.address for row in index_in(data).rows())
    elif purpose != "robots":
        read = listing_in if purpose == "listing" else feed_in
        directory = read(data, address, charset_in(content_type))
        assert len({found.address for found in directory.found}) == len(directory.found)
        yield from (found.address for found in directory.found)


@pytest.mark.parametrize("case", JUDGED, ids=lambda case: f"{case[0]} {case[1][:24]!r} {case[2]}")
def test_bytes_are_judged_by_what_was_asked_for(
    case: tuple[str, bytes, str | None, type[ExtractError] | None],
) -> None:
    purpose, data, content_type, error = case
    if error is None:
        assert judge(purpose, data, NEWS, content_type) == ()
        return
    with pytest.raises(error) as raised:
        judge(purpose, data, NEWS, content_type)
    assert type(raised.value) is error


@pytest.mark.parametrize(("purpose", "data"), [("listing", page(items()).encode()), ("feed", b"<rss><channel/></rss>")])
def test_only_what_a_query_asks_for_may_be_empty(purpose: str, data: bytes) -> None:
    judge(purpose, data, f"{NEWS}?PAGEN_1=900", None)
    with pytest.raises(NoDocument):
        judge(purpose, data, NEWS, None)


def test_no_form_of_documents_has_the_name_of_what_leads_to_them() -> None:
    assert not {name for name, _ in FORMATS.values()} & set(formats())


@given(
    data=st.binary(max_size=300), purpose=st.sampled_from(sorted(FORMATS)), content_type=st.sampled_from(CONTENT_TYPES)
)
def test_random_bytes_end_in_values_or_an_error(data: bytes, purpose: str, content_type: str | None) -> None:
    looked_at(purpose, data, content_type)


@pytest.mark.parametrize("purpose", FORMATS)
def test_damaged_bytes_end_in_values_or_an_error(purpose: str) -> None:
    taken = 0
    for round_ in range(300):
        chance = random.Random(f"{purpose} {round_}")  # noqa: S311 -- nothing is kept secret with it
        data = damaged(chance.choice(CASES[purpose]), chance)
        if chance.random() < 0.3:  # a piece of what is odd, at a place of its own
            place = chance.randrange(len(data) + 1)
            data = data[:place] + chance.choice(PIECES) + data[place:]
        taken += looked_at(purpose, data, chance.choice(CONTENT_TYPES))
    assert taken


@pytest.mark.parametrize("piece", HUGE)
@pytest.mark.parametrize("purpose", FORMATS)
def test_what_is_large_or_deep_ends_in_values_or_an_error(purpose: str, piece: str) -> None:
    case = CASES[purpose][0]
    for place in (0, len(case) // 2):
        looked_at(purpose, case[:place] + HUGE[piece] + case[place:], None)
