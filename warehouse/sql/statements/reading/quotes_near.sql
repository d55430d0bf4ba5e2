-- In:  the temporary tables of quotes_asked and quotes_words; $numbers, the quotations that stand nowhere, and $most,
--      texts for one quotation.
-- Out: one row for each quotation and text that shares the most of its rare words, the likeliest first, with the newest
--      version that has the text.
with weighed as (
  select
    quotation_word.number,
    place.text_number,
    sum(1 / log(2 + quotation_word.word_count)) as weight
  from quotation_word
  inner join place using (word)
  where list_contains($numbers::integer[], quotation_word.number)
  group by
    quotation_word.number,
    place.text_number
),

best as (
  from weighed
  qualify row_number() over (partition by number order by weight desc, text_number) <= $most
)

select
  best.number,
  version.document_key,
  version.ref
from best
inner join searched using (text_number)
inner join store.version as version using (content_sha256)
qualify
  row_number() over (
    partition by best.number, best.text_number
    order by version.is_current desc, version.document_key, version.spell_number desc
  ) = 1
order by
  best.number,
  best.weight desc,
  version.document_key;
