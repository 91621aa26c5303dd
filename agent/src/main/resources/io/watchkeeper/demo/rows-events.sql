insert into incidents (incident_key, tenant_id, pipeline_id, severity, state, title, cost, created_at, updated_at, row_ver)
select md5('incident ' || n)::uuid,
    't' || lpad((1 + pg_temp.pick(n, 101, pg_temp.tenants()))::text, 4, '0'),
    case when pg_temp.pick(n, 102, 4) > 0 -- one of the tenant's own, see rows-tenants.sql
        then pg_temp.pick(n, 101, pg_temp.tenants()) + pg_temp.tenants() * (1 + pg_temp.pick(n, 103, 9)) end,
    1 + pg_temp.pick(n, 104, 4),
    case when pg_temp.pick(n, 105, 30) = 0 then 'open' when pg_temp.pick(n, 105, 30) = 1 then 'in_progress' else 'resolved' end,
    (array['수집이 멈췄습니다', 'Ingest stopped', '검색이 느립니다', 'Search is slow', '복제 지연 경고', 'Replication lag warning',
        '저장 공간 부족', 'Disk almost full'])[1 + pg_temp.pick(n, 106, 8)],
    case when pg_temp.pick(n, 107, 3) = 0 then pg_temp.pick(n, 108, 10000000) / 100.0 end,
    timestamptz '2025-01-01 00:00+09' + n * interval '3 minutes',
    timestamptz '2025-01-01 00:00+09' + n * interval '3 minutes' + pg_temp.pick(n, 109, 86400) * interval '1 second',
    pg_temp.pick(n, 110, 6)
from generate_series(1, pg_temp.incidents()) n;

insert into audit_events (tenant_id, actor, action, subject, client, detail, created_at)
select 't' || lpad((1 + pg_temp.pick(n, 121, pg_temp.tenants()))::text, 4, '0'),
    (array['김선장', 'chief.engineer', '박기관사', 'shore-dba', 'scheduler', 'api'])[1 + pg_temp.pick(n, 122, 6)],
    (array['login', 'read', 'update', 'export', 'delete'])[1 + pg_temp.pick(n, 123, 5)],
    'document/' || (1 + pg_temp.pick(n, 124, 60000)),
    case when pg_temp.pick(n, 125, 20) > 0
        then ('10.' || pg_temp.pick(n, 126, 256) || '.' || pg_temp.pick(n, 127, 256) || '.' || 1 + pg_temp.pick(n, 128, 254))::inet end,
    jsonb_build_object('ok', pg_temp.pick(n, 129, 50) > 0, 'millis', pg_temp.pick(n, 130, 900)),
    timestamptz '2025-06-01 00:00+09' + n * interval '90 seconds'
from generate_series(1, pg_temp.audit_events()) n;
