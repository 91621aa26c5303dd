-- Keys and indexes, made after the rows because that is several times faster than keeping them up row by row.

alter table tenants add primary key (id);
alter table pipelines add primary key (id), add foreign key (tenant_id) references tenants;
alter table incidents
    add primary key (id),
    add unique (incident_key),
    add foreign key (tenant_id) references tenants,
    add foreign key (pipeline_id) references pipelines;
alter table documents add primary key (id), add foreign key (tenant_id) references tenants;
alter table document_chunks
    add primary key (id),
    add unique (document_id, chunk_no),
    add foreign key (document_id) references documents;
alter table audit_events add primary key (id), add foreign key (tenant_id) references tenants;

create index on pipelines (tenant_id, created_at desc);
create index on incidents (tenant_id, created_at desc) include (severity, state);
create index on incidents (tenant_id, state, created_at desc) where state <> 'resolved';
create index on documents (tenant_id, created_at desc);
create index on documents using gin (metadata jsonb_path_ops);
create index on audit_events (tenant_id, created_at desc);
