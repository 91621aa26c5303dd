package io.watchkeeper.toolkit.stream;

import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.FailureClass;
import io.watchkeeper.postgres.Identifiers;
import io.watchkeeper.postgres.Progress;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.SqlStates;
import io.watchkeeper.postgres.TableLocks;
import io.watchkeeper.postgres.TableName;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.problem.OperatorException;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes a subscription: record, slot, subscription, in this order. */
final class StreamMaking {

    private static final Logger LOG = LoggerFactory.getLogger(StreamMaking.class);

    private static final Work TIDYING = Work.unattended("watchkeeper tidying up");

    private final StreamSides sides;
    private final StreamLedger ledger;
    private final Polling polling;
    private final Work work;
    private final SubscriptionPlan plan;
    private final SubscriptionSql sql;

    StreamMaking(StreamSides sides, StreamLedger ledger, Polling polling, Work work, SubscriptionPlan plan) {
        this.sides = sides;
        this.ledger = ledger;
        this.polling = polling;
        this.work = work;
        this.plan = plan;
        this.sql = new SubscriptionSql(plan, sides.source().database().settings());
    }

    /**
     * Makes it; when that fails, everything is as before, but that tables may have been polled.
     *
     * @param notes gets what an operator should know
     * @return how many rows the last round of polling wrote
     * @throws OperatorException when a server, a role or a table is not fit for it
     */
    long make(List<String> notes) throws SQLException {
        Session source = sides.source();
        PublisherSettings.read(source).requireSlots(source);
        requireFreeSlot();
        source.begin();
        try {
            StreamTables tables = lock();
            requireFit(notes);
            ledger.write(prepared());
            work.progress(new Progress(plan.name(), "record", 0, -1, 0));
            return makeRecorded(tables);
        } finally {
            source.rollback();
            work.progress(Progress.finished(plan.name()));
        }
    }

    private long makeRecorded(StreamTables tables) throws SQLException {
        boolean made = false;
        try {
            long rows;
            if (plan.handover()) {
                rows = new Handover(sides, ledger, polling, work, sql).run(prepared(), tables);
            } else {
                copy();
                rows = 0;
            }
            made = true;
            return rows;
        } catch (SQLException e) {
            throw explained(e);
        } finally {
            if (!made) {
                tidyUp();
            }
        }
    }

    /** The tables keep their shape from here on: a snapshot older than a rewrite would see none of the rows. */
    private StreamTables lock() throws SQLException {
        Session source = sides.source();
        Map<TableName, PublishedTables.Published> published =
                PublishedTables.read(source, plan.publication(), sides.from().majorVersion());
        if (published.isEmpty()) {
            throw new OperatorException(
                    "publication " + Identifiers.quote(plan.publication()) + " of database '"
                            + source.database().name() + "' has no tables",
                    "provisionPublication('" + source.database().name() + "') { name '" + plan.publication()
                            + "'; tables 'public.*' } gives it some.");
        }
        StreamTables tables = StreamTables.read(source, published.keySet());
        try {
            // The session idles in its transaction until the last round is done.
            source.query("select set_config('idle_in_transaction_session_timeout', '0', true)");
            source.runVerbatim("LOCK TABLE " + String.join(", ", tables.locks()) + " IN ACCESS SHARE MODE");
            return tables;
        } catch (SQLException e) {
            if (SqlStates.LOCK_NOT_AVAILABLE.equals(e.getSQLState())) {
                source.rollback();
                throw TableLocks.explain(source, published.keySet(), e);
            }
            throw e;
        }
    }

    private void requireFit(List<String> notes) throws SQLException {
        Map<TableName, PublishedTables.Published> published = PublishedTables.read(
                sides.source(), plan.publication(), sides.from().majorVersion());
        SchemaDrift drift = SchemaDrift.between(sides.source(), sides.target(), published);
        if (!drift.isNone()) {
            throw drift.failure("; nothing was made");
        }
        notes.addAll(drift.notes());
        sides.requireOwners(published.keySet());
        if (plan.handover()) {
            for (PublishedTables.Published table : published.values()) {
                if (!table.whole()) {
                    throw new OperatorException(
                            "publication " + Identifiers.quote(plan.publication()) + " sends only a part of "
                                    + table.name() + ", and polling brings the whole table",
                            "publish the whole table, or leave handover out and begin with an empty table.");
                }
            }
            return;
        }
        List<TableName> filled = sides.filled(published.keySet());
        if (!filled.isEmpty()) {
            throw new OperatorException(
                    filled.get(0) + " in database '" + sides.target().database().name()
                            + "' has rows already, and the server would copy those of '"
                            + sides.source().database().name() + "' on top of them",
                    "handover true brings it up to date and streams on from there without a copy; or TRUNCATE "
                            + filled.get(0).quoted() + "; first.");
        }
    }

    /** One that the agent made is in the ledger, and gone by now. */
    private void requireFreeSlot() throws SQLException {
        String slot = slot();
        if (SlotState.read(sides.source(), slot).isPresent()) {
            throw new OperatorException(
                    "slot " + slot + " is on '" + sides.source().database().name() + "' already, and '"
                            + sides.target().database().name() + "' has no record of it",
                    "if no other server reads it: SELECT pg_drop_replication_slot('" + slot + "'); there.");
        }
    }

    private void copy() throws SQLException {
        work.progress(new Progress(plan.name(), "slot", 0, -1, 0));
        // In a session of its own: the one with the locks is in a transaction.
        try (Session maker = sides.source().database().open(work)) {
            SlotState.create(maker, slot());
        }
        Session target = sides.target();
        work.progress(new Progress(plan.name(), "subscription", 0, -1, 0));
        target.begin();
        try {
            sql.run(target, sql.create(slot(), true, sides.to().majorVersion()));
            ledger.write(streaming(target, prepared()));
            new StreamSamples(target, plan.name()).clear();
            target.commit();
        } catch (SQLException | RuntimeException e) {
            target.rollback();
            throw e;
        }
    }

    private String slot() {
        return sides.slotName(plan.name());
    }

    private StreamRecord prepared() {
        return new StreamRecord(
                plan.name(),
                slot(),
                sides.source().database().name(),
                sides.from().systemIdentifier(),
                plan.publication(),
                StreamRecord.Phase.PREPARING,
                null,
                null,
                null,
                null,
                0,
                0);
    }

    /** The record of a subscription made in the target's open transaction. */
    static StreamRecord streaming(Session target, StreamRecord prepared) throws SQLException {
        long id = target.one(
                "select oid::bigint from pg_subscription where subname = ? and subdbid ="
                        + " (select oid from pg_database where datname = current_database())",
                row -> row.getLong(1),
                prepared.name());
        return new StreamRecord(
                prepared.name(),
                prepared.slot(),
                prepared.source(),
                prepared.system(),
                prepared.publication(),
                StreamRecord.Phase.STREAMING,
                null,
                null,
                null,
                null,
                0,
                id);
    }

    /** In sessions of other work: this one may have been told to stop. What cannot be reached now is left to the sweep. */
    private void tidyUp() {
        Database source = sides.source().database();
        Database target = sides.target().database();
        try (Session from = source.open(TIDYING);
                Session to = target.open(TIDYING)) {
            StreamLedger records = StreamLedger.require(to);
            StreamRecord record = records.find(plan.name()).orElse(null);
            if (record != null && record.phase() == StreamRecord.Phase.PREPARING) {
                HandBack.dropSlot(records, record, from, sides.from().systemIdentifier());
            }
        } catch (SQLException | RuntimeException e) {
            LOG.warn(
                    "slot {}, which may be left on '{}', is dropped by the next run or sweep: {}",
                    slot(),
                    source.name(),
                    e.getMessage());
        }
    }

    private SQLException explained(SQLException e) {
        String state = String.valueOf(e.getSQLState());
        String message = String.valueOf(e.getMessage());
        String to = sides.target().database().name();
        String from = sides.source().database().name();
        if (message.contains("could not connect to the publisher")) {
            throw new OperatorException(
                    "the server of '" + to + "' cannot reach '" + from + "': " + message,
                    "if it has another address from there, say  sourceAddress 'host:port' ; else look at pg_hba.conf of '"
                            + from + "', the password and firewalls.",
                    e);
        }
        if (state.equals(SqlStates.INSUFFICIENT_PRIVILEGE)) {
            throw new OperatorException(
                    "a right is missing for subscription " + plan.name() + " of '" + to + "': " + message,
                    "docs/streaming.md lists the rights of both roles.",
                    e);
        }
        if (FailureClass.of(e) == FailureClass.PERMANENT) {
            throw new OperatorException(
                    "subscription " + plan.name() + " of '" + to + "' could not be made: " + message, null, e);
        }
        return e;
    }
}
