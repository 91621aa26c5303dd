// Steps run one after another; the first that fails ends the run, so what follows can rely on what came before.
runbook('steps-in-order') {
    step('copy')    { copyTable('public.audit_events') { from 'shore'; to 'ship' } }
    step('analyze') { analyze('ship', 'public.audit_events') }
    step('compare') {
        def ashore = query('shore', 'select count(*) as n from audit_events')
        def aboard = query('ship', 'select count(*) as n from audit_events')
        check('both ends hold as many events', ashore[0].n == aboard[0].n)
    }
}
