package io.watchkeeper.toolkit.copy;

/** Whether a table is copied in chunks, and in how many views of the source. */
enum Chunking {

    /** All in one transaction of the target. */
    NONE,

    /** Each chunk in a view of its own, and what was written meanwhile at the end. Can be gone on with after any interruption. */
    OWN_VIEWS,

    /** All chunks in one view that the workers share, which lasts as long as the agent's connection to the primary. */
    ONE_VIEW
}
