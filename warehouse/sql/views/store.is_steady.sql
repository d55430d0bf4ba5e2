-- Whether a document is steady, by all looks at it: every look shows it, in the same words, and the looks are all of known time
-- or all of unknown time. Nearly all documents are.
-- In:  of its looks, grouped by document: is_absence, content_sha256 and captured_at.
-- noqa: disable=layout.indent
create or replace macro store.is_steady(absences, words, instants) as
  not bool_or(absences)
  and min(words) = max(words)
  and count(instants) in (0, count(*));
