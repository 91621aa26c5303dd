// Many tables, one view of the source for all of them; a table that would lose too many rows is left alone and named.
runbook('keep-a-schema-the-same') {
    step('round') {
        syncTables('public.*') {
            from 'shore'
            to 'ship'
            except 'public.audit_events', 'public.scratch_*'
            oneSnapshot true
            maxDeletes 5.percent
            localEdits sourceWins           // keep: leave rows that were edited aboard, and report them
        }
    }
}
