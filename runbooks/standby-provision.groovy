// Makes this host's standby of the shore, or goes on where an earlier run stopped: settings, role, pg_hba.conf and slot ashore, a copy by
// pg_basebackup, the start, and waits until it streams. Run again it looks, and changes nothing that is right.
//
// It has no schedule, because making a standby is a person's decision:
//   watchkeeper run standby-provision --dry-run                 says each step
//   watchkeeper run standby-provision                           does it; after any failure, and any crash, just run it again
//   watchkeeper run standby-provision -P renew=true             copies it again when its slot has lost log
//   watchkeeper run standby-provision -P undo=true              takes all of it back
// docs/standby.md says what it needs ashore, and what to do when something is missing.
// Edit here: the databases (as in watchkeeper.yaml), the data directory, who starts the server, and what may be changed ashore.
runbook('standby-provision') {
    description 'Makes this host a physical standby of shore.'
    owner 'dba-oncall'
    role 'ship'
    policy {
        timeout 24.hours                        // the copy of a large server over a thin link
        overlap skip
    }
    param 'dataDirectory', '/var/lib/postgresql/15/ship'
    param 'unit', ''                            // of systemd, for example postgresql@15-ship; without, pg_ctl starts it
    param 'renew', 'false'
    param 'undo', 'false'

    step('make the standby') {
        def folder = param('dataDirectory')
        def unit = param('unit')
        def again = param('renew') == 'true'
        def back = param('undo') == 'true'
        def standby = provisionStandby('ship') {
            from 'shore'
            dataDirectory folder
            settings check                      // set: by ALTER SYSTEM; with restart true, too, where the primary is on this host
            hba propose                         // write: where the primary is on this host
            start unit.isEmpty() ? pgCtl : systemd(unit)
            renew again
            undo back
        }
        log.info "${standby.name()} is ${standby.state()}"
    }
    onFailure { alert 'page', "standby-provision: ${error.message}" }
}
