-- In:  the temporary tables of quotes_asked and quotes_words; $most, documents for one quotation.
-- Out: one row for each quotation and document in which it stands, the likeliest first: the one that is named, the one
--      of the day that is named, where it stands as it is and not with omissions, the earliest.
with sought as (
  select
    number,
    count(*) as sought_count
  from quotation_word
  where missing_count = 0 and rarity <= 3
  group by number
),

candidate as (
  select
    quotation_word.number,
    place.text_number
  from quotation_word
  inner join place using (word)
  inner join sought using (number)
  where quotation_word.rarity <= 3
  group by
    quotation_word.number,
    place.text_number
  having count(*) = any_value(sought.sought_count)
),

folded as materialized (
  select
    searched.text_number,
    searched.content_sha256,
    store.folded(concat_ws(chr(10), content.title, content.text)) as words
  from searched
  inner join store.content as content using (content_sha256)
  semi join candidate using (text_number)
),

compared as materialized (
  select
    candidate.number,
    folded.content_sha256,
    quotation.bounded as wanted,
    quotation.gapped,
    store.bounded(folded.words) as words
  from candidate
  inner join quotation using (number)
  inner join folded using (text_number)
  where list_bool_and(list_transform(quotation.parts, lambda part: contains(folded.words, part)))
),

standing as (
  select
    number,
    content_sha256,
    contains(words, wanted) as is_whole
  from compared
  where contains(words, wanted) or words like gapped escape '\'
),

placed as (
  select
    standing.number,
    version.document_key,
    list(distinct version.ref) as refs,
    bool_or(standing.is_whole) as is_whole
  from standing
  inner join store.version as version using (content_sha256)
  group by
    standing.number,
    version.document_key
)

select
  placed.number,
  placed.document_key,
  placed.refs,
  placed.is_whole,
  count(*) over (partition by placed.number)::integer as document_count
from placed
inner join documents using (document_key)
inner join quotation on placed.number = quotation.number
qualify
  row_number() over (
    partition by placed.number
    order by
      coalesce(placed.document_key = quotation.document_key, false) desc,
      coalesce(documents.published_date = quotation.day, false) desc,
      placed.is_whole desc,
      documents.sort_date nulls last,
      placed.document_key
  ) <= $most
order by
  placed.number,
  coalesce(placed.document_key = quotation.document_key, false) desc,
  coalesce(documents.published_date = quotation.day, false) desc,
  placed.is_whole desc,
  documents.sort_date nulls last,
  placed.document_key;
