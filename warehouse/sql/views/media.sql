-- One row: one picture, file or other thing that is attached to one document in its current state.
create or replace view media as
select
  document_key,
  generate_subscripts(media_details, 1)::integer as number,
  unnest(media_details).kind as kind,
  unnest(media_details).name as name,
  unnest(media_details).mime_type as mime_type,
  unnest(media_details).size_bytes as size_bytes,
  unnest(media_details).address as address,
  unnest(media_details).is_held as came_with_form,
  unnest(media_details).width as width,
  unnest(media_details).height as height,
  unnest(media_details).duration_s as duration_s,
  unnest(media_details).caption as caption,
  ref
from (
  select
    version.document_key,
    version.ref,
    description.media_details
  from store.version as version
  inner join store.reading as reading using (extraction_key, position)
  inner join store.description as description using (description_sha256)
  where version.is_current and len(description.media_details) > 0
);

comment on view media is 'One row: one picture, file or other thing that is attached to one document in its current state.';
comment on column media.document_key is 'The document, see documents.';
comment on column media.number is 'Place among its media, from 1.';
comment on column media.kind is 'What it is: see terms, list media_kind.';
comment on column media.name is 'The publisher''s name of the file; null if it has none or the form does not carry it.';
comment on column media.mime_type is 'What the form says that its bytes are.';
comment on column media.size_bytes is 'Its size, by the form.';
comment on column media.address is 'URL, or path in the export, as the form has it.';
comment on column media.came_with_form is 'True where the form says that the bytes came with it; the archive keeps none of them.';
comment on column media.width is 'Width in pixels.';
comment on column media.height is 'Height in pixels.';
comment on column media.duration_s is 'Length in seconds.';
comment on column media.caption is 'Title, performer, place or alternative text, as printed.';
comment on column media.ref is 'Short name of the document''s current version, to cite.';
