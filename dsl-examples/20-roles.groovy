// One folder of runbooks for all hosts: each loads what is meant for its role (host.role in watchkeeper.yaml).
runbook('on-the-primary') {
    role 'primary'
    step('count') { query('shore', 'select count(*) from tenants') }
}
runbook('on-every-ship') {
    role 'ship'
    step('count') { query('ship', 'select count(*) from tenants') }
}
