insert into tenants (id, name, region, plan, status, monthly_fee, created_at)
select 't' || lpad(n::text, 4, '0'),
    (array['한빛해운', 'Northwind Shipping', '동해물산', 'Blue Anchor Lines', '새벽조선', 'Harbour & Sons', '남해수산', 'Polar Freight'])
        [1 + n % 8] || ' ' || n,
    (array['kr', 'kr', 'sg', 'nl', 'us'])[1 + pg_temp.pick(n, 1, 5)],
    case when pg_temp.pick(n, 2, 10) = 0 then 'large' else 'small' end,
    case pg_temp.pick(n, 3, 40) when 0 then 'closed' when 1 then 'suspended' else 'active' end,
    (4900 + pg_temp.pick(n, 4, 500000)) / 100.0,
    timestamptz '2023-01-02 09:00+09' + pg_temp.pick(n, 5, 700) * interval '1 day'
from generate_series(1, pg_temp.tenants()) n;

insert into pipelines (tenant_id, source, status, settings, created_at)
select 't' || lpad((1 + n % pg_temp.tenants())::text, 4, '0'),
    (array['s3', 'imap', 'sharepoint', 'sftp', 'crawler'])[1 + pg_temp.pick(n, 11, 5)] || '://source-' || n,
    case pg_temp.pick(n, 12, 25) when 0 then 'broken' when 1 then 'paused' else 'running' end,
    jsonb_build_object('batch', 100 * (1 + pg_temp.pick(n, 13, 50)), 'language', (array['ko', 'en'])[1 + n % 2]),
    timestamptz '2024-01-02 09:00+09' + pg_temp.pick(n, 14, 500) * interval '1 day'
from generate_series(1, pg_temp.tenants() * 10) n;
