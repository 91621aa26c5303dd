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
        target.begin();
        try {
            Optional<SourceMark> mark = giveBack(record.name(), subscription.tables(), trusted, relations);
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

    /** For a subscription that somebody else has dropped. */
    void afterDropByHand(StreamRecord record) throws SQLException {
        target.begin();
        try {
            StreamSamples samples = new StreamSamples(target, record.name());
            Optional<SourceMark> mark = samples.newestUpTo(record.confirmed());
            if (mark.isPresent()) {
                for (SourceMark.Relation relation : mark.get().relations()) {
                    polling.startFrom(target, relation.name(), StreamSamples.of(mark.get(), List.of(relation.name())));
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
            Map<TableName, List<TableName>> relations)
            throws SQLException {
        Optional<SourceMark> mark = new StreamSamples(target, name).newestUpTo(trusted);
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
     * Drops what the record says may be left on the source, and then the record.
     *
     * @param sourceSystem the cluster that is asked now: the slot of another one is not there
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
        }
        ledger.delete(record.name());
        return true;
    }
}
