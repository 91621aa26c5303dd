// Dumps some tables as SQL that a person can read, without the server's roles.
runbook('dump-some-tables') {
    step('dump') {
        dump('shore') {
            format plain
            compress gzip
            tables 'public.*'
            exclude 'public.scratch_*'
            globals false
        }
    }
}
