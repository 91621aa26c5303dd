package io.watchkeeper.http;

import io.watchkeeper.postgres.ServerUpkeep;
import io.watchkeeper.replicas.Verdict;
import java.time.Duration;
import java.time.Instant;

/** Judges how a server keeps its tables in order. */
final class UpkeepReview {

    /** PostgreSQL stops taking writes a little before this. */
    private static final double LAST_XID = 2_147_483_647.0;

    private static final double XID_WARN = 0.3;
    private static final double XID_ALERT = 0.6;

    private static final double DEAD_WARN = 0.10;
    private static final double DEAD_ALERT = 0.25;

    /** Servers are asked every minute: nothing newer means that this one has not answered for a while. */
    private static final Duration OLD = Duration.ofMinutes(5);

    private UpkeepReview() {}

    /** The limits of the runbook wraparound-watch. Old figures are never taken for good ones. */
    static Verdict of(ServerUpkeep server, Instant now) {
        Verdict verdict = of(server);
        return Duration.between(server.at(), now).compareTo(OLD) > 0 ? verdict.worse(Verdict.WARN) : verdict;
    }

    private static Verdict of(ServerUpkeep server) {
        double used = server.oldestXidAge() / LAST_XID;
        if (used >= XID_ALERT) {
            return Verdict.ALERT;
        }
        return used >= XID_WARN || !server.enabled() ? Verdict.WARN : Verdict.OK;
    }

    static Verdict of(ServerUpkeep.Table table) {
        if (table.deadRatio() > DEAD_ALERT) {
            return Verdict.ALERT;
        }
        return table.deadRatio() > DEAD_WARN ? Verdict.WARN : Verdict.OK;
    }
}
