-- Out: the temporary table due_description: the descriptions that only withheld words have, and that still show some.
create or replace temporary table due_description as
select description.description_sha256
from store.description as description
semi join (
  select reading.description_sha256
  from store.reading as reading
  semi join store.withheld_content using (content_sha256)
) as withheld using (description_sha256)
anti join (
  select reading.description_sha256
  from store.reading as reading
  anti join store.withheld_content using (content_sha256)
) as shown using (description_sha256)
where description.is_withheld is null;
