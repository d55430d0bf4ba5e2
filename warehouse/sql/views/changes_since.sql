-- The changes that the archive learned of at an instant or later.
-- In:  an instant.
-- Out: the columns of changes.
-- noqa: disable=layout.indent
create or replace macro changes_since(instant) as table
select *
from store.changes_in(
  (
    select min(append_number)
    from store.append
    where recorded_at >= instant
  ),
  2147483647
);

-- noqa: disable=PRS
comment on macro table changes_since is 'changes_since(instant): the changes that the archive learned of at an instant or later, with the columns of changes.';
