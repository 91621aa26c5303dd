// Which indexes are too many, and which are missing. What a standby's queries use is not unused. Each advice comes with its statement.
runbook('index-advice') {
    step('look') {
        def found = indexAdvice('shore', 'public.*') {
            alsoAsk 'ship'
            mergeKeys 'public.documents', 'id'
            unusedFor 30.days
            leastRows 10_000
        }
        found.remedy().each { text -> log.info text }
    }
}
