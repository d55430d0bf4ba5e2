-- Out: whether anything was withheld.
select exists (from store.withholding) as is_any;
