// A step that fails for a reason that may pass (lost connection, deadlock, server starting up) is tried again, first after
// two seconds, then four. A wrong statement is not tried again. The timeout holds for the whole run, waiting included;
// when it is over, the statement is cancelled on the server.
runbook('retry-and-timeout') {
    policy {
        timeout 5.minutes
        retry 3, 2.seconds
    }
    step('ask over a bad link') {
        query('shore', 'select count(*) from pipelines')
    }
}
