"""Addresses: which document or post one names, and which of them are the same."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extract.addresses import (
    canonical,
    folded_address,
    is_domino,
    is_ministry,
    original,
    page_of,
    resolved,
    telegram_post_of,
)

OLD = "foreign_policy/news/-/asset_publisher/cKNonkJE02Bw/content/id/2732506"


@pytest.mark.parametrize(
    ("address", "key"),
    [
        ("https://mid.ru/en/foreign_policy/news/1906578/", "mid:1906578:en"),
        ("https://mid.ru/en/foreign_policy/news/1906578", "mid:1906578:en"),
        ("http://www.mid.ru:80/ru/maps/gb/1817739/?utm_source=x#1", "mid:1817739:ru"),
        ("mid.ru/ru/detail-material-page/1817739/", "mid:1817739:ru"),
        ("//www.mid.ru/cn/press_service/1906578/", "mid:1906578:zh"),
        ("HTTPS://WWW.MID.RU/en/foreign_policy/news/1906578/?PAGEN_1=2", "mid:1906578:en"),
        (f"http://www.mid.ru/en/{OLD}?p_p_id=101&redirect=http%3A%2F%2Fwww.mid.ru", "mid-lr:2732506:en"),
        (f"http://archive.mid.ru/en_GB/{OLD}/pop_up", "mid-lr:2732506:en"),
        ("https://www.mid.ru/en/atr/-/asset_publisher/0vP3hQoCPRg5/content/id/2732506", "mid-lr:2732506:en"),
        ("https://web.archive.org/web/20220101000000id_/https://mid.ru/en/x/1906578/", "mid:1906578:en"),
    ],
)
def test_a_documents_key_is_its_number_and_its_language(address: str, key: str) -> None:
    page = page_of(address)
    assert page is not None
    assert page.key() == key
    assert page_of(page.canonical) is not None
    assert page_of(page.canonical).key() == key  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("address", "lang"),
    [
        ("https://mid.ru/es/foreign_policy/news/1842643/?lang=en", "en"),
        ("https://mid.ru/es/foreign_policy/news/1842643/?x=1&lang=DE", "de"),
        ("https://mid.ru/es/foreign_policy/news/1842643/?lang=xx", "es"),
        (f"https://mid.ru/{OLD}", None),
        (f"https://mid.ru/web/{OLD}", None),
    ],
)
def test_the_language_that_is_asked_for_stands_over_the_path(address: str, lang: str | None) -> None:
    page = page_of(address)
    assert page is not None
    assert page.lang == lang


def test_an_address_without_a_language_gets_that_of_the_text() -> None:
    page = page_of(f"https://mid.ru/{OLD}")
    assert page is not None
    assert (page.key(), page.key("ru")) == (None, "mid-lr:2732506:ru")


@pytest.mark.parametrize(
    ("address", "section"),
    [
        ("https://mid.ru/ru/maps/us/1814243/", "maps/us"),
        (f"https://mid.ru/en/{OLD}", "foreign_policy/news"),
        ("https://mid.ru/-/asset_publisher/cKNonkJE02Bw/content/id/2732506", None),
    ],
)
def test_the_section_is_kept(address: str, section: str | None) -> None:
    page = page_of(address)
    assert page is not None
    assert page.section == section


@pytest.mark.parametrize(
    "address",
    [
        "https://mid.ru/en/foreign_policy/news/?PAGEN_1=2",
        "https://mid.ru/en/foreign_policy/news/12345/",
        "https://mid.ru/it/foreign_policy/news/1906578/",
        "https://mid.ru/1906578/",
        "https://usa.mid.ru/en/foreign_policy/news/1906578/",
        "https://notmid.ru/en/foreign_policy/news/1906578/",
        "https://mid.ru.example.org/en/foreign_policy/news/1906578/",
        "https://archive.mid.ru/en/foreign_policy/news/1906578/",
        "http://www.mid.ru/brp_4.nsf/newsline/0123456789ABCDEF0123456789ABCDEF",
        "https://mid.ru/en/foreign_policy/news/１９０６５７８/",
        "https://mid.ru/en/" + "x/" * 4_000 + "1906578/",
        "http://[",
        "",
    ],
)
def test_what_names_no_document_of_the_site_has_no_key(address: str) -> None:
    assert page_of(address) is None


@pytest.mark.parametrize(
    ("address", "form"),
    [
        ("http://www.mid.ru:80/ru/maps/gb/1817739#1", "https://mid.ru/ru/foreign_policy/news/1817739/"),
        ("https://mid.ru/es/foreign_policy/news/1842643/?lang=en", "https://mid.ru/en/foreign_policy/news/1842643/"),
        (f"http://www.mid.ru/en/asean/-{OLD[21:]}?p_p_id=1", f"https://mid.ru/en/{OLD}"),
        (f"http://archive.mid.ru/en/{OLD}", f"https://archive.mid.ru/en/{OLD}"),
        ("http://www.mid.ru/en/rss.php?utm_source=a&x=1&PAGEN_1=2#f", "https://mid.ru/en/rss.php?x=1"),
        ("http://www.mid.ru/brp_4.nsf/main_eng", "https://mid.ru/brp_4.nsf/main_eng"),
        ("http://www.example.org/?utm_source=a", "http://www.example.org/?utm_source=a"),
        ("http://[", "http://["),
    ],
)
def test_the_ministrys_addresses_have_one_form(address: str, form: str) -> None:
    assert canonical(address) == form
    assert canonical(form) == form


def test_the_site_before_2015_is_told_apart() -> None:
    assert is_domino("http://mid.ru/bdomp/brp_4.nsf/spsza!OpenView&Start=1")
    assert not is_domino("https://mid.ru/en/foreign_policy/news/1906578/")
    assert is_ministry("http://www.mid.ru/brp_4.nsf/main_eng")
    assert not is_ministry("https://t.me/mid.ru")


@pytest.mark.parametrize(
    ("address", "post"),
    [
        ("https://t.me/MFARussia/123", ("mfarussia", 123)),
        ("t.me/s/mfarussia/123?single", ("mfarussia", 123)),
        ("https://telegram.me/mfarussia/5/123", ("mfarussia", 123)),
        ("https://mfarussia.t.me/123", ("mfarussia", 123)),
        ("https://t.me/c/1101170442/123", (1101170442, 123)),
        ("https://t.me/c/1101170442/7/123", (1101170442, 123)),
        ("https://t.me/mfarussia", None),
        ("https://t.me/mfarussia/0", None),
        ("https://t.me/c/1101170442", None),
        ("https://t.me/share/123", None),
        ("https://t.me/joinchat/123", None),
        ("https://t.me/mfarussia/1/2/3", None),
        ("https://t.me/mfarussia/" + "9" * 30, None),
        ("https://example.org/mfarussia/123", None),
        ("http://[t.me/mfarussia/1", None),
    ],
)
def test_a_link_to_a_post_names_channel_and_message(address: str, post: tuple[str | int, int] | None) -> None:
    assert telegram_post_of(address) == post


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://www.mid.ru/en/x/", "http://mid.ru/en/x"),
        ("HTTP://MID.RU", "mid.ru"),
        ("https://mid.ru:443/a#b", "mid.ru/a"),
        ("https://mid.ru/%D0%B0%d0%b1", "https://mid.ru/аб"),
        ("https://mid.ru/a b", "https://mid.ru/a%20b"),
        ("https://mid.ru/%7Ea", "https://mid.ru/~a"),
        ("https://xn--d1acpjx3f.xn--p1ai/", "https://яндекс.рф"),
        ("mailto:Press@example.org", "press@example.org"),
    ],
)
def test_what_forms_change_does_not_count(one: str, other: str) -> None:
    assert folded_address(one) == folded_address(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://mid.ru/a", "https://mid.ru/A"),
        ("https://mid.ru/a%2Fb", "https://mid.ru/a/b"),
        ("https://mid.ru/?a=1%262", "https://mid.ru/?a=1&2"),
        ("https://mid.ru:8080/", "https://mid.ru/"),
        ("https://mid.ru/%FF", "https://mid.ru/%FE"),
        ("https://mid.ru/?lang=en", "https://mid.ru/"),
        ("https://web.archive.org/web/2022/https://mid.ru/a", "https://mid.ru/a"),
    ],
)
def test_addresses_of_different_places_stay_apart(one: str, other: str) -> None:
    assert folded_address(one) != folded_address(other)


@pytest.mark.parametrize(
    ("address", "base", "whole"),
    [
        ("/en/x/", "https://mid.ru/en/y/1/", "https://mid.ru/en/x/"),
        ("../x", "https://mid.ru/en/y/z", "https://mid.ru/en/x"),
        ("//t.me/x", "https://mid.ru/", "https://t.me/x"),
        (" https://t.me/x ", "https://mid.ru/", "https://t.me/x"),
        ("/en/x/", None, "/en/x/"),
        ("http://[", "https://mid.ru/", "http://["),
    ],
)
def test_a_relative_address_is_followed_from_its_page(address: str, base: str | None, whole: str) -> None:
    assert resolved(address, base) == whole


def test_a_stored_copy_is_one_of_its_original() -> None:
    assert original("http://web.archive.org/web/2020/http://mid.ru/a") == "http://mid.ru/a"
    assert original("http://mid.ru/a") == "http://mid.ru/a"


@given(st.from_regex(r"https?://[a-zA-Z0-9.-]{1,20}(?:/[\w./~%-]{0,20})?(?:\?[\w=&%./-]{0,20})?", fullmatch=True))
def test_an_address_is_folded_alike_with_and_without_a_fragment(address: str) -> None:
    """Nearly all addresses are folded by a short way, and none with a fragment is."""
    assert folded_address(address) == folded_address(f"{address}#top")


PIECES = (
    *("https://", "http://", "//", "www.", "mid.ru", "t.me", "/", "en", "/c/", "1906578", "%", "%ff", "[", "]", ":"),
    *("@", "?lang=", "&", "#", "xn--", "..", "\ud800", "\0", "\n", "-/asset_publisher/cKNonkJE02Bw/content/id/"),
)
ADDRESSES = st.one_of(st.text(max_size=60), st.lists(st.sampled_from(PIECES), max_size=12).map("".join))


@settings(max_examples=200)
@given(ADDRESSES, ADDRESSES)
def test_no_address_whatsoever_is_an_error(address: str, base: str) -> None:
    page_of(address)
    telegram_post_of(address)
    resolved(address, base)
    assert canonical(canonical(address)) == canonical(address)
    folded_address(address).encode()
