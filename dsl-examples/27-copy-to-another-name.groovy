// The rows may go to a table of another name, here one for the crew that keeps no tenant's name.
runbook('copy-to-another-name') {
    step('make the table') {
        execute('ship', 'create table if not exists tenant_regions (id text primary key, region text not null)')
    }
    step('copy') {
        copyTable('public.tenants') {
            from 'shore'
            to 'ship'
            columns 'id', 'region'
            targetTable 'public.tenant_regions'
        }
    }
}
