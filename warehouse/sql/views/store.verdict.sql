-- What came of a request: see terms, list verdict. The same as flows.fetching.values.verdict_of.
-- In:  the answer's status, the request's failure, and why the answer's bytes are rejected as a whole; each may be null.
-- noqa: disable=layout.indent
create or replace macro store.verdict(http_status, failure, reason) as
  case
    when failure is not null or http_status is null then 'failed'
    when http_status = 200
      then case
        when reason is null then 'fetched'
        when reason = 'challenge_page' then 'challenged'
        when reason = 'not_found' then 'missing'
        else 'not_a_document'
      end
    when http_status = 304 then 'unchanged'
    when http_status in (404, 410) then 'missing'
    when http_status in (401, 403, 429) then 'refused'
    when http_status between 300 and 399 then 'moved'
    else 'failed'
  end;
