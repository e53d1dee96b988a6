-- What an order consists of adds up to its total, to the cent, its lines add up to its subtotal, and the
-- shares of the lines add up to those of the order. It refers to the last model, so that no model waits
-- for it. If other programs created orders that break the rule, set unreconciled_orders: warn under vars in
-- dbt_project.yml.
-- depends_on: {{ ref('daily_shop') }}
{{ config(severity=var('unreconciled_orders', 'error')) }}
with lines as (
  select
    order_key,
    sum(line_total) as line_total,
    sum(goods_sales) as goods_sales,
    sum(goods_discount) as goods_discount,
    sum(goods_refunded) as goods_refunded
  from {{ ref('order_lines') }}
  group by order_key
),

checked as (
  select
    orders.store_id,
    orders.order_id,
    orders.total,
    subtotal - discount - coupon_discount + shipping + handling_fee + surcharges + tax_added
      - gift_card_redemption as parts,
    orders.subtotal,
    lines.line_total,
    lines.order_key is not null
      and (
        abs(lines.goods_sales - orders.goods_sales) >= 0.01
        or abs(lines.goods_discount - orders.goods_discount) >= 0.01
        or abs(lines.goods_refunded - orders.goods_refunded) >= 0.01
      ) as has_wrong_shares,
    case when is_sale then total - refunded else 0 end as kept,
    orders.net_sales
  from {{ ref('orders') }} as orders
  left join lines on lines.order_key = orders.order_key
)

select
  store_id,
  order_id,
  case
    when abs(total - parts) >= 0.01 then 'its parts add up to ' || {{ as_text('parts') }} || ', its total is ' || {{ as_text('total') }}
    when abs(subtotal - line_total) >= 0.01
    then 'its lines add up to ' || {{ as_text('line_total') }} || ', its subtotal is ' || {{ as_text('subtotal') }}
    when has_wrong_shares then 'the shares of its lines do not add up'
    else 'its net sales are ' || {{ as_text('net_sales') }} || ', total minus refunds is ' || {{ as_text('kept') }}
  end as reason
from checked
where abs(total - parts) >= 0.01
  or abs(subtotal - line_total) >= 0.01
  or has_wrong_shares
  or net_sales <> kept
order by store_id, order_id
