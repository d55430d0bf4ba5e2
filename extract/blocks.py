"""The body of a page in markup as lines: what a browser would show, one line for each paragraph, row or item.

White space of the markup is folded as a browser folds it; a no-break space is a sign of its own and stays. Knows which
element a line stands in, and nothing of how style sheets change what is shown.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from selectolax.lexbor import LexborNode

from extract.addresses import folded_address, resolved
from extract.markup import SILENT
from extract.model import Block, Link, Media, MediaKind

SOFT_HYPHEN = "\u00ad"
_SPACES = re.compile(r"[ \t\n\r\f]+")
_CENTRED = re.compile(r"(?i)text-align\s*:\s*center")
_HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
_BLOCK_OF = {"li": Block.LIST_ITEM, "dt": Block.LIST_ITEM, "dd": Block.LIST_ITEM, "blockquote": Block.QUOTATION}
_BLOCK_OF |= {"pre": Block.CODE} | dict.fromkeys(_HEADINGS, Block.HEADING)
# Elements that begin and end a line.
_BREAKING = frozenset(
    (
        *("p", "div", "section", "article", "header", "footer", "main", "nav", "aside", "address", "center", "hgroup"),
        *("ul", "ol", "dl", "form", "fieldset", "legend", "figure", "figcaption", "details", "summary", "hr"),
        *("table", "caption", "thead", "tbody", "tfoot", "tr", "td", "th", *_BLOCK_OF),
    )
)
_CENTRED_TAGS = frozenset(("p", "div", "center"))
_FILM = frozenset(("iframe", "video", "embed", "object"))
_SHOWN = _FILM | {"img", "audio"}
_FILE = re.compile(r"(?i)\.(?:pdf|docx?|rtf|odt|xlsx?|ods|csv|pptx?|zip|rar|7z|epub|djvu|txt)$")
_DOWNLOADS = re.compile(r"(?i)/(?:download|documents/\d+/|upload/|files?/)")
_NO_FILE = re.compile(r"(?i)\.(?:s?html?|php|aspx?|nsf|jpe?g|png|gif|webp|svg)$|/$")
_NO_LINK = ("#", "javascript:", "data:", "about:")
_MOST_CELLS = 2_000  # of a row; what follows is added to the last one
_MOST_NESTED_LINKS = 4  # browsers allow none in another, and a table in a link gets round that


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a body."""

    text: str  # never empty
    block: Block
    is_centred: bool = False
    is_inner_link: bool = False  # a link to a place on the same page stands in it


@dataclass(frozen=True, slots=True)
class Body:
    """What stands in a body."""

    lines: tuple[Line, ...]
    links: tuple[Link, ...]
    media: tuple[Media, ...]
    soft_hyphen_count: int


def folded(text: str) -> str:
    """Return a text as a browser shows it on one line: white space of the markup folded, no soft hyphens."""
    return _SPACES.sub(" ", text.replace(SOFT_HYPHEN, "")).strip()


def body_of(nodes: list[LexborNode], address: str | None) -> Body:
    """Return the lines, links and media of a body that may stand in several elements; `address` is the page's.

    An item of a list that is itself a part of the body counts as no item.
    """
    writer = _Writer(address)
    for node in nodes:
        item_id = node.mem_id if node.tag == "li" else None
        for current, is_end in _steps(node):
            if item_id is not None and current.mem_id == item_id:
                continue
            if is_end:
                writer.end(current)
            elif current.tag == "-text":
                writer.text(current.text_content or "")
            else:
                writer.begin(current)
        writer.close()
    return Body(tuple(writer.lines), tuple(writer.links), tuple(writer.media), writer.soft_hyphen_count)


def _steps(root: LexborNode) -> Iterator[tuple[LexborNode, bool]]:
    """Yield a node and all below it in the order of the page, elements also when they end; no scripts and the like."""
    path: list[LexborNode] = []
    current: LexborNode | None = root
    while current is not None:
        tag = current.tag or "-"
        child = None
        if tag == "-text":
            yield current, False
        elif not tag.startswith("-") and (tag not in SILENT or tag in _FILM):
            yield current, False
            child = None if tag in SILENT else current.first_child
            if child is not None:
                path.append(current)
            else:
                yield current, True
        if child is None:
            child = current.next if path else None
            while child is None and path:
                last = path.pop()
                yield last, True
                child = last.next if path else None
        current = child


@dataclass(slots=True)
class _Table:
    """A table that is being read. One with a table inside, or with a single cell, only lays out what stands in it."""

    rows: list[list[list[Line]] | Line] = field(default_factory=list)
    is_in_cell: bool = False
    is_layout: bool = False
    cell_count: int = 0


@dataclass(slots=True)
class _List:
    """A list that is being read."""

    is_numbered: bool
    number: int  # of its last item


@dataclass(slots=True)
class _Anchor:
    """A link whose text is being read."""

    node_id: int
    address: str
    is_inner: bool
    piece_count: int  # pieces of text before it
    text: list[str] = field(default_factory=list)  # of lines that ended inside it


class _Writer:
    """Takes the nodes of a body one after another and writes its lines."""

    def __init__(self, address: str | None) -> None:
        self.lines: list[Line] = []
        self.links: list[Link] = []
        self.media: list[Media] = []
        self.soft_hyphen_count = 0
        self._address = address
        self._folded_address = None if address is None else folded_address(address)
        self._pieces: list[str] = []
        self._blocks: list[Block] = []
        self._centred_count = 0
        self._tables: list[_Table] = []
        self._lists: list[_List] = []
        self._anchors: list[_Anchor] = []
        self._has_inner_link = False
        self._is_item_empty = False

    def text(self, text: str) -> None:
        """Take a piece of text."""
        if SOFT_HYPHEN in text:
            self.soft_hyphen_count += text.count(SOFT_HYPHEN)
            text = text.replace(SOFT_HYPHEN, "")
        if Block.CODE in self._blocks[-1:]:
            first, *rest = text.split("\n")
            self._pieces.append(first)
            for line in rest:
                self._end_line()
                self._pieces.append(line)
        else:
            self._pieces.append(text)

    def begin(self, node: LexborNode) -> None:
        """Take the beginning of an element."""
        tag = node.tag or ""
        if tag == "br":
            self._end_line()
        elif tag in _BREAKING:
            self._end_line()
            self._begin_block(tag, node)
        elif tag == "a":
            self._begin_link(node)
        elif tag in _SHOWN:
            self._take_media(tag, node)

    def end(self, node: LexborNode) -> None:
        """Take the end of an element."""
        tag = node.tag or ""
        if tag in _BREAKING:
            self._end_line()
            self._end_block(tag, node)
        elif tag == "a" and self._anchors and self._anchors[-1].node_id == node.mem_id:
            self._end_link()

    def close(self) -> None:
        """Take the end of the body's element."""
        self._end_line()

    def _begin_block(self, tag: str, node: LexborNode) -> None:
        if tag in _CENTRED_TAGS:
            self._centred_count += _is_centred(tag, node)
        elif tag in ("ul", "ol"):
            self._lists.append(_List(tag == "ol", _number(node.attributes.get("start"), 1) - 1))
        elif tag == "li":
            self._begin_item(node)
        elif tag in ("table", "tr", "td", "th"):
            self._begin_table_part(tag)
        if tag in _BLOCK_OF:
            self._blocks.append(_BLOCK_OF[tag])

    def _end_block(self, tag: str, node: LexborNode) -> None:
        if tag in _CENTRED_TAGS:
            self._centred_count -= _is_centred(tag, node)
        elif tag in ("ul", "ol") and self._lists:
            self._lists.pop()
        elif tag == "li" and self._is_item_empty:
            self._number_empty_item()
        elif tag == "table" and self._tables:
            self._end_table(self._tables.pop())
        elif tag in ("td", "th") and self._tables:
            self._tables[-1].is_in_cell = False
        if tag in _BLOCK_OF and self._blocks:
            self._blocks.pop()

    def _begin_item(self, node: LexborNode) -> None:
        self._is_item_empty = True
        if self._lists:
            self._lists[-1].number = _number(node.attributes.get("value"), self._lists[-1].number + 1)

    def _number_empty_item(self) -> None:
        """Write the number of an item without text in a table's cell: tables are numbered with such items."""
        self._is_item_empty = False
        is_in_cell = bool(self._tables) and self._tables[-1].is_in_cell and not self._tables[-1].is_layout
        if is_in_cell and self._lists and self._lists[-1].is_numbered:
            self._write(Line(f"{self._lists[-1].number}.", Block.LIST_ITEM))

    def _begin_table_part(self, tag: str) -> None:
        if tag == "table":
            if self._tables and not self._tables[-1].is_layout:
                self._lay_out(self._tables[-1])
            self._tables.append(_Table())
        elif self._tables and not self._tables[-1].is_layout:
            table = self._tables[-1]
            if tag == "tr":
                table.rows.append([])
            elif table.rows and isinstance(row := table.rows[-1], list) and len(row) < _MOST_CELLS:
                row.append([])
                table.cell_count += 1
                table.is_in_cell = True

    def _end_table(self, table: _Table) -> None:
        if table.is_layout:
            return
        if table.cell_count <= 1:
            self._lay_out(table)
            return
        for row in table.rows:
            if isinstance(row, Line):
                self.lines.append(row)
                continue
            cells = [" ".join(line.text for line in cell) for cell in row]
            if any(cells):
                is_inner_link = any(line.is_inner_link for cell in row for line in cell)
                self.lines.append(Line("\t".join(cells), Block.TABLE_ROW, is_inner_link=is_inner_link))

    def _lay_out(self, table: _Table) -> None:
        """Write what a table holds so far as lines of their own, and all that follows in it too."""
        table.is_layout = True
        for row in table.rows:
            self.lines.extend([row] if isinstance(row, Line) else [line for cell in row for line in cell])
        table.rows.clear()

    def _begin_link(self, node: LexborNode) -> None:
        href = (node.attributes.get("href") or "").strip()
        if href and len(self._anchors) < _MOST_NESTED_LINKS:
            is_place = href.startswith("#")
            address = href if is_place else resolved(href, self._address)
            is_inner = is_place or ("#" in address and folded_address(address) == self._folded_address)
            self._anchors.append(_Anchor(node.mem_id, address, is_inner, len(self._pieces)))

    def _end_link(self) -> None:
        anchor = self._anchors.pop()
        text = folded("".join([*anchor.text, *self._pieces[anchor.piece_count :]]))
        if anchor.is_inner:
            self._has_inner_link = self._has_inner_link or bool(text)
            return
        if anchor.address.lower().startswith(_NO_LINK):
            return
        self.links.append(Link(text, anchor.address))
        name = _file_name(anchor.address)
        if name is not None:
            self.media.append(Media(MediaKind.DOCUMENT, name=name, address=anchor.address, caption=text or None))

    def _take_media(self, tag: str, node: LexborNode) -> None:
        source = _source(node)
        address = None if source is None else resolved(source, self._address)
        if tag == "img":
            caption = folded(node.attributes.get("alt") or "") or None
            self.media.append(Media(MediaKind.PHOTO, address=address, caption=caption))
        else:
            kind = MediaKind.AUDIO if tag == "audio" else MediaKind.VIDEO
            caption = folded(node.attributes.get("title") or "") or None
            self.media.append(Media(kind, address=address, caption=caption))

    def _end_line(self) -> None:
        if not self._pieces:
            return
        for anchor in self._anchors:
            anchor.text.extend([*self._pieces[anchor.piece_count :], " "])
            anchor.piece_count = 0
            self._has_inner_link = self._has_inner_link or anchor.is_inner
        text = _SPACES.sub(" ", "".join(self._pieces)).strip()
        if Block.CODE in self._blocks[-1:]:
            text = "".join(self._pieces).rstrip()
        self._pieces.clear()
        if text:
            block = self._blocks[-1] if self._blocks else Block.PARAGRAPH
            self._is_item_empty = False
            self._write(Line(text, block, self._centred_count > 0, self._has_inner_link))
        self._has_inner_link = False

    def _write(self, line: Line) -> None:
        table = self._tables[-1] if self._tables else None
        if table is None or table.is_layout:
            self.lines.append(line)
        elif table.is_in_cell and table.rows and isinstance(row := table.rows[-1], list):
            row[-1].append(line)
        else:
            table.rows.append(line)


def _is_centred(tag: str, node: LexborNode) -> bool:
    if tag == "center":
        return True
    attributes = node.attributes
    if not attributes:
        return False
    style, align = attributes.get("style") or "", attributes.get("align") or ""
    return align.lower() == "center" or _CENTRED.search(style) is not None


def _number(printed: str | None, otherwise: int) -> int:
    digits = (printed or "").strip()
    return int(digits) if re.fullmatch(r"-?[0-9]{1,9}", digits) else otherwise


def _source(node: LexborNode) -> str | None:
    """Address of what is shown; none of what stands in the page itself, as browsers save it."""
    names = ("src", "data-src", "data")
    places = (
        [node]
        if node.tag not in {"video", "audio"}
        else [node, *(child for child in node.iter() if child.tag == "source")]
    )
    for place in places:
        for name in names:
            address = (place.attributes.get(name) or "").strip()
            if address and not address.lower().startswith(("data:", "about:", "blob:")):
                return address
    return None


def _file_name(address: str) -> str | None:
    """Name of the file that a link leads to; None where it leads to a page."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return None
    path = parts.path
    if parts.scheme not in ("", "http", "https", "ftp"):
        return None
    names = [name for name in unquote(path).split("/") if name]
    files = [name for name in names if _FILE.search(name) is not None]
    if files:  # the old portal puts an id after the name
        return files[-1]
    is_file = bool(names) and _DOWNLOADS.search(path) is not None and _NO_FILE.search(path) is None
    return names[-1] if is_file else None
