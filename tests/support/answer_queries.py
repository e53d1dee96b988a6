"""What is asked of the tables whose answers ``answers`` works out."""

from __future__ import annotations

ANSWERS = {
    "buyers": """
        select min(orders.order_id), first_order_date, last_order_date, buyers.orders,
            buyers.net_sales, buyers.goods_net_sales, buyers.margin, is_guest, recency_days,
            recency_score, frequency_score, monetary_score, segment
        from marts.buyers as buyers
        join marts.orders as orders on orders.buyer_key = buyers.buyer_key and orders.is_sale
        where buyers.store_id = {store}
        group by buyers.buyer_key, first_order_date, last_order_date, buyers.orders,
            buyers.net_sales, buyers.goods_net_sales, buyers.margin, is_guest, recency_days,
            recency_score, frequency_score, monetary_score, segment""",
    "customer_cohorts": """
        select cohort_month, months_since, buyers, active_buyers, orders, net_sales, margin,
            lifetime_value
        from marts.customer_cohorts where store_id = {store}""",
    "order_lines": """
        select order_id, order_line_id, category_id, units_returned, goods_sales, goods_discount,
            goods_refunded, goods_net_sales, margin
        from marts.order_lines where store_id = {store}""",
    "order_discounts": (
        "select order_id, kind, amount from marts.order_discounts where store_id = {store}"
    ),
    "transactions": """
        select order_id, kind, payment_method, transaction_date, sum(amount)
        from marts.transactions where store_id = {store} group by 1, 2, 3, 4
        having sum(amount) <> 0""",
    "product_pairs": """
        select one.product_id, other.product_id, orders_together, orders_of_product, lift
        from marts.product_pairs as pairs
        join (select distinct product_key, product_id from marts.order_lines) as one
            on one.product_key = pairs.product_key
        join (select distinct product_key, product_id from marts.order_lines) as other
            on other.product_key = other_product_key
        where store_id = {store}""",
    "categories": """
        select category_id, path, units_sold, sales, goods_net_sales
        from marts.categories where store_id = {store}""",
    "inventory": """
        select products.product_id, variations.variation_id, stock, stock_value_at_cost,
            units_sold_90_days, days_out_of_stock, days_of_cover, sell_through, lost_sales
        from marts.inventory as inventory
        join marts.products as products on products.product_key = inventory.product_key
        left join marts.variations as variations
            on variations.variation_key = inventory.variation_key
        where inventory.store_id = {store}""",
    "order_attribution": """
        select order_id, case when store_name like 'Odd %' then channel end, device, is_first_sale,
            net_sales
        from marts.order_attribution as orders join marts.stores as stores
            on stores.store_id = orders.store_id
        where orders.store_id = {store}""",
    "order_fulfilment": """
        select order_id, hours_to_ship from marts.order_fulfilment where store_id = {store}""",
    "daily_shop": """
        select day, orders_placed, orders, new_buyers, refunds_made, carts, customers_registered,
            reviews, net_sales, coalesce(margin, 0), refunded_by_refund_date, carts_total
        from marts.daily_shop
        where store_id = {store}
            and (orders_placed + new_buyers + refunds_made + carts + customers_registered + reviews
                > 0 or refunded_by_refund_date <> 0)""",
}
"""What is asked of each table, for a store: its key, then the figures."""
