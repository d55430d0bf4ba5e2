-- In:  $contents, hashes of words.
-- Out: refs of other words with the same letters and digits, such as another form's of the same version, not withheld yet.
select ref.ref
from store.ref as ref
inner join store.content as content using (content_sha256)
where
  content.word_count > 0
  and content.withheld is null
  and not list_contains($contents, ref.content_sha256)
  and content.letters_sha256 in (
    select letters_sha256
    from store.content
    where list_contains($contents, content_sha256) and word_count > 0
  )
order by ref.ref;
