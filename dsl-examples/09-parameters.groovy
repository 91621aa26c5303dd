// Parameters have a default, or must be given:  watchkeeper run … -P region=kr
// Over HTTP: {"params": {"region": "kr"}}. A name that is not declared here is refused. Values are texts.
runbook('parameters') {
    param 'region'
    param 'severity', '1'
    step('incidents of a region') {
        def rows = query('shore', '''
            select i.id, i.title, t.name as tenant
            from incidents i join tenants t on t.id = i.tenant_id
            where t.region = ? and i.severity = ? and i.state <> 'resolved'
            order by i.created_at desc limit 10
        ''', param('region'), param('severity').toInteger())
        log.info "${rows.size()} unresolved in ${param('region')}"
    }
}
