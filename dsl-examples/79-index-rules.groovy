// The house's own rules for indexes, from a file beside this one: what every table of tenants must have, and what none may have.
runbook('index-rules') {
    step('look') {
        def found = indexAdvice('shore') {
            rules '../runbooks/index-rules.yaml'
            accept 'unused', 'overlapping', 'duplicate'
            reportOnly true
        }
        log.info "${found.status()}: ${found.findings().size()} findings"
    }
}
