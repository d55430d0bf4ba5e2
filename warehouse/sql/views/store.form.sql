-- One row: one format, how far its text is trusted beside other forms of the same document, and what it lacks.
create or replace view store.form as
select
  format,
  form,
  trust,
  lost_in_form
from (
  values
  ('mid_page_text', 'rendered text', 10, ['id', 'links', 'media', 'attachments', 'number']),
  (
    'channel_dump',
    'text dump',
    10,
    [
      'paragraphs',
      'links',
      'bold and italics',
      'id',
      'date',
      'edit mark',
      'media',
      'views',
      'reactions',
      'name of the channel',
      'posts without text',
      'headers of own posts'
    ]
  )
) as forms (format, form, trust, lost_in_form);
