-- Out: what the archive holds, in one row.
select
  (select count(distinct document_key) from store.version) as document_count,
  (select count(*) from store.version) as version_count,
  (
    select lower(hex(head))
    from store.append
    order by append_number desc
    limit 1
  ) as head;
