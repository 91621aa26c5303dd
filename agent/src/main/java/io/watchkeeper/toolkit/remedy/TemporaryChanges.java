package io.watchkeeper.toolkit.remedy;

import io.watchkeeper.files.LockFile;
import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.toolkit.remedy.RemedyRecord.Kind;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.UUID;
import java.util.function.BiConsumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What one remediation has changed and has to take back. Each change is recorded durably before it is made, and its record goes
 * after it was taken back; so a process that dies at any moment leaves a record of whatever may be in place, for
 * {@link RemedySweep}.
 */
final class TemporaryChanges implements AutoCloseable {

    /** As {@code vacuum_cost_limit} and the like are read and written. */
    record Setting(Database database, String name, String value) {}

    private final RemedyRecords records;
    private final RemedyRevert revert;
    private final LockFile lock;
    private final String remediation;
    private final String run;
    private final String primary;
    private final Clock clock;
    private final BiConsumer<String, String> milestone;
    private final BiConsumer<String, RemedyRevert.Outcome> takenBack;
    private final List<RemedyRecord> open = new ArrayList<>();
    private int number;

    /**
     * @param milestone told of replica and stage before and after each step, in the thread that takes it
     * @param takenBack told of replica and outcome of each change that was taken back, or could not be
     * @param revert with work of its own: what is taken back is taken back after a cancellation, too
     */
    TemporaryChanges(
            Path state,
            String run,
            String primary,
            Clock clock,
            RemedyRevert revert,
            BiConsumer<String, String> milestone,
            BiConsumer<String, RemedyRevert.Outcome> takenBack) {
        this.records = new RemedyRecords(state);
        this.remediation = primary.replaceAll("[^A-Za-z0-9_-]", "_") + "-" + UUID.randomUUID();
        this.run = run;
        this.primary = primary;
        this.clock = clock;
        this.revert = revert;
        this.milestone = milestone;
        this.takenBack = takenBack;
        this.lock = records.lock(remediation, "remedy of run " + run)
                .orElseThrow(() -> new IllegalStateException("a new name is taken: " + remediation));
    }

    /**
     * Sets a setting until it is taken back.
     *
     * @throws OperatorException when it has no effect; then it is as it was
     */
    void set(Session session, String replica, Setting setting, String reason) throws SQLException {
        @Nullable String was = ServerSetting.own(session, setting.name());
        RemedyRecord record = record(
                session, replica, setting.database(), Kind.SETTING, setting.name(), was, setting.value(), reason);
        add(record);
        try {
            ServerSetting.write(session, setting.name(), setting.value());
            milestone.accept(replica, "made " + setting.name());
            if (!ServerSetting.awaitEffect(session, setting.name(), setting.value())) {
                throw new OperatorException(
                        setting.name() + " on '" + setting.database().name() + "' stays "
                                + ServerSetting.effective(session, setting.name()) + " after ALTER SYSTEM",
                        "something rules it that ALTER SYSTEM does not, as an option of the server's start does: look at"
                                + " source in pg_settings there.");
            }
        } catch (SQLException | RuntimeException e) {
            takeBack(record);
            throw e;
        }
    }

    /** Records what has nothing to be taken back but must be known should the process die in it. */
    RemedyRecord deed(Session session, String replica, Database database, String name, String reason)
            throws SQLException {
        RemedyRecord record = record(session, replica, database, Kind.DEED, name, null, "", reason);
        add(record);
        return record;
    }

    /** Records that an index is about to be built anew. */
    RemedyRecord index(Session session, String replica, Database database, String index, String reason)
            throws SQLException {
        RemedyRecord record = record(session, replica, database, Kind.INDEX, index, null, "", reason);
        add(record);
        return record;
    }

    private RemedyRecord record(
            Session session,
            String replica,
            Database database,
            Kind kind,
            String name,
            @Nullable String was,
            String now,
            String reason)
            throws SQLException {
        return new RemedyRecord(
                remediation,
                ++number,
                run,
                primary,
                replica,
                database.name(),
                ServerIdentity.of(session),
                kind,
                name,
                was,
                now,
                reason,
                clock.instant());
    }

    private void add(RemedyRecord record) {
        records.add(record);
        open.add(0, record);
        milestone.accept(record.replica(), "recorded " + record.name());
    }

    /** Whether it is in place by this remediation. */
    boolean holds(Predicate<RemedyRecord> which) {
        return open.stream().anyMatch(which);
    }

    /** Takes back what was done, the newest first. @return how it went with each */
    List<RemedyRevert.Outcome> takeBack(Predicate<RemedyRecord> which) {
        List<RemedyRevert.Outcome> outcomes = new ArrayList<>();
        for (RemedyRecord record : List.copyOf(open)) {
            if (which.test(record)) {
                outcomes.add(takeBack(record));
            }
        }
        return outcomes;
    }

    RemedyRevert.Outcome takeBack(RemedyRecord record) {
        milestone.accept(record.replica(), "reverting " + record.name());
        RemedyRevert.Outcome outcome = revert.revert(record);
        if (outcome.settled()) {
            milestone.accept(record.replica(), "reverted " + record.name());
            records.remove(record);
            open.remove(record);
        }
        if (record.kind() == Kind.SETTING || outcome.changed() || !outcome.settled()) {
            takenBack.accept(record.replica(), outcome);
        }
        return outcome;
    }

    /** What could not be taken back stays recorded, and from now on is for the sweep. */
    @Override
    public void close() {
        lock.close();
    }

    /** All of them, of databases that the remediation knows. */
    static RemedyRevert revertBy(Collection<Database> databases) {
        return new RemedyRevert(databases, io.watchkeeper.postgres.Work.unattended("watchkeeper takes remedies back"));
    }
}
