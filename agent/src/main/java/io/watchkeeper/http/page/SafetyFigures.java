package io.watchkeeper.http.page;

import io.watchkeeper.measures.Measurement;
import io.watchkeeper.protection.DrillState;
import io.watchkeeper.protection.Protection;
import io.watchkeeper.protection.WalState;
import io.watchkeeper.replicas.LagSample;
import io.watchkeeper.replicas.ReplicationBoard;
import io.watchkeeper.replicas.ReplicationLimits;
import io.watchkeeper.replicas.ReplicationReview;
import io.watchkeeper.runbook.TableState;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Is the data safe? What is worst in each of four respects; empty where a host has nothing of the kind.
 *
 * @param synced the table whose last round is longest ago
 * @param lag the replica that most needs somebody, of those the one that is furthest behind
 * @param archive that is broken, or else that of the database that could be brought back least far
 * @param drill of the database that has never passed one, or else whose last good one is longest ago
 */
public record SafetyFigures(
        Optional<TableState> synced, Optional<ReplicaRow> lag, Optional<WalState> archive, Optional<LastDrill> drill) {

    /** @param passed the last good one of the database; null for never */
    public record LastDrill(String database, @Nullable DrillState passed) {

        @Nullable
        Instant at() {
            return passed == null ? null : passed.at();
        }
    }

    /** Older tables should be looked at: a ship that has been in no port for a day. */
    static final Duration SYNC_LIMIT = Duration.ofHours(24);

    /** More than that must not be lost, by the operating standard. */
    static final Duration RECOVERY_LIMIT = Duration.ofMinutes(5);

    /** The names that they are kept under in the store. */
    static final String SYNC = "safety_sync_age_seconds";

    static final String LAG = "safety_replication_lag_seconds";
    static final String RECOVERY = "safety_recoverable_age_seconds";
    static final String DRILL = "safety_drill_age_seconds";

    public static SafetyFigures of(
            List<TableState> tables, ReplicationBoard board, ReplicationLimits limits, Protection protection) {
        // One that somebody has to look at before one that may be away.
        Comparator<ReplicaRow> byNeed = Comparator.comparing(row -> ReplicationReview.of(row.replica(), limits));
        return new SafetyFigures(
                tables.stream()
                        .filter(table -> table.syncedAt() != null)
                        .min(Comparator.comparing(table -> Objects.requireNonNull(table.syncedAt()))),
                ReplicaRow.of(board).stream()
                        .max(byNeed.thenComparing(row -> row.replica().seconds())),
                protection.archives().stream()
                        .min(Comparator.comparing(
                                        (WalState archive) -> archive.problems().isEmpty())
                                .thenComparing(
                                        WalState::recoverableTo, Comparator.nullsFirst(Comparator.naturalOrder()))),
                protection.databases().stream()
                        .filter(database -> isDrilled(protection, database))
                        .map(database -> new LastDrill(
                                database, protection.newestPassedDrill(database).orElse(null)))
                        .min(Comparator.comparing(LastDrill::at, Comparator.nullsFirst(Comparator.naturalOrder()))));
    }

    /** Only what can be rolled forward is. */
    private static boolean isDrilled(Protection protection, String database) {
        return protection.newestDrill(database).isPresent()
                || protection.backups().stream()
                        .anyMatch(backup -> backup.database().equals(database)
                                && !backup.kind().equals("dump"));
    }

    /**
     * As they are kept for the pictures of a day. Of the lag the peak since the last time, which a look now and then would miss.
     *
     * @param since the last time
     */
    public List<Measurement> measurements(ReplicationBoard board, Instant since, Instant now) {
        List<Measurement> figures = new ArrayList<>();
        synced.map(TableState::syncedAt).ifPresent(at -> figures.add(age(SYNC, at, now)));
        lag.flatMap(worst -> board.samples(worst.database(), worst.replica().name()).stream()
                        .filter(sample -> sample.seconds() >= 0 && !sample.at().isBefore(since))
                        .map(LagSample::seconds)
                        .max(Comparator.naturalOrder()))
                .ifPresent(seconds -> figures.add(new Measurement("", LAG, "", seconds)));
        archive.map(WalState::recoverableTo).ifPresent(at -> figures.add(age(RECOVERY, at, now)));
        drill.map(LastDrill::at).ifPresent(at -> figures.add(age(DRILL, at, now)));
        return figures;
    }

    private static Measurement age(String metric, Instant at, Instant now) {
        return new Measurement("", metric, "", Duration.between(at, now).toMillis() / 1e3);
    }
}
