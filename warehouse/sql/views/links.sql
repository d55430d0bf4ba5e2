-- One row: one link of one document in its current state.
create or replace view links as
with linked as (
  select
    version.document_key,
    version.ref,
    generate_subscripts(content.links, 1)::integer as number,
    unnest(content.links) as link
  from store.version as version
  inner join store.content as content using (content_sha256)
  where version.is_current and len(content.links) > 0
),

pointed as (
  select
    linked.*,
    regexp_extract(
      regexp_replace(link.address, '^https?://(www\.)?', ''),
      '^mid\.ru(?::[0-9]+)?/(ru|en|fr|de|es|pt|cn|ar)/(?:[a-z0-9_-]+/)+([0-9]{6,8})(?:/|$|\?|#)',
      ['lang', 'number']
    ) as page,
    regexp_extract(link.address, '[?&]lang=([a-z]{2})', 1) as asked_lang,
    regexp_extract(link.address, '^https?://(?:www\.)?mid\.ru/([a-z]{2})/.*content/id/([0-9]+)', ['lang', 'number']) as old_page,
    regexp_extract(link.address, '^https?://t(?:elegram)?\.me/(?:s/)?([A-Za-z][A-Za-z0-9_]{3,31})/([0-9]+)', ['name', 'number']) as post,
    regexp_extract(link.address, '^https?://t\.me/c/([0-9]+)/([0-9]+)', ['channel_id', 'number']) as closed_post
  from linked
),

targeted as (
  select
    pointed.*,
    case
      when page.number <> '' then 'mid:' || page.number || ':' || coalesce(nullif(asked_lang, ''), page.lang)
      when old_page.number <> '' then 'mid-lr:' || old_page.number || ':' || old_page.lang
      when closed_post.number <> '' then 'telegram:' || closed_post.channel_id || ':' || closed_post.number
      when named.channel_id is not null then 'telegram:' || named.channel_id || ':' || post.number
    end as target_key
  from pointed
  left join store.channel as named on lower(post.name) = named.username
)

select
  targeted.document_key,
  targeted.number,
  targeted.link.text as text,
  targeted.link.address as address,
  targeted.target_key,
  target.document_key is not null as target_is_held,
  targeted.ref
from targeted
left join store.document as target on targeted.target_key = target.document_key;

comment on view links is 'One row: one link of one document in its current state.';
comment on column links.document_key is 'The document, see documents.';
comment on column links.number is 'Place among its links, from 1.';
comment on column links.text is 'The words that bear the link.';
comment on column links.address is 'Where it leads, as the form has it.';
comment on column links.target_key is 'The document of the ministry or of a channel that it names; null for any other place.';
comment on column links.target_is_held is 'True where the archive holds that document.';
comment on column links.ref is 'Short name of the document''s current version, to cite.';
