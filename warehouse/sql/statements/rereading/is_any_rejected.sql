-- In:  $source_keys and $reasons, null for all.
-- Out: whether anything was ever so rejected: asked before what takes long to plan.
select exists (
  from store.rejection
  where
    ($source_keys is null or list_contains($source_keys, source_key))
    and ($reasons is null or list_contains($reasons, reason))
) as is_any;
