package io.watchkeeper.schedule;

import java.time.Instant;

/** One fire time of one runbook of the cluster: what is done exactly once. */
record FireTime(String runbook, Instant at) {
    @Override
    public String toString() {
        return "'" + runbook + "' of " + at;
    }
}
