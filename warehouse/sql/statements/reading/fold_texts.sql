-- In:  $texts.
-- Out: each of them folded, in their order.
select store.folded(unnest($texts::varchar[]));
