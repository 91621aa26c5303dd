package io.watchkeeper.http;

import io.watchkeeper.runbook.Runbook;
import org.jspecify.annotations.Nullable;

/** Makes the runbook of a restore drill that is asked for over HTTP. */
@FunctionalInterface
public interface DrillMaker {

    /**
     * A runbook whose run is the drill.
     *
     * @param database null for the only one that has backups
     * @param timestamp how far to recover; null when not said
     * @param lsn likewise
     * @throws io.watchkeeper.problem.OperatorException when one of these cannot be meant
     */
    Runbook drill(@Nullable String database, @Nullable String timestamp, @Nullable String lsn);
}
