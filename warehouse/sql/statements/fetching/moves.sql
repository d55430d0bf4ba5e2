-- Out: one row for each address whose newest answer leads to another: when it came, and its headers, which say where to.
select
  capture.locator,
  max(request.asked_at) as asked_at,
  arg_max_null(request.headers, request.asked_at) as headers
from store.request as request
inner join store.capture as capture using (capture_key)
inner join store.transport as transport using (capture_key)
group by capture.locator
having arg_max_null(transport.http_status, request.asked_at) in (301, 302, 303, 307, 308)
order by capture.locator;
