-- The number of the last append that the archive held at an instant; 0 before the first.
-- noqa: disable=layout.indent
create or replace macro store.append_at(instant) as
  (
    select coalesce(max(append_number), 0)
    from store.append
    where recorded_at <= instant
  );
