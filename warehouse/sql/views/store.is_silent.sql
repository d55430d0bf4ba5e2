-- True where an edit left no trace that the source itself shows: of a page, the printed date is as it was; of a post, no
-- mark of an edit, or one of before the change. Null where the form carries neither, and where the mark of an earlier edit
-- can't tell of another.
-- In:  the medium; date line, edit mark and time of the last edit as shown before and after; the last look before.
-- noqa: disable=layout.indent
create or replace macro store.is_silent(
  medium, dated_before, dated_after, marked_before, marked_after, edited_before, edited_after, changed_after
) as
  case
    when medium = 'page' then dated_before = dated_after
    when edited_after is not null then edited_after <= coalesce(edited_before, changed_after)
    when not marked_after then true
    when not marked_before then false
  end;
