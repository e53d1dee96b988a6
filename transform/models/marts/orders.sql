-- One row per order. A sale is an order that was paid, even if it was refunded later.
{{ by_key('order_key', tells={'customer_key': 'customer_key'}, follows=[
  {'model': 'stg_ecwid__orders'},
  {'model': 'stg_ecwid__order_items'},
  {'model': 'order_taxes'},
  {'model': 'order_buyers', 'tells': 'buyer_key', 'of': 'order_buyers', 'on': 'buyer_key'},
  {'model': 'stores', 'on': key_of('store_id')},
  {'model': 'stg_ecwid__discount_coupons', 'on': 'coupon_key'},
  {
    'model': 'stg_ecwid__discount_coupons', 'of': 'stg_ecwid__orders',
    'key': key_of('store_id', 'order_id'), 'on': key_of('store_id', 'coupon_id')
  },
  {
    'model': 'stg_ecwid__discount_coupons', 'tells': 'code',
    'on': key_of('store_id', 'coupon_code')
  },
]) }}
with coupons as (
  select store_id, coupon_id, code from {{ ref('stg_ecwid__discount_coupons') }}
),

by_code as (
  select store_id, code, min(coupon_id) as coupon_id from coupons group by store_id, code
),

lines as (
  select
    store_id,
    order_id,
    count(*) as line_count,
    cast(sum(quantity) as bigint) as units,
    sum(quantity * coalesce(price, 0)) as line_total,
    sum(case when is_gift_card then quantity * coalesce(price_without_tax, price) else 0 end)
      as gift_cards_sold
  from {{ touched(ref('stg_ecwid__order_items'), key_of('store_id', 'order_id')) }} as items
  group by store_id, order_id
),

taxes as (
  select
    store_id,
    order_id,
    sum(case when is_included then tax else 0 end) as tax_included,
    sum(case when is_included then 0 else tax end) as tax_added
  from {{ touched(ref('order_taxes'), 'order_key') }} as taxes
  where part <> 'not listed'
  group by store_id, order_id
),

-- Numbered before the other columns come: few columns are sorted in half the time.
numbered as (
  select
    store_id,
    order_id,
    buyer_key,
    is_sale,
    case
      when is_sale
      then row_number() over (partition by store_id, buyer_key, is_sale order by created_at, order_id)
    end as nth_sale_of_customer
  from {{ ref('order_buyers') }}
  -- All orders of these buyers have a number, also those that stay as they are.
  where buyer_key in (select buyer_key from {{ touched(ref('order_buyers'), 'order_key') }} as buyers)
),

known as (
  select
    orders.store_id,
    orders.order_id,
    orders.order_number,
    orders.created_at,
    orders.updated_at,
    orders.payment_status,
    orders.fulfillment_status,
    orders.payment_method,
    orders.payment_module,
    nullif(orders.customer_id, 0) as customer_id,
    orders.email,
    coalesce(orders.country_code, orders.billing_country_code) as country_code,
    coalesce(orders.state_code, orders.billing_state_code) as state_code,
    -- An order carries a copy of its coupon, whose id may be one of its own.
    coalesce(coupons.coupon_id, by_code.coupon_id, orders.coupon_id) as used_coupon_id,
    orders.coupon_code,
    orders.shipping_method,
    orders.shipping_carrier,
    coalesce(orders.is_pickup, false) as is_pickup,
    orders.utm_source,
    orders.utm_medium,
    orders.utm_campaign,
    coalesce(lines.line_count, 0) as line_count,
    coalesce(lines.units, 0) as units,
    coalesce(lines.line_total, 0) as line_total,
    coalesce(lines.gift_cards_sold, 0) as gift_cards_sold,
    coalesce(orders.subtotal, 0) as subtotal,
    orders.subtotal_without_tax,
    coalesce(orders.discount, 0) as discount,
    coalesce(orders.coupon_discount, 0) as coupon_discount,
    coalesce(orders.shipping, 0) as shipping,
    coalesce(orders.handling_fee, 0) as handling_fee,
    {{ json_sum('orders.surcharges', 'total') }} as surcharges,
    {{ json_sum('orders.surcharges', 'totalWithoutTax') }} as surcharges_without_tax,
    coalesce(orders.shipping_without_tax, orders.shipping, 0) as shipping_without_tax,
    coalesce(orders.handling_fee_without_tax, orders.handling_fee, 0) as handling_fee_without_tax,
    coalesce(orders.tax, 0) as tax,
    -- Sums of rounded taxes may differ from the order's tax, unless all taxes are of one kind.
    case
      when coalesce(taxes.tax_included, 0) = 0 and coalesce(taxes.tax_added, 0) = 0
      then case when orders.prices_include_tax then 0 else coalesce(orders.tax, 0) end
      when taxes.tax_included = 0 then coalesce(orders.tax, 0)
      else taxes.tax_added
    end as tax_added,
    coalesce(orders.prices_include_tax, false) as prices_include_tax,
    coalesce(orders.gift_card_redemption, 0) as gift_card_redemption,
    coalesce(orders.total, 0) as total,
    buyers.is_sale,
    -- If someone sets the status by hand, there is no amount.
    case
      when orders.payment_status = 'REFUNDED' and coalesce(orders.refunded_amount, 0) = 0
      then coalesce(orders.total, 0)
      else coalesce(orders.refunded_amount, 0)
    end as refunded,
    orders.usd_total,
    {{- extra_field_columns('orders', 'orders.record') }}
    coalesce(currencies.currency, stores.currency) as currency,
    {{ store_day('orders.created_at') }} as order_date,
    buyers.buyer_key,
    buyers.nth_sale_of_customer
  from {{ touched(ref('stg_ecwid__orders'), key_of('store_id', 'order_id')) }} as orders
  inner join numbered as buyers
    on buyers.store_id = orders.store_id and buyers.order_id = orders.order_id
  left join {{ ref('stores') }} as stores on stores.store_id = orders.store_id
  left join {{ ref('order_currencies') }} as currencies
    on currencies.store_id = orders.store_id and currencies.order_id = orders.order_id
  left join lines on lines.store_id = orders.store_id and lines.order_id = orders.order_id
  left join taxes on taxes.store_id = orders.store_id and taxes.order_id = orders.order_id
  left join coupons
    on coupons.store_id = orders.store_id and coupons.coupon_id = orders.coupon_id
  left join by_code
    on by_code.store_id = orders.store_id and by_code.code = orders.coupon_code
),

explained as (
  select
    *,
    total - (
      subtotal - discount - coupon_discount + shipping + handling_fee + surcharges + tax_added
      - gift_card_redemption
    ) as unexplained,
    case
      when prices_include_tax then coalesce(subtotal_without_tax, subtotal - tax)
      else subtotal
    end as articles_sales,
    case when prices_include_tax then surcharges_without_tax else surcharges end
    + case when prices_include_tax then shipping_without_tax else shipping end
    + case when prices_include_tax then handling_fee_without_tax else handling_fee end
      as fees_without_tax
  from known
),

divided as (
  select
    *,
    articles_sales - gift_cards_sold as goods_sales,
    -- Gift cards have their part of the discounts.
    {{ to_money("case when articles_sales = 0 then 0 else (articles_sales - (total - unexplained"
      ~ " + gift_card_redemption - tax - fees_without_tax)) * (articles_sales - gift_cards_sold)"
      ~ " / articles_sales end") }} as goods_discount
  from explained
),

returned as (
  select
    *,
    coalesce(payment_status = 'REFUNDED' or fulfillment_status = 'RETURNED', false)
      or (total > 0 and refunded >= total) as are_all_units_returned,
    -- Refunds don't say what they are for: goods have their part of the total.
    {{ to_money("case when total <> 0 then (goods_sales - goods_discount) * refunded / total"
      ~ " when payment_status = 'REFUNDED' then goods_sales - goods_discount else 0 end") }}
      as goods_refunded
  from divided
)

select
  {{ key_of('store_id', 'order_id') }} as order_key,
  store_id,
  order_id,
  order_number,
  created_at,
  order_date,
  updated_at,
  payment_status,
  fulfillment_status,
  payment_method,
  payment_module,
  is_sale,
  {{ key_of('store_id', 'customer_id') }} as customer_key,
  customer_id,
  buyer_key,
  email,
  country_code,
  state_code,
  {{ key_of('store_id', 'used_coupon_id') }} as coupon_key,
  coupon_code,
  shipping_method,
  shipping_carrier,
  is_pickup,
  utm_source,
  utm_medium,
  utm_campaign,
  line_count,
  units,
  case when is_sale and are_all_units_returned then units else 0 end as units_returned,
  are_all_units_returned,
  line_total,
  subtotal,
  discount,
  coupon_discount,
  discount + coupon_discount as all_discounts,
  shipping,
  handling_fee,
  surcharges,
  tax,
  tax_added,
  prices_include_tax,
  gift_card_redemption,
  gift_cards_sold,
  total,
  unexplained,
  refunded,
  case when is_sale then total - refunded else 0 end as net_sales,
  goods_sales,
  goods_discount,
  goods_refunded,
  case when is_sale then goods_sales - goods_discount - goods_refunded else 0 end as goods_net_sales,
  currency,
  usd_total,
  {{- extra_field_names('orders') }}
  nth_sale_of_customer
from returned
