// Builds indexes anew of which at least a third is empty, worst first, for half an hour at most. Reads and writes go on meanwhile.
runbook('reindex-when-bloated') {
    step('reindex') {
        def done = reindex('shore', 'public.incidents', 'public.document*') {
            whenBloat 33.percent
            leastBytes 2.megabytes
            budget 30.minutes
            attempts 5
        }
        log.info "${done.rebuilt().size()} built, ${done.bytesReclaimed()} bytes given back"
        done.skipped().each { name, reason -> log.info "${name}: ${reason}" }
    }
}
