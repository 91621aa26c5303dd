package io.watchkeeper.toolkit.partition;

import io.watchkeeper.postgres.Progress;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.SqlStates;
import io.watchkeeper.postgres.TableName;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.toolkit.backup.TableArchive;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Takes partitions out of their table: detaches, archives, drops.
 *
 * <p>Nothing is dropped that is not wanted dropped by its record and by the runbook of this run; with {@link Retention#ARCHIVE}, nothing of
 * which the archive was not read again just now, and whose rows, under a lock, are not the rows that were archived.
 */
final class Retirement {

    /** How long a detaching may wait for transactions that still see the partition. Nobody waits for it meanwhile. */
    private static final Duration LONGEST_DETACH = Duration.ofMinutes(5);

    private static final String DEPENDED_UPON = "2BP01";

    private final Session session;
    private final PatientLock lock;
    private final RetirementLedger ledger;
    private final Supplier<TableArchive> archive;

    Retirement(Session session, PatientLock lock, Supplier<TableArchive> archive) {
        this.session = session;
        this.lock = lock;
        this.ledger = new RetirementLedger(session);
        this.archive = archive;
    }

    /** Begins: writes it down, and detaches. */
    RetirementRecord detach(PartitionedTable table, Partition partition, Retention action) throws SQLException {
        RetirementRecord record =
                new RetirementRecord(partition.oid(), partition.name(), table.name(), partition.bound(), action, null);
        ledger.write(record);
        session.work().progress(new Progress(partition.name().toString(), "detach", 0, 0, 0));
        try {
            if (table.defaultPartition().isPresent()) {
                // PostgreSQL detaches nothing concurrently beside a default partition.
                lock.transaction(session, List.of(table.name()), () -> {
                    session.runVerbatim(detachment(table, partition));
                    return true;
                });
            } else {
                lock.statement(session, List.of(table.name()), detachment(table, partition), LONGEST_DETACH);
            }
        } catch (SQLException | OperatorException e) {
            Where where = session.isUsable() ? where(record) : Where.PENDING;
            if (where == Where.ATTACHED) {
                ledger.remove(record);
                throw refused(table, partition, e);
            }
            if (where != Where.PENDING || !session.isUsable()) {
                throw e;
            }
            finalizeDetaching(record);
        }
        return record;
    }

    static String detachment(PartitionedTable table, Partition partition) {
        return "ALTER TABLE " + table.name().quoted() + " DETACH PARTITION "
                + partition.name().quoted()
                + (table.defaultPartition().isPresent() ? "" : " CONCURRENTLY");
    }

    private static OperatorException refused(PartitionedTable table, Partition partition, Exception e) {
        if (e instanceof OperatorException told) {
            return told;
        }
        boolean referenced = e instanceof SQLException sql && SqlStates.FOREIGN_KEY_VIOLATION.equals(sql.getSQLState());
        return new OperatorException(
                partition.name() + " was not detached from " + table.name() + ": " + e.getMessage(),
                referenced ? "rows of other tables refer to it; they must go first." : null,
                e);
    }

    /** Where a recorded partition is. */
    enum Where {
        GONE,
        ATTACHED,
        PENDING,
        DETACHED
    }

    private Where where(RetirementRecord record) throws SQLException {
        return session.one(
                """
                select exists (select from pg_class where oid = ?::oid),
                       (select inhdetachpending from pg_inherits where inhrelid = ?::oid)""",
                row -> {
                    if (!row.getBoolean(1)) {
                        return Where.GONE;
                    }
                    boolean pending = row.getBoolean(2);
                    return row.wasNull() ? Where.DETACHED : pending ? Where.PENDING : Where.ATTACHED;
                },
                record.oid(),
                record.oid());
    }

    /** Ends a detaching that was begun, by whomever. */
    void finalizeDetaching(TableName parent, TableName partition) throws SQLException {
        lock.statement(
                session,
                List.of(parent, partition),
                "ALTER TABLE " + parent.quoted() + " DETACH PARTITION " + partition.quoted() + " FINALIZE",
                LONGEST_DETACH);
    }

    private void finalizeDetaching(RetirementRecord record) throws SQLException {
        finalizeDetaching(record.parent(), record.name());
    }

    /** What became of a partition that was on its way out. */
    record Outcome(Retention done, TableName partition, Optional<String> archive) {}

    /**
     * Brings it to its end from wherever it is.
     *
     * @param wanted by the runbook of this run
     * @return empty when it never left its table, or somebody else has removed it
     * @throws OperatorException when it cannot be archived, or must not be dropped; it stays, and so does its record
     */
    Optional<Outcome> finish(RetirementRecord record, Retention wanted) throws SQLException {
        Where where = where(record);
        if (where == Where.PENDING) {
            finalizeDetaching(record);
            where = where(record);
        }
        if (where != Where.DETACHED) {
            ledger.remove(record);
            return Optional.empty();
        }
        requireSame(record);
        Retention action = record.action().gentler(wanted);
        if (action == Retention.DETACH) {
            ledger.remove(record);
            return Optional.of(new Outcome(action, record.name(), Optional.empty()));
        }
        if (action == Retention.DROP) {
            drop(record, Optional.empty());
            return Optional.of(new Outcome(action, record.name(), Optional.empty()));
        }
        return Optional.of(new Outcome(action, record.name(), Optional.of(archiveAndDrop(record))));
    }

    private String archiveAndDrop(RetirementRecord record) throws SQLException {
        String id = archived(record);
        try {
            drop(record, Optional.of(id));
            return id;
        } catch (ChangedSinceException e) {
            // The archive is of what was, and of no more use for what is: one of what is is made, once in a run.
            ledger.write(record.withArchive(null));
            String again = archived(record.withArchive(null));
            drop(record, Optional.of(again));
            return again;
        }
    }

    private void requireSame(RetirementRecord record) throws SQLException {
        boolean same = session.one(
                "select exists (select from pg_class c join pg_namespace n on n.oid = c.relnamespace"
                        + " where c.oid = ?::oid and n.nspname = ? and c.relname = ? and not c.relispartition)",
                row -> row.getBoolean(1),
                record.oid(),
                record.name().schema(),
                record.name().name());
        if (!same) {
            throw new OperatorException(
                    "the table that was partition " + record.name() + " of " + record.parent()
                            + " has another name now, and is left alone",
                    "if it is to stay: DELETE FROM watchkeeper.retired_partitions WHERE oid = " + record.oid()
                            + "; else give it its name back.");
        }
    }

    /** The archive that holds it: the one that was made before, if that is whole, else a new one. */
    private String archived(RetirementRecord record) throws SQLException {
        TableArchive tables = archive.get();
        String known = record.archive();
        if (known != null && tables.problem(known).isEmpty()) {
            return known;
        }
        session.work().progress(new Progress(record.name().toString(), "archive", 0, 0, 0));
        String id = tables.write(record.name());
        ledger.write(record.withArchive(id));
        // What the disk gives back counts, not what was meant to be on it.
        tables.problem(id).ifPresent(problem -> {
            throw new OperatorException(
                    problem + ", so that " + record.name() + " is not dropped",
                    "look at the disk of the repository; the next run archives it again.");
        });
        session.work().progress(new Progress(record.name().toString(), "drop", 0, 0, 0));
        return id;
    }

    private void drop(RetirementRecord record, Optional<String> id) throws SQLException {
        String most = session.one("select current_setting('statement_timeout')", row -> row.getString(1));
        try {
            lock.transaction(session, List.of(record.name()), () -> {
                session.runVerbatim("LOCK TABLE " + record.name().quoted() + " IN ACCESS EXCLUSIVE MODE");
                requireSame(record);
                // Nobody writes through the partitioned table any more: who waits has named this very table.
                session.query("select set_config('statement_timeout', ?, true)", most);
                if (id.isPresent()) {
                    requireArchived(record, id.get());
                }
                // It locks the tables that its foreign keys refer to, and those are in use.
                session.query(
                        "select set_config('statement_timeout', ?, true)",
                        String.valueOf(PatientLock.LONGEST.toMillis()));
                session.runVerbatim("DROP TABLE " + record.name().quoted());
                ledger.remove(record);
                return true;
            });
        } catch (SQLException e) {
            if (!DEPENDED_UPON.equals(e.getSQLState())) {
                throw e;
            }
            throw new OperatorException(
                    record.name() + " is detached and not dropped, because other objects need it: " + e.getMessage(),
                    "drop them, or DELETE FROM watchkeeper.retired_partitions WHERE oid = " + record.oid()
                            + " to keep the table.",
                    e);
        }
    }

    private void requireArchived(RetirementRecord record, String id) throws SQLException {
        List<TableName> leaves =
                session.list("""
                with recursive tree as (select ?::oid as oid union all
                                        select i.inhrelid from tree join pg_inherits i on i.inhparent = tree.oid)
                select n.nspname, c.relname from tree join pg_class c on c.oid = tree.oid
                  join pg_namespace n on n.oid = c.relnamespace where c.relkind = 'r'""", row -> new TableName(row.getString(1), row.getString(2)), record.oid());
        Optional<String> difference = archive.get().difference(session, id, leaves);
        if (difference.isPresent()) {
            throw new ChangedSinceException(
                    difference.get() + ": it was changed after it was archived, and is not dropped",
                    "the next run archives it again; who still writes to a partition that has left its table?");
        }
    }

    /** The archive is not of what is there now, and is of no more use for it. */
    static final class ChangedSinceException extends OperatorException {
        private static final long serialVersionUID = 1;

        ChangedSinceException(String message, String hint) {
            super(message, hint);
        }
    }
}
