-- One row: one version of one document, see store.version_in.
-- The looks are named here, since in what is made of them they stand three times, so that DuckDB plans them once: 1.5 plans what
-- lies beneath each window twice (duckdb#25373), and a dozen windows stand one above the other.
-- noqa: disable=structure.unused_cte
create or replace view store.version as
with looked as (
  select *
  from store.look
)

select *
from store.version_in('looked');
