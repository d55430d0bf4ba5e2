"""Every form by name: what it writes, what it holds of the posts, and what it doesn't tell."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import MappingProxyType

from flows.input_facts import Input
from flows.inputs import Job
from flows.intake import take_in
from flows.pipeline import append_staged, close_run, opened_run
from tests.conftest import Desk
from tests.forms.desktop_html import desktop_html
from tests.forms.desktop_json import USUAL, desktop_json, desktop_json_2019
from tests.forms.dumps import PYROGRAM_ZONE, pyrogram, telethon
from tests.forms.made import CHANNEL_ID, USERNAME, MadePost
from tests.forms.preview import preview_pages
from tests.forms.tables import DECLARED, declared_table, four_cat, telegram_export, telegram_tracker, tg_archive
from warehouse.staging import SourceFacts

Posts = Sequence[MadePost]


@dataclass(frozen=True, slots=True)
class Form:
    """One form of a channel's posts."""

    name: str
    format: str
    files: Callable[[Posts], dict[str, bytes]]
    has_number: bool = True  # it tells the number of the channel
    has_services: bool = True
    time_zone: str | None = None  # what a person must say
    columns: str | None = None

    def held(self, posts: Posts) -> list[MadePost]:
        """Return what the form has of these posts."""
        return [post for post in posts if self.has_services or post.new_title is None]

    def source(self, captured_at: datetime | None = None, *, is_number_known: bool = True) -> SourceFacts:
        """Return the source of such an input."""
        return SourceFacts(
            self.name,
            language="en",
            channel=USERNAME.lower(),
            channel_id=CHANNEL_ID if is_number_known else None,
            time_zone=self.time_zone,
            columns=self.columns,
            captured_at=captured_at,
        )

    def job(
        self, folder: Path, posts: Posts, captured_at: datetime | None = None, *, is_number_known: bool = True
    ) -> Job:
        """Write the posts below a folder, and return the job that takes them in."""
        inputs = []
        for name, data in self.files(posts).items():
            path = folder / self.name / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
            inputs.append(Input(f"{folder.name}/{self.name}/{name}", path))
        source = self.source(captured_at, is_number_known=is_number_known)
        return Job(source, tuple(inputs), time_basis="operator" if captured_at else "registry")


def _pages(posts: Posts) -> dict[str, bytes]:
    return {f"{number}.html": page for number, page in enumerate(preview_pages(posts), 1)}


def _one(name: str, write: Callable[[Posts], bytes]) -> Callable[[Posts], dict[str, bytes]]:
    return lambda posts: {name: write(posts)}


_ALL = (
    Form("desktop_json", "telegram_desktop_json", _one("result.json", desktop_json)),
    Form("desktop_json_2019", "telegram_desktop_json", _one("result.json", desktop_json_2019), time_zone=USUAL.zone),
    Form("desktop_html", "telegram_desktop_html", desktop_html, has_number=False),
    Form("preview", "telegram_preview", _pages),
    Form("telethon", "telethon", _one("posts.jsonl", telethon)),
    Form("pyrogram", "pyrogram", _one("posts.json", pyrogram), time_zone=PYROGRAM_ZONE),
    Form("four_cat", "post_table", _one("4cat.csv", four_cat), has_number=False, has_services=False),
    Form(
        "declared",
        "post_table",
        _one("posts.csv", declared_table),
        has_number=False,
        has_services=False,
        columns=DECLARED,
    ),
    Form("tracker", "post_table", _one("msgs.csv", telegram_tracker), has_services=False),
    Form("tg_archive", "post_database", _one("data.sqlite", tg_archive), has_number=False, has_services=False),
    Form("telegram_export", "post_database", _one("export.db", telegram_export)),
)
FORMS = MappingProxyType({form.name: form for form in _ALL})


def ingest_in_batches(desk: Desk, *batches: Sequence[Job]) -> list[str]:
    """Take in each batch by an append of its own, publish once, and return what was wrong."""
    run = desk.run()
    with opened_run(run, [job for batch in batches for job in batch]):
        for batch in batches:
            for job in batch:
                take_in(run, job)
            append_staged(run)
        report = close_run(run)
    return [*report.problems, *(line for source in report.sources for line in source.problems)]
