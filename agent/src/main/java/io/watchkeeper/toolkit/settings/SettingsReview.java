package io.watchkeeper.toolkit.settings;

import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.review.Review;
import io.watchkeeper.review.ReviewFinding;
import io.watchkeeper.review.ReviewStatus;
import io.watchkeeper.toolkit.failover.AuthenticationReview;
import io.watchkeeper.units.Bytes;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Compares a server's settings with what a server with data that matters should have: memory, write-ahead log, autovacuum, logging,
 * durability, the configuration files themselves, and who may log in how. Changes nothing; two statements and those of {@link
 * AuthenticationReview}.
 */
public final class SettingsReview {

    private static final Set<String> OWN_CODES = Set.of(
            "analyzeScaleFactor",
            "archiveCommand",
            "archiveMode",
            "archiveTimeout",
            "autovacuum",
            "autovacuumCost",
            "autovacuumFreeze",
            "autovacuumWorkers",
            "checkpointTimeout",
            "completionTarget",
            "damageIgnored",
            "dataChecksums",
            "effectiveCacheSize",
            "fileError",
            "fsync",
            "fullPageWrites",
            "idleInTransaction",
            "logAutovacuum",
            "logCheckpoints",
            "logConnections",
            "logLinePrefix",
            "logLockWaits",
            "logMinDuration",
            "logMinErrorStatement",
            "logMinMessages",
            "logRotation",
            "logStatement",
            "logTempFiles",
            "loggingCollector",
            "maintenanceWorkMem",
            "maxWalSize",
            "memoryUnknown",
            "pendingRestart",
            "pgAuditClasses",
            "plannerSwitch",
            "sharedBuffers",
            "synchronousCommit",
            "vacuumScaleFactor",
            "walCompression",
            "walLevel",
            "workMem");

    /** Every code that a finding can have. */
    public static final Set<String> CODES = Stream.concat(OWN_CODES.stream(), AuthenticationReview.CODES.stream())
            .collect(Collectors.toUnmodifiableSet());

    private final Database database;
    private final Work work;

    public SettingsReview(Database database, Work work) {
        this.database = database;
        this.work = work;
    }

    /** Looks at settings and at who may log in. */
    public Review review(SettingsPlan plan) throws SQLException {
        List<ReviewFinding> findings = new ArrayList<>(
                new AuthenticationReview(database, work).review().findings());
        findings.addAll(settings(plan).findings());
        return judged(findings, plan.accepted());
    }

    /** Looks at settings alone. */
    public Review settings(SettingsPlan plan) throws SQLException {
        try (Session session = database.open(work)) {
            ServerSettings settings = ServerSettings.read(session);
            SettingFindings findings = new SettingFindings(settings);
            WalRules.examine(database.name(), settings, findings, plan.logIsReceived());
            AutovacuumRules.examine(settings, findings);
            MemoryRules.examine(settings, findings, memory(plan));
            LoggingRules.examine(settings, findings);
            PgAuditRules.examine(settings, findings);
            FileRules.examine(session, settings, findings);
            return judged(findings.all(), plan.accepted());
        }
    }

    private Optional<Bytes> memory(SettingsPlan plan) {
        if (plan.memory() != null) {
            return Optional.of(plan.memory());
        }
        return database.settings().local() ? HostMemory.total() : Optional.empty();
    }

    private Review judged(List<ReviewFinding> findings, Set<String> accepted) {
        Review judged = new Review("settings", database.name(), findings).accepting(accepted);
        long mend = count(judged, ReviewStatus.FAIL);
        long look = count(judged, ReviewStatus.WARN);
        String summary = mend + look == 0
                ? "as recommended"
                : mend + " to mend now, " + look + " to look at; first: "
                        + judged.findings().get(0).message();
        return new Review(judged.subject(), judged.database(), summary, judged.findings(), List.of());
    }

    private static long count(Review review, ReviewStatus status) {
        return review.findings().stream().filter(one -> one.status() == status).count();
    }
}
