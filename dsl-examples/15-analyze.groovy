// Renews the planner's statistics: of one table after a load, or of the whole database.
runbook('analyze') {
    step('one table') { analyze('shore', 'public.document_chunks') }
    step('all tables') { analyze('ship') }
}
