"""Loads of an export with dlt into DuckDB, versioned by its `scd2` merge; it needs nothing of the project.

Each line of standard input is one load; the answer is its seconds: decoding the file and running the pipeline.
"""

import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dlt
import orjson


def load(folder: Path, export: Path, *, is_tuned: bool) -> float:
    """Return the seconds that a load takes into the folder's database.

    As dlt comes, lists become tables of their own. Tuned, they stay JSON and rows go by Parquet, the fastest way found.
    """
    began = time.perf_counter()
    messages = orjson.loads(export.read_bytes())["messages"]

    @dlt.resource(
        name="posts",
        write_disposition={"disposition": "merge", "strategy": "scd2"},
        primary_key="id",
        max_table_nesting=0 if is_tuned else None,
    )
    def posts() -> Iterator[list[dict[str, Any]]]:
        yield messages

    pipeline = dlt.pipeline(
        pipeline_name=f"bench_{folder.name}",
        pipelines_dir=str(folder / "pipelines"),
        destination=dlt.destinations.duckdb(str(folder / "posts.duckdb")),
        dataset_name="channel",
    )
    pipeline.run(posts(), loader_file_format="parquet" if is_tuned else None)
    return time.perf_counter() - began


def main() -> None:
    """Do one load for each line."""
    for line in sys.stdin:
        asked = json.loads(line)
        folder = Path(asked["folder"])
        folder.mkdir(exist_ok=True)
        print(json.dumps(load(folder, Path(asked["export"]), is_tuned=asked["is_tuned"])), flush=True)


if __name__ == "__main__":
    main()
