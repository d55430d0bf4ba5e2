-- In:  $since, null for the beginning.
-- Out: one row for each host that was asked since then: how often, what came of it, when first and last, and what it said the
--      last time that it would not have us.
select
  lower(regexp_extract(locator, '^[a-z]+://([^/?#:]+)', 1, 'i')) as host,
  count(*) as asked_count,
  count(*) filter (where verdict = 'fetched') as fetched_count,
  count(*) filter (where verdict = 'unchanged') as unchanged_count,
  count(*) filter (where verdict = 'moved') as moved_count,
  count(*) filter (where verdict = 'missing') as missing_count,
  count(*) filter (where verdict = 'not_a_document') as not_a_document_count,
  count(*) filter (where verdict = 'challenged') as challenged_count,
  count(*) filter (where verdict = 'refused') as refused_count,
  count(*) filter (where verdict = 'failed') as failed_count,
  min(asked_at) as first_asked_at,
  max(asked_at) as last_asked_at,
  arg_max(verdict, asked_at) filter (where verdict in ('challenged', 'refused')) as last_stop,
  max(asked_at) filter (where verdict in ('challenged', 'refused')) as last_stopped_at
from captures
where verdict is not null and ($since::timestamptz is null or asked_at >= $since::timestamptz)
group by host
order by host;
