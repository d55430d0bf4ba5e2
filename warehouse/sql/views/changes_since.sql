-- The changes that the archive learned of at an instant or later.
-- In:  an instant.
-- Out: the columns of changes.
create or replace macro changes_since(instant) as table
select *
from store.changes_in(
  (select min(append_number) from store.append where recorded_at >= instant),
  2147483647
);
