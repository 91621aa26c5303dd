// Collects what pgaudit has written into the server's log: who changed a definition, a role or a right, and when. The run keeps it after
// the server's log has gone, and what concerns rights and definitions goes on the audit trail of this host.
runbook('audit-log') {
    schedule { every 10.minutes }
    step('who changed what') {
        def found = auditLog('shore') {
            firstLook 7.days
            reportOnly true
        }
        found.evidence().each { row -> log.info "${row.role}: ${row.command} ${row.object}, ${row.count} times" }
    }
}
