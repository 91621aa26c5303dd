// Vacuums only tables of which at least a tenth is dead rows. Several tables or patterns make a list;
// none means all.
runbook('vacuum-when-needed') {
    step('vacuum') {
        vacuum('shore', ['public.incidents', 'public.document*']) {
            whenDeadTuples 10.percent
            costLimit 1_000
            lockTimeout 2.seconds
        }
    }
}
