package io.watchkeeper.toolkit.stream;

import io.watchkeeper.postgres.Identifiers;
import io.watchkeeper.postgres.Progress;
import io.watchkeeper.postgres.ReplicationConnection;
import io.watchkeeper.postgres.ReplicationConnection.ExportedSlot;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.SqlStates;
import io.watchkeeper.postgres.TableName;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.toolkit.copy.SourceMark;
import io.watchkeeper.units.DurationText;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;

/**
 * From polling to streaming, without a copy and without a gap: a slot is made that exports the snapshot it begins at; a last round
 * of polling brings every table to that snapshot; the subscription then applies what was committed after it, and nothing else.
 *
 * <p>If anything dies on the way, polling's state is what its last round left, the record says that there may be a slot, and the next
 * run drops it and begins again. Subscription and record become true in one transaction.
 */
final class Handover {

    /** A slot begins where no transaction that was writing is left; long ones keep it waiting. */
    private static final Duration PATIENCE = Duration.ofMinutes(5);

    private final StreamSides sides;
    private final StreamLedger ledger;
    private final Polling polling;
    private final Work work;
    private final SubscriptionSql sql;

    Handover(StreamSides sides, StreamLedger ledger, Polling polling, Work work, SubscriptionSql sql) {
        this.sides = sides;
        this.ledger = ledger;
        this.polling = polling;
        this.work = work;
        this.sql = sql;
    }

    /**
     * Does it for the tables, which this session of the source has locked against changes of their shape.
     *
     * @param record already written, saying that it is prepared
     * @return how many rows the last round wrote
     */
    long run(StreamRecord record, StreamTables tables) throws SQLException {
        work.progress(new Progress(record.name(), "slot", 0, -1, 0));
        try (ReplicationConnection connection =
                ReplicationConnection.open(sides.source().database(), work)) {
            ExportedSlot slot = createSlot(connection, record.slot());
            SourceMark mark = markOf(slot, tables);
            long rows = 0;
            for (TableName table : tables.relations().keySet()) {
                work.throwIfCancelled();
                work.progress(new Progress(record.name(), "last round of " + table, rows, -1, 0));
                rows += polling.lastRound(table, slot.snapshot());
            }
            work.progress(new Progress(record.name(), "subscription", rows, -1, 0));
            subscribe(record, mark, List.copyOf(tables.relations().keySet()));
            return rows;
        }
    }

    private ExportedSlot createSlot(ReplicationConnection connection, String slot) throws SQLException {
        Duration patience =
                work.timeLeft().filter(left -> left.compareTo(PATIENCE) < 0).orElse(PATIENCE);
        try {
            return connection.createSlot(slot, SlotState.PLUGIN, patience);
        } catch (SQLException e) {
            if (SqlStates.QUERY_CANCELED.equals(e.getSQLState())) {
                throw new OperatorException(
                        "slot " + slot + " could not begin within " + DurationText.say(patience)
                                + ", because transactions that write stayed open on '"
                                + sides.source().database().name() + "'" + oldest(),
                        "run it again when they are done, or end them.",
                        e);
            }
            throw e;
        }
    }

    private String oldest() throws SQLException {
        return sides
                .source()
                .list(
                        "select pid, usename, application_name, extract(epoch from clock_timestamp() - xact_start)::bigint"
                                + " from pg_stat_activity where backend_xid is not null and pid <> pg_backend_pid()"
                                + " order by xact_start limit 1",
                        row -> ": pid " + row.getInt(1) + " (" + row.getString(2) + ", '" + row.getString(3) + "') for "
                                + DurationText.say(Duration.ofSeconds(row.getLong(4))))
                .stream()
                .findFirst()
                .orElse("");
    }

    /** What the snapshot sees, which the target has from the moment of the last round on. */
    private SourceMark markOf(ExportedSlot slot, StreamTables tables) throws SQLException {
        try (Session reader = sides.source().database().open(work)) {
            reader.begin();
            reader.runVerbatim("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY; SET TRANSACTION SNAPSHOT "
                    + Identifiers.quoteLiteral(slot.snapshot()));
            SourceMark mark = tables.mark(reader);
            reader.rollback();
            return new SourceMark(
                    mark.system(),
                    mark.databaseId(),
                    mark.standby(),
                    mark.timeline(),
                    slot.consistentPoint(),
                    mark.horizon(),
                    mark.nextXid(),
                    mark.relations());
        }
    }

    private void subscribe(StreamRecord record, SourceMark mark, List<TableName> tables) throws SQLException {
        Session target = sides.target();
        target.begin();
        try {
            List<TableName> moved = polling.holdAfterLastRound(target, tables);
            if (!moved.isEmpty()) {
                throw new OperatorException(
                        "somebody else polled " + moved.get(0) + " into '"
                                + target.database().name() + "' during its handover to a stream",
                        "run it again; lock 'name' in the policy keeps runbooks of this host from meeting on a table.");
            }
            sql.run(target, sql.create(record.slot(), false, sides.to().majorVersion()));
            ledger.write(StreamMaking.streaming(target, record));
            new StreamSamples(target, record.name()).beginWith(mark);
            target.commit();
        } catch (SQLException | RuntimeException e) {
            target.rollback();
            throw e;
        }
    }
}
