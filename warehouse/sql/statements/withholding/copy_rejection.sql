-- Into the new file `anew`: all rejections, without the words of those that showed what was withheld.
insert into anew.store.rejection by name
select
  rejection.* replace (
    case when leaf.rejection_key is null then rejection.found else 'withheld' end as found,
    case when leaf.rejection_key is null then rejection.excerpt else '' end as excerpt
  )
from store.rejection as rejection
left join store.withheld_leaf as leaf using (rejection_key);
