-- A folded text in which every mark and blank stands apart, so that what is looked for between blanks cuts no word.
-- noqa: disable=layout.indent
create or replace macro store.bounded(folded) as
  ' ' || trim(regexp_replace(folded, '([^\p{L}\p{N}\p{M}])', ' \1 ', 'g')) || ' ';
