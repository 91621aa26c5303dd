// Tells of what has been bloated for an hour. Nothing is changed; the result says what would mend it.
runbook('watch-bloat') {
    schedule { every 15.minutes }
    step('look') {
        def found = bloat('shore', 'public.*') {
            warn 25.percent
            fail 80.percent
            deadTuples 10.percent
            lasting 1.hour
            reportOnly true
        }
        found.remedy().each { text -> log.warn text }
    }
}
