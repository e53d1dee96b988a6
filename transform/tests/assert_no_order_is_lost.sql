-- Every order of the staging layer is in the marts, with all of its lines.
select staged.store_id, staged.order_id
from {{ ref('stg_ecwid__orders') }} as staged
left join {{ ref('orders') }} as orders
  on orders.store_id = staged.store_id and orders.order_id = staged.order_id
left join {{ ref('order_lines') }} as lines on lines.order_key = orders.order_key
group by staged.store_id, staged.order_id, orders.order_key, orders.line_count
having orders.order_key is null or orders.line_count <> count(lines.order_line_key)
