// Vacuums what needs it most, as long as the night lasts. Tables in use are left out and said; who keeps dead rows that VACUUM may not
// remove is said too, because then it cannot help.
runbook('vacuum-by-need') {
    step('vacuum') {
        def result = vacuum('shore', 'public.*') {
            whenDeadTuples 10.percent
            whenAge 150_000_000             // old rows are frozen before autovacuum has to
            whenMultixactAge 150_000_000
            budget 30.minutes
            costLimit 1_000
            parallel 2
            skipLocked true
        }
        result.leftOut().each { log.warn "${it.table()}: ${it.skipped()}" }
        result.heldBack().each { log.warn "end this first: ${it.remedy()}" }
    }
}
