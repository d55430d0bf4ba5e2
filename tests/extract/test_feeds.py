"""Rules of `extract.feeds`."""

import pytest

from extract.errors import BrokenOff, ChallengePage, ExtractError, TooLarge, UndecodableInput, UnreadableInput
from extract.feeds import feed_in
from extract.found import Directory, Found
from tests.extract.test_listings import CHALLENGE

FEED = "https://mid.ru/ru/rss.php"
NEWS = "https://mid.ru/ru/foreign_policy/news/"
ONE = f"<link>{NEWS}1900001/</link>"
ATOM = 'xmlns="http://www.w3.org/2005/Atom"'


def rss(*entries: str, head: str = '<?xml version="1.0" encoding="utf-8"?>', version: str = "2.0") -> str:
    printed = "".join(f"<item>{entry}</item>" for entry in entries)
    return (
        f'{head}<rss version="{version}"><channel><title>МИД</title><link>https://mid.ru/</link>'
        f"<pubDate>Mon, 05 Jan 2026 10:00:00 +0300</pubDate>{printed}</channel></rss>"
    )


def atom(*entries: str, namespace: str = ATOM, head: str = "") -> str:
    printed = "".join(f"<entry>{entry}</entry>" for entry in entries)
    return f'<?xml version="1.0"?><feed {namespace}><title>МИД</title>{head}{printed}</feed>'


def one(title: str | None = None, printed: str | None = None, *tags: str) -> Directory:
    return Directory((Found(f"{NEWS}1900001/", title, printed, tags),), None)


FEEDS = {
    "rss 2.0": (
        rss(
            f"<title>Заявление</title>{ONE}<description>Коротко</description><category>Китай</category>"
            "<category>ООН</category><pubDate>Sun, 04 Jan 2026 17:18:00 +0300</pubDate>"
        ),
        one("Заявление", "Sun, 04 Jan 2026 17:18:00 +0300", "Китай", "ООН"),
    ),
    "rss 0.91 with its document type": (
        rss(
            f"<title>A&nbsp;b</title>{ONE}",
            head='<?xml version="1.0"?><!DOCTYPE rss PUBLIC "-//Netscape Communications//DTD RSS 0.91//EN" '
            '"http://my.netscape.com/publish/formats/rss-0.91.dtd">',
            version="0.91",
        ),
        one("A\u00a0b"),
    ),
    "rss 1.0, where items stand beside the channel": (
        (
            '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" '
            'xmlns:dc="http://purl.org/dc/elements/1.1/"><channel rdf:about="https://mid.ru/"/>'
            f'<item rdf:about="{NEWS}1900001/"><title>A</title><dc:date>2026-01-04</dc:date></item></rdf:RDF>'
        ),
        one("A", "2026-01-04"),
    ),
    "words as character data": (
        rss(f"<title><![CDATA[ «A» & <b>b</b> &amp; ]]></title>{ONE}"),
        one("«A» & <b>b</b> &amp;"),
    ),
    "references of every kind": (
        rss(f"<title>&laquo;A&#187; &amp; &#x411; &nbsp;R&D &unknown; &#8; &lt;</title>{ONE}"),
        one("«A» & Б \u00a0R&D &unknown; \N{REPLACEMENT CHARACTER} <"),
    ),
    "an address with bare ampersands": (
        rss(f"<link>{NEWS}1900001/?lang=en&utm_source=x</link>"),
        Directory((Found(f"{NEWS}1900001/?lang=en&utm_source=x", None, None),), None),
    ),
    "controls that no feed may hold": (
        rss(f"<title>A\x0bB\x00</title>{ONE}".replace("\x00", "\x08")),
        one("A\ufffdB\ufffd"),
    ),
    "a relative link": (rss("<link>/ru/foreign_policy/news/1900001/#top</link>"), one()),
    "a guid where there is no link": (rss(f"<link/><guid>{NEWS}1900001/</guid>"), one()),
    "elements of other namespaces": (
        rss(f'{ONE}<m:group xmlns:m="http://search.yahoo.com/mrss/"><m:title>No</m:title></m:group><title>A</title>'),
        one("A"),
    ),
    "an entry that leads elsewhere is left out": (rss(ONE, "<link>https://example.org/</link>"), one()),
    "the same document twice": (rss(f"<title>A</title>{ONE}", f"<title>B</title>{ONE}"), one("A")),
    "atom": (
        atom(
            f'<title type="html">A &amp;amp; &lt;b&gt;b&lt;/b&gt;</title>'
            f'<link rel="self" href="/x"/><link href="{NEWS}1900001/"/>'
            "<id>tag:1</id><updated>2026-01-05T00:00:00Z</updated><published>2026-01-04T17:18:00+03:00</published>"
            '<category term="cn" label="Китай"/><category term="ООН"/>'
        ),
        one("A & b", "2026-01-04T17:18:00+03:00", "Китай", "ООН"),
    ),
    "atom with a title in xhtml": (
        atom(
            '<title type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">A <b>b</b></div></title>'
            f'<link rel="alternate" href="{NEWS}1900001/"/>'
        ),
        one("A b"),
    ),
    "atom 0.3": (
        atom(f'<link href="{NEWS}1900001/"/><issued>2004</issued>', namespace='xmlns="http://purl.org/atom/ns#"'),
        one(None, "2004"),
    ),
    "atom with a prefix and a base": (
        (
            f'<a:feed xmlns:a="http://www.w3.org/2005/Atom" xml:base="{NEWS}"><a:entry xml:base="../">'
            '<a:link href="news/1900001/"/></a:entry></a:feed>'
        ),
        one(),
    ),
    "a further page": (
        atom(f'<link href="{NEWS}1900001/"/>', head='<link rel="next" href="/ru/rss?p=2"/>'),
        Directory((Found(f"{NEWS}1900001/", None, None),), "https://mid.ru/ru/rss?p=2"),
    ),
    "a further page elsewhere is none": (
        atom(f'<link href="{NEWS}1900001/"/>', head='<link rel="next" href="https://example.org/2"/>'),
        one(),
    ),
    "no entries": (rss(), Directory((), None)),
    "no declaration and a comment": (f"\n<!-- x --><rss><channel><item>{ONE}</item></channel></rss>\n", one()),
}
LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">'
    '<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]><rss><channel><item><title>&c;</title></item></channel></rss>'
)
OUTSIDE = LAUGHS.replace('<!ENTITY a "ha">', '<!ENTITY a SYSTEM "file:///etc/passwd">')
NO_FEEDS: dict[str, tuple[str | bytes, type[ExtractError]]] = {
    "a challenge": (CHALLENGE, ChallengePage),
    "a challenge as xhtml": (
        b'<?xml version="1.0"?>\n<!DOCTYPE html><html><script>/TSPD/</script></html>',
        ChallengePage,
    ),
    "a challenge in words": (b"Data processing... Please, wait.", ChallengePage),
    "a page": ("<!DOCTYPE html><html><body><p>Лента</p></body></html>", UnreadableInput),
    "a page below a comment": ("<!-- a --><!-- b --><HTML><body>", UnreadableInput),
    "markup of another kind": ("<urlset><url/></urlset>", UnreadableInput),
    "a type that declares entities": (LAUGHS, UnreadableInput),
    "an entity of the file system": (OUTSIDE, UnreadableInput),
    "a type that declares elements": ("<!DOCTYPE rss [<!ELEMENT rss ANY>]><rss/>", UnreadableInput),
    "tags that don't match": (rss("<title>A</link>"), UnreadableInput),
    "two roots": (rss() + "<rss/>", UnreadableInput),
    "an unknown prefix": ("<rss><a:b/></rss>", UnreadableInput),
    "very many comments": ("<!---->" * 5_000 + "<urlset/>", UnreadableInput),
    "text": ("no feed", UnreadableInput),
    "nothing": ("", UndecodableInput),
    "entries that lead nowhere": (rss("<link>/new/scheme</link>", "<title>A</title>"), UnreadableInput),
    "deep nesting": ("<rss>" + "<a>" * 300, TooLarge),
    "letters of an encoding that nothing declares": (
        rss(f"<title>Мид</title>{ONE}", head="").encode("windows-1251"),
        UndecodableInput,
    ),
}


@pytest.mark.parametrize("case", FEEDS)
def test_a_feed_names(case: str) -> None:
    source, directory = FEEDS[case]
    assert feed_in(source.encode(), FEED) == directory


@pytest.mark.parametrize("case", NO_FEEDS)
def test_what_is_no_feed_is_told(case: str) -> None:
    source, error = NO_FEEDS[case]
    with pytest.raises(error) as raised:
        feed_in(source.encode() if isinstance(source, str) else source, FEED)
    assert type(raised.value) is error


@pytest.mark.parametrize(
    ("codec", "in_feed", "by_server"),
    [
        ("utf-8", "", None),
        ("utf-8-sig", "", None),
        ("utf-8", 'encoding="windows-1251"', None),
        ("utf-8", 'encoding="utf-8"', "windows-1251"),
        ("utf-8", 'encoding="no-such"', None),
        ("windows-1251", 'encoding="windows-1251"', None),
        ("windows-1251", "encoding='cp1251'", None),
        ("windows-1251", 'encoding="utf-8"', "windows-1251"),
        ("windows-1251", "", "windows-1251"),
        ("koi8-r", 'encoding="KOI8-R"', None),
        ("utf-16", 'encoding="utf-16"', None),
    ],
)
def test_a_feed_is_read_in_the_encoding_that_its_bytes_bear_out(
    codec: str, in_feed: str, by_server: str | None
) -> None:
    data = rss(f"<title>Заявление МИД</title>{ONE}", head=f'<?xml version="1.0" {in_feed}?>').encode(codec)
    assert feed_in(data, FEED, by_server) == one("Заявление МИД")


def test_a_feed_cut_anywhere_breaks_off() -> None:
    data = rss(f"<title><![CDATA[Заявление]]></title>{ONE}", f"{ONE}<title>A &amp; Б</title>").encode()
    for at in range(data.index(b"<rss") + 30, data.index(b"</rss>") + 5):
        with pytest.raises((BrokenOff, UndecodableInput)):
            feed_in(data[:at], FEED)
