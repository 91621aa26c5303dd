package io.watchkeeper.engine;

import io.watchkeeper.runbook.RunState;
import org.jspecify.annotations.Nullable;

/**
 * Why a run is told to stop.
 *
 * @param state what it ends as: cancelled or timed out
 * @param message in the words of its error
 */
record StopReason(RunState state, String message, @Nullable String hint) {

    static StopReason cancelled(String who) {
        return new StopReason(RunState.CANCELLED, "cancelled: " + who, null);
    }

    static StopReason timedOut(String message, @Nullable String hint) {
        return new StopReason(RunState.TIMED_OUT, message, hint);
    }
}
