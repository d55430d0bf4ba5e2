-- One row: one format, how far its text is trusted beside other forms of the same document, and what it lacks.
create or replace view store.form as
select
  format,
  form,
  trust,
  lost_in_form
from (
  values
  ('mid_page_text', 'rendered text', 10, ['links', 'media', 'attachments', 'id']),
  ('channel_dump', 'text dump', 10, ['links', 'media', 'paragraphs', 'id', 'date'])
) as forms (format, form, trust, lost_in_form);
