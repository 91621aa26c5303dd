// What others may subscribe to. Run again, the publication becomes what is written here: tables come and go.
runbook('publish-tables') {
    step('publish') {
        def published = provisionPublication('shore') {
            name 'fleet'
            tables 'public.tenants', 'public.documents'
        }
        if (published.changed()) log.info "published now: ${published.tables()}"
    }
}
