package io.watchkeeper.postgres;

import org.jspecify.annotations.Nullable;

/**
 * What a server says of the process behind a session.
 *
 * @param state null when the process is gone
 * @param since when it came into that state, in the server's words
 * @param waitsFor the event it waits for; null for none
 * @param copied bytes of a COPY that it has taken or given; null when it runs none
 */
record BackendState(
        @Nullable String state,
        @Nullable String since,
        @Nullable String waitsFor,
        @Nullable Long copied) {

    static final BackendState GONE = new BackendState(null, null, null, null);

    /** What the server does that cannot be while somebody waits here for what it does; null when all may be well. */
    @Nullable
    String contradiction() {
        if (state == null) {
            return "has no process for it any more";
        }
        if (state.startsWith("idle")) {
            return "has long been " + state + " in it";
        }
        if ("ClientRead".equals(waitsFor)) {
            return "still waits for what was sent to it";
        }
        return "ClientWrite".equals(waitsFor) ? "still waits for its answer to be taken" : null;
    }

    boolean isGone() {
        return state == null;
    }

    /** Whether it takes rows, a message of which may be under way for long. */
    boolean isTakingRows() {
        return copied != null && "ClientRead".equals(waitsFor);
    }
}
