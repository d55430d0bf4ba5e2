-- In:  the temporary table quotation.
-- Out: temporary tables: searched, one row for each text of a version, with its title where that stands apart;
--      quotation_word, the rarest words of each quotation that stand somewhere, rarest first, and how many it has that
--      stand nowhere; place, which of these words stand in which text.
-- All texts are cut at spaces twice; what is slow, to fold, is done once for each different piece between spaces.
create or replace temporary table searched as
select
  row_number() over (order by content_sha256)::integer as text_number,
  content_sha256
from (
  select distinct content_sha256
  from store.version
);

create or replace temporary table piece as
select
  piece,
  count(*) as piece_count
from (
  select unnest(string_split(replace(concat_ws(' ', content.title, content.text), chr(10), ' '), ' ')) as piece
  from searched
  inner join store.content as content using (content_sha256)
)
group by piece;

create or replace temporary table quotation_word as
with split as (
  select
    number,
    unnest(list_distinct(regexp_extract_all(lower(folded), '[\p{L}\p{N}\p{M}]+'))) as word
  from quotation
),

spelled as (
  select
    piece,
    piece_count,
    unnest(list_distinct(regexp_extract_all(lower(store.folded(piece)), '[\p{L}\p{N}\p{M}]+'))) as word
  from piece
),

wanted as (
  select
    spelled.word,
    sum(spelled.piece_count) as word_count,
    list(spelled.piece) as pieces
  from spelled
  semi join split using (word)
  group by spelled.word
),

ranked as (
  select
    split.number,
    split.word,
    wanted.word_count,
    wanted.pieces,
    row_number() over (
      partition by split.number order by wanted.word_count nulls last, length(split.word) desc, split.word
    ) as rarity,
    count(*) filter (where wanted.word is null) over (partition by split.number) as missing_count
  from split
  left join wanted using (word)
),

common as (
  select greatest(1000, count(*) / 20) as least_count
  from searched
)

select
  ranked.number,
  ranked.word,
  ranked.word_count,
  ranked.pieces,
  ranked.rarity,
  ranked.missing_count
from ranked
cross join common
where
  ranked.word_count is not null
  and (ranked.rarity <= 3 or (ranked.rarity <= 8 and ranked.word_count <= common.least_count));

create or replace temporary table place as
with wanted as (
  select distinct
    word,
    unnest(pieces) as piece
  from quotation_word
),

stood as (
  select
    searched.text_number,
    unnest(string_split(replace(concat_ws(' ', content.title, content.text), chr(10), ' '), ' ')) as piece
  from searched
  inner join store.content as content using (content_sha256)
)

select distinct
  stood.text_number,
  wanted.word
from stood
inner join wanted using (piece);
