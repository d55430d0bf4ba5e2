-- Out: one row: whether anything was ever asked for.
select exists(select request.asked_at from store.request as request) as is_any;
