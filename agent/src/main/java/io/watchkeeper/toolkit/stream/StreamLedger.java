package io.watchkeeper.toolkit.stream;

import io.watchkeeper.postgres.AgentSchema;
import io.watchkeeper.postgres.Lsn;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.problem.OperatorException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The agent's records of subscriptions, table {@code watchkeeper.subscriptions} of the target. A record is committed before a slot
 * is made on the source, and the subscription in one transaction with its record; so whatever dies at any moment, the record
 * says whether a slot may be left behind.
 */
final class StreamLedger {

    static final String TABLE = "subscriptions";

    private static final String COLUMNS = """
            name text PRIMARY KEY, slot text NOT NULL, source text NOT NULL, system text NOT NULL, publication text NOT NULL,
            phase text NOT NULL, reason text, slot_since text, statistics_since text, confirmed pg_lsn,
            errors bigint NOT NULL DEFAULT 0, subscription_id bigint NOT NULL DEFAULT 0,
            changed_at timestamptz NOT NULL DEFAULT now()""";

    private static final String RECORD = "select name, slot, source, system, publication, phase, reason, slot_since,"
            + " statistics_since, confirmed::text, errors, subscription_id from watchkeeper.subscriptions";

    private final Session target;

    private StreamLedger(Session target) {
        this.target = target;
    }

    /** Makes the table unless it is there. Commits; not to be called inside a transaction. */
    static StreamLedger require(Session target) throws SQLException {
        AgentSchema.require(target, TABLE, COLUMNS);
        StreamSamples.require(target);
        return new StreamLedger(target);
    }

    /** Empty where nothing was ever recorded. */
    static Optional<StreamLedger> ifThere(Session target) throws SQLException {
        return AgentSchema.has(target, TABLE) ? Optional.of(new StreamLedger(target)) : Optional.empty();
    }

    /**
     * Makes this session the only one that works on the subscription, until it is closed.
     *
     * @return false when another one does
     */
    boolean takeTurn(String name) throws SQLException {
        return target.one(
                "select pg_try_advisory_lock(hashtext('watchkeeper subscription'), hashtext(?))",
                row -> row.getBoolean(1),
                name);
    }

    void giveTurnBack(String name) throws SQLException {
        target.query("select pg_advisory_unlock(hashtext('watchkeeper subscription'), hashtext(?))", name);
    }

    /** @throws OperatorException when another agent works on it */
    void requireTurn(String name) throws SQLException {
        if (!takeTurn(name)) {
            throw new OperatorException(
                    "another agent works on subscription " + name + " of database '"
                            + target.database().name() + "' right now",
                    "try again when it is done.");
        }
    }

    Optional<StreamRecord> find(String name) throws SQLException {
        return target.list(RECORD + " where name = ?", StreamLedger::read, name).stream()
                .findFirst();
    }

    List<StreamRecord> all() throws SQLException {
        return target.list(RECORD + " order by name", StreamLedger::read);
    }

    private static StreamRecord read(ResultSet row) throws SQLException {
        return new StreamRecord(
                row.getString(1),
                row.getString(2),
                row.getString(3),
                row.getString(4),
                row.getString(5),
                StreamRecord.Phase.valueOf(row.getString(6).toUpperCase(Locale.ROOT)),
                row.getString(7),
                row.getString(8),
                row.getString(9),
                lsn(row.getString(10)),
                row.getLong(11),
                row.getLong(12));
    }

    static @Nullable Lsn lsn(@Nullable String text) {
        return text == null ? null : Lsn.parse(text).orElseThrow();
    }

    /** Writes the record in the place of any older one. */
    void write(StreamRecord record) throws SQLException {
        target.update(
                """
                insert into watchkeeper.subscriptions (name, slot, source, system, publication, phase, reason, slot_since,
                                                       statistics_since, confirmed, errors, subscription_id)
                values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?::text::pg_lsn, ?, ?)
                on conflict (name) do update set (slot, source, system, publication, phase, reason, slot_since,
                    statistics_since, confirmed, errors, subscription_id, changed_at)
                  = (excluded.slot, excluded.source, excluded.system, excluded.publication, excluded.phase, excluded.reason,
                     excluded.slot_since, excluded.statistics_since, excluded.confirmed, excluded.errors,
                     excluded.subscription_id, now())""",
                record.name(),
                record.slot(),
                record.source(),
                record.system(),
                record.publication(),
                record.phase().toString(),
                record.reason(),
                record.slotSince(),
                record.statisticsSince(),
                record.confirmed() == null ? null : record.confirmed().toString(),
                record.errors(),
                record.subscriptionId());
    }

    /** Forgets a subscription that is gone, with its samples. */
    void delete(String name) throws SQLException {
        target.update(
                "delete from watchkeeper.subscription_samples where subscription = ?;"
                        + " delete from watchkeeper.subscriptions where name = ?",
                name,
                name);
    }
}
