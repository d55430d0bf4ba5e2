-- One row: one format, how far its text is trusted beside other forms of the same document, and what it lacks.
create or replace view store.form as
select
  format,
  form,
  trust,
  lost_in_form
from (
  values
  ('telethon', 'API JSON', 60, ['the names of channels', 'whether the dump is complete']),
  (
    'telegram_desktop_json',
    'Desktop JSON',
    55,
    [
      'views',
      'number of forwards and of replies',
      'id and date of a forwarded post',
      'which posts make up an album',
      'previews of links',
      'username'
    ]
  ),
  ('post_database', 'database', 50, ['links', 'bold and italics', 'media', 'reactions']),
  ('pyrogram', 'Pyrogram JSON', 50, ['the zone of its dates', 'whether an edit shows a mark', 'whether the dump is complete']),
  ('mid_page_html', 'page HTML', 40, ['attachments'' bytes']),
  (
    'telegram_preview',
    'web preview',
    40,
    [
      'time of the last edit',
      'date of a forwarded post''s original',
      'exact views',
      'forwards',
      'replies',
      'votes of a poll',
      'files',
      'custom emoji',
      'texts of the further posts of an album',
      'posts that the page leaves out'
    ]
  ),
  (
    'telegram_desktop_html',
    'Desktop HTML',
    30,
    [
      'id of the channel',
      'username of the channel',
      'edit mark',
      'views',
      'forwards',
      'albums',
      'zone in summer',
      'dates of service messages',
      'ids of origins',
      'link previews',
      'rounded sizes of files'
    ]
  ),
  ('page_table', 'table of pages', 20, ['paragraphs', 'links', 'media', 'printed date']),
  ('post_table', 'table of posts', 20, ['links', 'bold and italics', 'media', 'reactions']),
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
  ),
  ('mid_page_text', 'rendered text', 10, ['id', 'links', 'media', 'attachments', 'number'])
) as forms (format, form, trust, lost_in_form);
