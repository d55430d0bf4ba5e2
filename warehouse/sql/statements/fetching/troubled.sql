-- In:  $since, some days ago; $source_keys, the sources that ought to be asked, null for all that were asked since then.
-- Out: one row for each trouble that began before then and has no end: a host that does nothing but refuse, show challenges and
--      fail; a source whose listing, feed or channel page leads to nothing; a source none of whose documents can be had; a
--      source that is not asked any more. Nothing is told of a source whose host is in trouble. A redirect and an
--      address that is not asked say nothing; robots.txt speaks only against its host. Older than a month counts no more.
with request as materialized (
  select
    lower(regexp_extract(locator, '^[a-z]+://([^/?#:]+)', 1, 'i')) as host,
    source_key,
    locator,
    purpose,
    verdict,
    asked_at
  from captures
  where
    asked_at > $since::timestamptz - interval 30 days
    and verdict <> 'moved'
    and coalesce(failure, '') <> 'refused_address'
),

-- What each request says of whom.
word as (
  select
    'host' as subject,
    host as name,
    host,
    locator,
    verdict,
    asked_at,
    verdict not in ('challenged', 'refused', 'failed') as is_good
  from request
  where purpose <> 'robots' or verdict in ('challenged', 'refused', 'failed')
  union all
  select
    if(purpose in ('page', 'post'), 'documents', 'source') as subject,
    source_key as name,
    host,
    locator,
    verdict,
    asked_at,
    verdict in ('fetched', 'unchanged') or (verdict = 'missing' and purpose in ('page', 'post')) as is_good
  from request
  where purpose <> 'robots' and ($source_keys::varchar[] is null or source_key in (select unnest($source_keys::varchar[])))
),

standing as (
  select
    subject,
    name,
    arg_max(host, asked_at) as host,
    max(asked_at) as last_asked_at,
    max(asked_at) filter (where is_good) as last_good_at
  from word
  group by subject, name
),

bad as materialized (
  select
    word.subject,
    word.name,
    min(word.asked_at) as began_at,
    count(*) as request_count,
    count(distinct word.locator) as address_count,
    arg_max(word.verdict, word.asked_at) as verdict
  from word
  inner join standing using (subject, name)
  where not word.is_good and word.asked_at > coalesce(standing.last_good_at, timestamptz '1970-01-01 00:00:00+00')
  group by word.subject, word.name
),

troubled as (
  select
    standing.subject,
    standing.name,
    standing.host,
    -- Nothing was asked since then.
    if(standing.last_asked_at <= $since::timestamptz, 'not_asked', bad.verdict) as verdict,
    if(standing.last_asked_at <= $since::timestamptz, standing.last_asked_at, bad.began_at) as began_at,
    if(standing.last_asked_at <= $since::timestamptz, 0, bad.request_count) as request_count,
    standing.last_good_at
  from standing
  left join bad using (subject, name)
  where
    (
      bad.began_at <= $since::timestamptz
      and standing.last_asked_at > $since::timestamptz
      and (standing.subject <> 'documents' or bad.address_count >= 3) -- one or two are a fault of their own
    )
    or (
      standing.last_asked_at <= $since::timestamptz
      and standing.subject = 'source'
      and $source_keys::varchar[] is not null
    )
)

select
  subject,
  name,
  verdict,
  began_at,
  request_count,
  last_good_at
from troubled
where
  subject = 'host'
  or host not in (
    select bad.name
    from bad
    where bad.subject = 'host'
  )
order by
  subject = 'host' desc,
  name,
  subject;
