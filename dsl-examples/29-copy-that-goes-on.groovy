// A large table over a link that breaks: copied in chunks that the target keeps a record of. Whatever ends the run, the next one
// goes on with the chunks that are missing, and at the end brings what was written meanwhile.
runbook('copy-that-goes-on') {
    policy { retry 3, 30.seconds }
    step('copy') {
        copyTable('public.document_chunks') {
            from 'shore'
            to 'ship'
            resume true
            batch 50_000                        // rows of a chunk; leave it out, and the agent chooses
        }
    }
}
