package io.watchkeeper.toolkit.stream;

import io.watchkeeper.postgres.Identifiers;
import io.watchkeeper.postgres.Lsn;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.SqlStates;
import io.watchkeeper.postgres.TableName;
import io.watchkeeper.toolkit.copy.SourceMark;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * From streaming to polling. The subscription goes, and polling's state is set, in one transaction of the target; the slot is
 * dropped after it. If the process dies between the two, the record says that the slot is to go.
 */
final class HandBack {

    private static final Logger LOG = LoggerFactory.getLogger(HandBack.class);

    /** A worker in the middle of a transaction ends behind it; one that waits for a lock may take long. */
    private static final int ENDS_WITHIN_TENTHS = 300;

    private final Session target;
    private final StreamLedger ledger;
    private final Polling polling;

    HandBack(Session target, StreamLedger ledger, Polling polling) {
        this.target = target;
        this.ledger = ledger;
        this.polling = polling;
    }

    /**
     * Ends the subscription; the slot stays.
     *
     * @param trusted up to where the target certainly has everything; null for nothing
     * @param relations what holds each table's rows on the source
     * @return the mark that polling goes on from; empty when it has to compare everything
     */
    Optional<SourceMark> end(
            StreamRecord record,
            SubscriptionState subscription,
            @Nullable Lsn trusted,
            Map<TableName, List<TableName>> relations)
            throws SQLException {
        String name = Identifiers.quote(record.name());
        // Committed at once: whatever else is begun, no change is applied any more that the worker has not begun.
        target.runVerbatim("ALTER SUBSCRIPTION " + name + " DISABLE");
        Optional<Lsn> applied = awaitWorker(subscription.id());
        target.begin();
        try {
            Optional<SourceMark> mark = giveBack(record.name(), subscription.tables(), trusted, applied, relations);
            target.runVerbatim("ALTER SUBSCRIPTION " + name + " SET (slot_name = NONE)");
            // Waits for the worker to end. Slots of tables that are still copied are dropped with ours.
            target.runVerbatim("DROP SUBSCRIPTION " + name);
            ledger.write(ended(record, subscription.id()));
            target.commit();
            return mark;
        } catch (SQLException | RuntimeException e) {
            target.rollback();
            throw e;
        }
    }

    /**
     * Waits until nothing is applied any more.
     *
     * @return up to where the target has everything, durably; empty when a worker does not end
     */
    private Optional<Lsn> awaitWorker(long subscription) throws SQLException {
        for (int i = 0; i < ENDS_WITHIN_TENTHS; i++) {
            boolean running = target.one(
                    "select exists (select from pg_stat_subscription where subid = ?::oid and pid is not null)",
                    row -> row.getBoolean(1),
                    subscription);
            if (!running) {
                return Optional.of(target.one(
                        "select coalesce((select pg_replication_origin_progress(roname, true) from pg_replication_origin"
                                + " where roname = 'pg_' || ?::oid), '0/0')::text",
                        row -> Lsn.parse(row.getString(1)).orElseThrow(),
                        subscription));
            }
            target.query("select pg_sleep(0.1)");
        }
        return Optional.empty();
    }

    /**
     * For a subscription that somebody else has dropped. How far it had got went with it: not beyond what the source has written, as
     * long as that is still the one the sample was taken on.
     */
    void afterDropByHand(StreamRecord record, Session source) throws SQLException {
        SourceMark now = SourceMark.read(source, List.of());
        target.begin();
        try {
            StreamSamples samples = new StreamSamples(target, record.name());
            Optional<SourceMark> mark = samples.newestUpTo(record.confirmed());
            if (mark.isPresent()) {
                boolean same = now.system().equals(mark.get().system())
                        && now.timeline() == mark.get().timeline();
                for (SourceMark.Relation relation : mark.get().relations()) {
                    Optional<SourceMark> of = StreamSamples.of(mark.get(), List.of(relation.name()))
                            .filter(m -> same)
                            .map(m -> m.readUpTo(now.lsn()));
                    polling.startFrom(target, relation.name(), of);
                }
            }
            ledger.write(ended(record, record.subscriptionId()));
            target.commit();
        } catch (SQLException | RuntimeException e) {
            target.rollback();
            throw e;
        }
    }

    private Optional<SourceMark> giveBack(
            String name,
            Map<TableName, String> tables,
            @Nullable Lsn trusted,
            Optional<Lsn> applied,
            Map<TableName, List<TableName>> relations)
            throws SQLException {
        // A failover loses what lies beyond the point where the new primary parted, wherever the sample lies.
        Optional<SourceMark> mark = applied.isEmpty()
                ? Optional.empty()
                : new StreamSamples(target, name).newestUpTo(trusted).map(m -> m.readUpTo(applied.get()));
        for (Map.Entry<TableName, String> table : tables.entrySet()) {
            List<TableName> parts = relations.getOrDefault(table.getKey(), List.of(table.getKey()));
            // What is not ready has an unknown part of its rows.
            boolean ready = table.getValue().equals("r");
            polling.startFrom(
                    target, table.getKey(), ready ? mark.flatMap(m -> StreamSamples.of(m, parts)) : Optional.empty());
        }
        return mark;
    }

    private static StreamRecord ended(StreamRecord record, long subscriptionId) {
        return new StreamRecord(
                record.name(),
                record.slot(),
                record.source(),
                record.system(),
                record.publication(),
                StreamRecord.Phase.ENDED,
                record.reason(),
                null,
                null,
                record.confirmed(),
                record.errors(),
                subscriptionId);
    }

    /**
     * Drops what the record says may be left on the source, and then the record. What is left on another cluster is only named: it
     * may be gone with all that it had, and the slot with it.
     *
     * @param sourceSystem the cluster that is asked now
     * @return false when somebody reads the slot
     */
    static boolean dropSlot(StreamLedger ledger, StreamRecord record, Session source, String sourceSystem)
            throws SQLException {
        if (sourceSystem.equals(record.system())) {
            try {
                if (!SlotState.drop(source, record.slot(), record.subscriptionId())) {
                    LOG.warn(
                            "slot {} of '{}' is read by somebody and is dropped later",
                            record.slot(),
                            source.database().name());
                    return false;
                }
            } catch (SQLException e) {
                if (!SqlStates.UNDEFINED_OBJECT.equals(e.getSQLState())) {
                    throw e;
                }
                // Somebody dropped it just now.
            }
        } else {
            LOG.warn("{}", leftBehind(record));
        }
        ledger.delete(record.name());
        return true;
    }

    /** What an operator is to do about the slot of a cluster that is the source no more. */
    static String leftBehind(StreamRecord record) {
        return "slot " + record.slot() + " may be left on the cluster that was '" + record.source()
                + "' before (system "
                + record.system() + "), and keeps log there until the disk is full. HINT: if that cluster lives on, or"
                + " pg_upgrade has taken its slots along: SELECT pg_drop_replication_slot("
                + Identifiers.quoteLiteral(record.slot()).strip() + "); there.";
    }
}
