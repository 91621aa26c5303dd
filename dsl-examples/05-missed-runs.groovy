// A ship's server sleeps, and fire times pass. 'runOnce' makes up for all of them with one run at the next start,
// unless the last one is older than maxAge. The others: skip (the default) forgets them, runAll runs each.
runbook('missed-runs') {
    schedule {
        cron '0 0 2 * * ?'
        missed runOnce, maxAge: 6.hours
    }
    step('renew statistics') {
        analyze('ship', 'public.documents')
    }
}
