"""What a page in markup is that shows no document, and whose it is.

A shield may answer in place of the site, with status 200 and a script: only the element that holds a text proves that
a document came. The marks of the shield were seen on other sites and are named by those who read this one.
"""

import re

from selectolax.lexbor import LexborHTMLParser

from extract.addresses import is_ministry
from extract.blocks import folded
from extract.errors import ChallengePage, ExtractError, NoDocument
from extract.formats.page_rules import BODIES

CHALLENGE_MARKS = (
    b"bobcmn",
    b"/TSPD/",
    b"TSPD_101",
    b"failureConfig",
    b"Please enable JavaScript to view the page content",
    b"Your support ID is",
    b"Data processing... Please, wait.",
)
# Of these none stands on a page that the shield lets through with a script of its own.
_PLAIN_CHALLENGES = (CHALLENGE_MARKS[0], *CHALLENGE_MARKS[4:])
_LISTINGS = (".announce__item", "ul.announce", "section.page-block.news-articles", "a.anons-title", "div.paginates")
_LOGIN = "input[type=password]"
_EXCERPT_CHARS = 80
_ERROR = re.compile(r"\b(?:404|403|50[0-4])\b|(?i:not found|не найден|error|ошибка)")

# Classes that no other site is known to have.
_OWN_CLASSES = re.compile(
    rb"photo-content__(?:title|date)|article-line__note|announcement__(?:doc-num|title|text)|announce__(?:item|meta-tags)"
    rb"|announce_articles|article-status-line|anons-status-line|asset_publisher/[A-Za-z0-9]{12}/content/id/|brp_4\.nsf|/bdomp/"
)
_OWN_LINKS = re.compile(
    rb"(?i)\shref\s*=\s*[\"']?/(?:ru|en|fr|de|es|pt|cn|ar)/"
    rb"(?:foreign_policy|press_service|detail-material-page|maps|activity|about)/"
)
_FEW_LINKS = 2
_MARKUP = re.compile(
    rb"(?s)(?:\xef\xbb\xbf)?\s*<(?:!doctype html|!--|html|head|body|meta|div|title|\?xml)", re.IGNORECASE
)
_TELEGRAM = (b"tgme_", b'class="page_wrap', b'class="history"', b'class="message default', b'class="message service')
_TAG = re.compile(rb"(?i)<(?:link|meta|base)\b[^>]{0,2000}>")
_OWN_ADDRESS = re.compile(rb"(?i)rel\s*=\s*[\"']?canonical|property\s*=\s*[\"']?og:url|^<base\b")
_VALUE = re.compile(rb"(?i)\s(?:href|content)\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s>\"']+))")
_SAVED_FROM = re.compile(rb"saved from url=\([0-9]{1,6}\)\s*(\S{1,4096})")
_SINGLE_FILE = re.compile(rb"Page saved with SingleFile\s+url:\s*(\S{1,4096})")
_SAVED_WITHIN = 8_192  # bytes from the top, where browsers write where they took a page from
_HEAD = 65_536
_END = re.compile(rb"(?i)</(?:html|body)\s*>")


def claims(head: bytes) -> bool:
    """Tell whether the head of an input is that of a page of the ministry's site, or of the shield before it."""
    if _MARKUP.match(head) is None or is_telegram(head):
        return False
    addresses = own_addresses(head)
    if addresses:
        return any(map(is_ministry, addresses))
    if _OWN_CLASSES.search(head) is not None or any(mark in head for mark in _PLAIN_CHALLENGES):
        return True
    return sum(1 for _ in zip(range(_FEW_LINKS), _OWN_LINKS.finditer(head), strict=False)) == _FEW_LINKS


def own_addresses(head: bytes) -> list[str]:
    """Return the addresses that a page names as its own, in the order in which they are believed."""
    named: dict[str, str] = {}
    for tag in _TAG.finditer(head):
        if (mark := _OWN_ADDRESS.search(tag[0])) is not None and (value := _VALUE.search(tag[0])) is not None:
            named.setdefault(mark[0][:4].decode().lower(), _decoded(value[1] or value[2] or value[3] or b""))
    order = sorted(named, key=lambda mark: ("rel", "pro", "<ba").index(mark[:3]))
    return [named[mark] for mark in order if "//" in named[mark]] + saved_from(head)


def saved_from(data: bytes) -> list[str]:
    """Return where a browser says that it took a page from, if it does."""
    matches = (pattern.search(data, 0, _SAVED_WITHIN) for pattern in (_SAVED_FROM, _SINGLE_FILE))
    return [_decoded(match[1]) for match in matches if match is not None]


def _decoded(address: bytes) -> str:
    return address.decode("utf-8", "replace").strip()


def is_telegram(data: bytes) -> bool:
    """Say whether markup is a page of Telegram: its preview, or an export of its program."""
    head = data[:_HEAD]
    return any(mark in head for mark in _TELEGRAM)


def has_end(data: bytes) -> bool:
    """Say whether the end of a page stands in it."""
    return _END.search(data) is not None


def challenge_in(data: bytes) -> ChallengePage | None:
    """Return the error for bytes that hold a mark of a shield's page; None for others.

    A page that the shield lets through may hold some of the marks: it is asked only where nothing else was found.
    """
    mark = next((mark for mark in CHALLENGE_MARKS if mark in data), None)
    if mark is None:
        return None
    return ChallengePage(
        f"the page of a shield ({mark.decode()!r} stands in it)",
        "the page that was asked for",
        "fetch it again another day; nothing is known of the document from this",
    )


def without_document(tree: LexborHTMLParser, data: bytes) -> ExtractError:
    """Return the error for a page in which no rule finds a text."""
    return challenge_in(data) or NoDocument(
        what_it_is(tree),
        f"an element that holds a document's text: {', '.join(BODIES)}",
        "fetch the page of one document; if this is one, the site has a new layout",
    )


def is_listing(tree: LexborHTMLParser) -> bool:
    """Say whether a page lists documents."""
    return any(tree.css_first(rule) is not None for rule in _LISTINGS)


def what_it_is(tree: LexborHTMLParser) -> str:
    """Return in words what a page without a document is, with its heading."""
    title = _title(tree)
    named = f" ({title!r})" if title else ""
    if is_error(tree):
        return f"an error page{named}"
    if is_listing(tree):
        return f"a listing{named}"
    if tree.css_first(_LOGIN) is not None:
        return f"a form to log in{named}"
    return f"a page without a document{named}"


def is_error(tree: LexborHTMLParser) -> bool:
    """Say whether the heading of a page is that of an error."""
    return _ERROR.search(_title(tree)) is not None


def _title(tree: LexborHTMLParser) -> str:
    headings = [*tree.css("h1"), *tree.css("title")]
    return next(filter(None, (folded(heading.text()) for heading in headings)), "")[:_EXCERPT_CHARS]
