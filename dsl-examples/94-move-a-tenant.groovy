// Gives a tenant the form that its size asks for: a schema of its own, or rows of shared tables. It works meanwhile, and is shut out for a
// moment. When it has that form already, nothing is done. watchkeeper run move-a-tenant -P id=acme -P form=schema
runbook('move-a-tenant') {
    param 'id', 'acme'
    param 'form', 'rls'
    policy { timeout 6.hours }

    step('move') {
        def form = param('form')
        def moved = moveTenant('shore', param('id')) {
            to form
            batch 2_000
            maxLag 32.megabytes
            shutOut 20.seconds
        }
        log.info moved.changed() ? "shut out for ${moved.shutOut().toMillis()} ms" : 'nothing to do'
    }
}
