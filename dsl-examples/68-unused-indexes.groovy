// Indexes that nobody has used for a month, here or on the standby, with the line that drops each. A person drops them.
runbook('unused-indexes') {
    step('indexes') {
        def usage = indexUsage('shore') {
            alsoAsk 'ship'
            least 8.megabytes
            over 30.days
        }
        usage.remedy.each { text -> log.warn text }
    }
}
