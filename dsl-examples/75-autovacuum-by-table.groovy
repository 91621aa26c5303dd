// Lets autovacuum come sooner to large tables, and looks whether anything keeps it from removing rows. What a person has set for a table
// stays; 'undo true' in the place of 'apply true' takes back what this has set.
runbook('autovacuum-by-table') {
    step('set') {
        autovacuumAdvice('shore', 'public.*') {
            vacuumAt 5.percent
            analyzeAt 2.percent
            apply true
        }
    }
    step('look') {
        def held = xminHorizon('shore') { warn 1.hour; fail 12.hours; reportOnly true }
        held.remedy().each { log.info "what ends it: ${it}" }
    }
}
