-- Out: the public macros with what goes in, and what they give.
select
  function_name || '(' || array_to_string(parameters, ', ') || ')' as view_name,
  any_value(regexp_replace(comment, '^[^:]*: ', '')) as comment
from duckdb_functions()
where schema_name = 'main' and function_type = 'table_macro' and not internal
group by view_name
order by view_name;
