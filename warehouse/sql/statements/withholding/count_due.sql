-- In:  due_description, see withholding/due_descriptions.
-- Out: how many words, descriptions and rejections still show what was withheld.
select
  (
    select count(*)
    from store.content
    semi join store.withheld_content using (content_sha256)
    where withheld is null
  ) as content_count,
  (select count(*) from due_description) as description_count,
  (
    select count(*)
    from store.rejection
    semi join store.withheld_leaf using (rejection_key)
    where found <> 'withheld'
  ) as rejection_count;
