// Dumps one database by pg_dump, and proves that the dump restores.
//
// Edit what is marked with EDIT, then:
//   watchkeeper validate {{name}}.groovy               finds every mistake; runs nothing
//   watchkeeper explain {{name}}.groovy                says in plain words what it will do
//   watchkeeper run {{name}}.groovy --dry-run          shows SQL, locks and rows; changes nothing
// and copy it into the folder of runbooks, where the agent loads it within two seconds.
{{note}}runbook('{{name}}') {
    description 'Dumps {{database}} and proves that the dump restores.'
    owner 'dba-oncall'                      // EDIT: who is told
    schedule {
        cron '0 0 2 * * ?'                  // EDIT: every day at 02:00
        zone 'Etc/UTC'                      // EDIT: the zone that the times are meant in
        jitter 5.minutes                    // not all hosts at the same second
        missed runOnce, maxAge: 12.hours    // a host that slept makes up for it
    }
    policy {
        timeout 4.hours                     // cancelled then, on the servers too
        retry 3, 30.seconds                             // attempts of a step; the wait doubles
        overlap skip                        // a run that is due while one is running is left out, and recorded
        lock 'backup'                       // never beside others on this host with the same lock
    }

    step('dump') {
        def result = dump('{{database}}') {
            format custom                               // plain, custom, directory, tar
            exclude 'public.scratch_*'                  // EDIT: tables whose rows are not worth keeping
            testRestore true                            // into a scratch database that is dropped again
        }
        log.info "${result.id()}: ${result.tables()} tables"
    }
    onFailure  { alert 'page', "{{name}}: ${error.message}" }
    onRecovery { alert 'info', '{{name}} works again' }
}
