-- The refunds add up to those of the orders.
select orders.order_key, orders.refunded, sum(refunds.amount) as of_refunds
from {{ ref('orders') }} as orders
left join {{ ref('refunds') }} as refunds on refunds.order_key = orders.order_key
group by orders.order_key, orders.refunded
having orders.refunded <> coalesce(sum(refunds.amount), 0)
