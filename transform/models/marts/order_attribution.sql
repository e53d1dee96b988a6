-- One row per sale: where the buyer came from, as far as the order tells.
{{ by_key('order_key', follows=[{'model': 'stg_ecwid__orders'}, {'model': 'orders'}]) }}
{%- set engines = ['google', 'bing', 'duckduckgo', 'yahoo', 'ecosia', 'yandex', 'baidu', 'qwant', 'startpage'] %}
{%- set networks = [
  'facebook', 'instagram', 'tiktok', 'pinterest', 'youtube', 'linkedin', 'reddit', 'threads', 'twitter', 'snapchat'
] %}
with touches as {{ computed_once() }} (
  select
    store_id,
    order_id,
    {{ json_texts('element', ['timestamp', 'source', 'medium', 'campaign']) }} as v
  from (
    select store_id, order_id, {{ json_elements('utm_touches') }} as element
    from {{ touched(ref('stg_ecwid__orders'), key_of('store_id', 'order_id')) }} as orders {{ elements_of('utm_touches') }}
  ) as elements
),

placed as (
  select
    *,
    row_number() over (partition by store_id, order_id order by {{ text_at('v', 1) }}, {{ text_at('v', 2) }}) as from_first,
    row_number() over (partition by store_id, order_id order by {{ text_at('v', 1) }} desc, {{ text_at('v', 2) }} desc) as from_last
  from touches
),

known as (
  select
    orders.*,
    staged.channel as sold_on,
    coalesce({{ text_at('first_touch.v', 2) }}, staged.utm_source) as first_source,
    coalesce({{ text_at('first_touch.v', 3) }}, staged.utm_medium) as first_medium,
    coalesce({{ text_at('first_touch.v', 4) }}, staged.utm_campaign) as first_campaign,
    coalesce({{ text_at('last_touch.v', 2) }}, staged.utm_source) as last_source,
    coalesce({{ text_at('last_touch.v', 3) }}, staged.utm_medium) as last_medium,
    coalesce({{ text_at('last_touch.v', 4) }}, staged.utm_campaign) as last_campaign,
    {{ url_host('staged.referer_url') }} as referrer,
    {{ url_host('staged.storefront_url') }} as storefront,
    lower(staged.user_agent) as user_agent,
    staged.language
  from {{ touched(ref('orders'), 'order_key') }} as orders
  inner join {{ touched(ref('stg_ecwid__orders'), key_of('store_id', 'order_id')) }} as staged
    on staged.store_id = orders.store_id and staged.order_id = orders.order_id
  left join placed as first_touch
    on first_touch.store_id = orders.store_id and first_touch.order_id = orders.order_id
    and first_touch.from_first = 1
  left join placed as last_touch
    on last_touch.store_id = orders.store_id and last_touch.order_id = orders.order_id
    and last_touch.from_last = 1
  where orders.is_sale
)

select
  order_key,
  store_id,
  order_id,
  order_date,
  case
    when sold_on is not null then 'marketplace'
    {%- for column in ['last_medium', 'last_source'] %}
    when lower({{ column }}) in ('email', 'e-mail', 'newsletter', 'mail') then 'email'
    when lower({{ column }}) in ('cpc', 'ppc', 'cpm', 'paid', 'paidsearch', 'paid_social', 'ads', 'display', 'banner')
    then 'paid'
    when lower({{ column }}) in ('affiliate', 'affiliates', 'partner') then 'affiliate'
    when lower({{ column }}) in ('social', 'social-media', 'organic_social') then 'social'
    {%- endfor %}
    when last_source is null and (referrer is null or referrer = storefront) then 'direct'
    {%- for name in engines %}
    when '.' || coalesce(referrer, '') like '%.{{ name }}.%' or lower(last_source) = '{{ name }}' then 'search'
    {%- endfor %}
    {%- for name in networks %}
    when '.' || coalesce(referrer, '') like '%.{{ name }}.%' or lower(last_source) = '{{ name }}' then 'social'
    {%- endfor %}
    when referrer in ('t.co', 'x.com') then 'social'
    when referrer is not null and referrer is distinct from storefront then 'referral'
    else 'other campaign'
  end as channel,
  sold_on,
  first_source,
  first_medium,
  first_campaign,
  last_source,
  last_medium,
  last_campaign,
  referrer,
  country_code,
  language,
  case
    when user_agent is null then null
    when user_agent like '%ipad%' or user_agent like '%tablet%'
      or (user_agent like '%android%' and user_agent not like '%mobi%') then 'tablet'
    when user_agent like '%mobi%' or user_agent like '%iphone%' then 'phone'
    else 'desktop'
  end as device,
  nth_sale_of_customer = 1 as is_first_sale,
  buyer_key,
  coupon_code,
  total,
  net_sales,
  goods_net_sales,
  currency
from known
