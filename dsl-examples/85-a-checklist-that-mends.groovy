// Items may do something about what they look for. What they did stands in the report under its own heading.
runbook('a-checklist-that-mends') {
    checklist weekly
    policy { lock 'table-io' }

    step('dead rows') {
        vacuum('shore', 'public.*') { whenDeadTuples 5.percent }
    }
    step('statistics') {
        analyze('shore', 'public.incidents')
    }
}
