package io.watchkeeper.toolkit.stream;

import io.watchkeeper.postgres.Identifiers;
import io.watchkeeper.postgres.Lsn;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.TableName;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.toolkit.copy.SourceMark;
import io.watchkeeper.units.Bytes;
import java.sql.SQLException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Looks at a subscription that is there, and does what a stream does not do by itself: follows the publication's tables, advances
 * sequences, stops where the tables do not fit, gives the tables back to polling when the slot is lost, and takes the sample that
 * polling would go on from.
 */
final class StreamWatch {

    /** The server starts a worker that ended again within five seconds. */
    private static final int STARTS_WITHIN_TENTHS = 120;

    private final StreamSides sides;
    private final StreamLedger ledger;
    private final Polling polling;
    private final SubscriptionPlan plan;
    private final List<String> notes;
    private final long began;

    private long rowsWritten;
    private boolean created;
    private int sequences;
    private @Nullable OperatorException failure;

    StreamWatch(
            StreamSides sides,
            StreamLedger ledger,
            Polling polling,
            SubscriptionPlan plan,
            List<String> notes,
            long began) {
        this.sides = sides;
        this.ledger = ledger;
        this.polling = polling;
        this.plan = plan;
        this.notes = notes;
        this.began = began;
    }

    /** The subscription was made just now. */
    StreamWatch afterMaking(long rows) {
        created = true;
        rowsWritten = rows;
        return this;
    }

    StreamResult look(StreamRecord known) throws SQLException {
        StreamRecord record = known;
        SubscriptionState subscription = subscription();
        Optional<SlotState> found = SlotState.read(sides.source(), record.slot());
        SlotVerdict verdict = SlotVerdict.of(record, found, sides.from().systemIdentifier(), subscription);
        if (verdict.broken() != null) {
            return lost(record, subscription, verdict);
        }
        Map<TableName, PublishedTables.Published> published = PublishedTables.read(
                sides.source(), plan.publication(), sides.from().majorVersion());
        SchemaDrift drift = SchemaDrift.between(sides.source(), sides.target(), published);
        if (!drift.isNone()) {
            return halted(record, subscription, found.orElseThrow(), drift);
        }
        notes.addAll(drift.notes());
        record = goOn(record, subscription);
        subscription = subscription();
        if (subscription.enabled()) {
            followTables(published, subscription);
            subscription = awaitWorker();
        }
        StreamState state = state(subscription);
        sequences = SequenceValues.advance(sides.source(), sides.target(), published.keySet(), notes);
        SlotState slot = SlotState.read(sides.source(), record.slot()).orElseThrow();
        judge(record, subscription, slot, state);
        sample(published.keySet());
        observe(record, subscription, slot);
        return result(state, subscription, slot);
    }

    private SubscriptionState subscription() throws SQLException {
        return SubscriptionState.read(sides.target(), plan.name(), sides.to().majorVersion())
                .orElseThrow(() -> new OperatorException(
                        "subscription " + plan.name() + " of database '"
                                + sides.target().database().name() + "' was dropped just now",
                        "run it again."));
    }

    private StreamResult lost(StreamRecord record, SubscriptionState subscription, SlotVerdict verdict)
            throws SQLException {
        Optional<SourceMark> mark = end(record, subscription, verdict);
        notes.add(verdict.broken() + ": the subscription was dropped, and polling goes on "
                + where(mark)
                + ". HINT: let syncTables poll the tables, or run this again: with handover true it streams again after"
                + " a last round.");
        return ended(record.publication(), record.slot(), subscription.tables());
    }

    /** Ends the stream because somebody asks for it. */
    StreamResult handBack(StreamRecord record, SubscriptionState subscription) throws SQLException {
        SlotVerdict verdict = SlotVerdict.of(
                record,
                SlotState.read(sides.source(), record.slot()),
                sides.from().systemIdentifier(),
                subscription);
        if (verdict.broken() != null) {
            notes.add(verdict.broken());
        }
        notes.add("polling goes on " + where(end(record, subscription, verdict)));
        return ended(record.publication(), record.slot(), subscription.tables());
    }

    private static String where(Optional<SourceMark> mark) {
        return mark.map(m -> "from " + m.lsn()).orElse("by comparing everything");
    }

    private Optional<SourceMark> end(StreamRecord record, SubscriptionState subscription, SlotVerdict verdict)
            throws SQLException {
        Map<TableName, List<TableName>> relations = StreamTables.read(
                        sides.source(), subscription.tables().keySet())
                .relations();
        Optional<SourceMark> mark =
                new HandBack(sides.target(), ledger, polling).end(record, subscription, verdict.trusted(), relations);
        if (!sides.from().systemIdentifier().equals(record.system())) {
            notes.add(HandBack.leftBehind(record));
        }
        HandBack.dropSlot(
                ledger,
                ledger.find(record.name()).orElseThrow(),
                sides.source(),
                sides.from().systemIdentifier());
        return mark;
    }

    /** What stands in the result once there is no subscription. */
    StreamResult ended(String publication, String slot, Map<TableName, String> tables) {
        Map<TableName, String> states = new LinkedHashMap<>();
        tables.keySet().forEach(table -> states.put(table, "is polled"));
        return new StreamResult(
                plan.name(),
                publication,
                sides.source().database().name(),
                sides.target().database().name(),
                StreamState.POLLING,
                false,
                slot,
                0,
                states,
                null,
                new Bytes(0),
                new Bytes(0),
                "none",
                0,
                0,
                Map.of(),
                0,
                Duration.ofNanos(System.nanoTime() - began),
                notes,
                null);
    }

    private StreamResult halted(StreamRecord record, SubscriptionState subscription, SlotState slot, SchemaDrift drift)
            throws SQLException {
        if (subscription.enabled()) {
            sides.target().runVerbatim("ALTER SUBSCRIPTION " + Identifiers.quote(plan.name()) + " DISABLE");
        }
        failure = drift.failure("; subscription " + plan.name() + " is stopped until they fit");
        ledger.write(in(record, StreamRecord.Phase.HALTED, String.join("; ", drift.problems())));
        return result(StreamState.HALTED, subscription, slot);
    }

    /** Starts again what the agent itself has stopped, and renews the way to the source where that has changed. */
    private StreamRecord goOn(StreamRecord record, SubscriptionState subscription) throws SQLException {
        SubscriptionSql sql =
                new SubscriptionSql(plan, sides.source().database().settings());
        Session target = sides.target();
        if (!sql.connectsAsConfigured(target)) {
            target.begin();
            sql.run(target, sql.connection());
            target.commit();
        }
        String policy = sql.changeOfPolicy(target, sides.to().majorVersion());
        if (policy != null) {
            target.runVerbatim(policy);
        }
        if (record.phase() != StreamRecord.Phase.HALTED) {
            return record;
        }
        if (!subscription.enabled()) {
            target.runVerbatim("ALTER SUBSCRIPTION " + Identifiers.quote(plan.name()) + " ENABLE");
            notes.add("the tables fit again: subscription " + plan.name() + " goes on");
        }
        StreamRecord going = in(record, StreamRecord.Phase.STREAMING, null);
        ledger.write(going);
        return going;
    }

    /** Tables that the publication has got or lost since. New ones are copied by the server. */
    private void followTables(Map<TableName, PublishedTables.Published> published, SubscriptionState subscription)
            throws SQLException {
        Set<TableName> known = subscription.tables().keySet();
        List<TableName> added =
                published.keySet().stream().filter(t -> !known.contains(t)).toList();
        boolean dropped = known.stream().anyMatch(t -> !published.containsKey(t));
        List<TableName> filled = sides.filled(added);
        if (!filled.isEmpty()) {
            failure = new OperatorException(
                    filled.get(0) + " came to publication " + plan.publication() + " and has rows in '"
                            + sides.target().database().name() + "' already, so that subscription " + plan.name()
                            + " does not stream it yet",
                    "TRUNCATE " + filled.get(0).quoted() + "; there lets the server copy it; or end the stream with"
                            + " handBack true and begin it again with handover true.");
            return;
        }
        if (!added.isEmpty() || dropped) {
            sides.target()
                    .runVerbatim("ALTER SUBSCRIPTION " + Identifiers.quote(plan.name())
                            + " REFRESH PUBLICATION WITH (copy_data = true)");
            added.forEach(table -> notes.add(table + " came to the publication and is copied"));
        }
    }

    private SubscriptionState awaitWorker() throws SQLException {
        SubscriptionState now = subscription();
        for (int i = 0; i < STARTS_WITHIN_TENTHS && now.enabled() && !now.running(); i++) {
            sides.target().query("select pg_sleep(0.1)");
            now = subscription();
        }
        return now;
    }

    private static StreamState state(SubscriptionState subscription) {
        if (!subscription.enabled()) {
            return StreamState.DISABLED;
        }
        if (!subscription.running()) {
            return StreamState.DOWN;
        }
        return subscription.allReady() ? StreamState.STREAMING : StreamState.COPYING;
    }

    private void judge(StreamRecord record, SubscriptionState subscription, SlotState slot, StreamState state) {
        String target = "'" + sides.target().database().name() + "'";
        String name = Identifiers.quote(plan.name());
        long errors = subscription.applyErrors() + subscription.syncErrors();
        long fresh = Math.max(0, errors - record.errors());
        if (state == StreamState.DISABLED) {
            failure = new OperatorException(
                    "subscription " + name + " of " + target + " is disabled"
                            + (errors > 0 ? " after " + errors + " changes that could not be applied" : "")
                            + ", and its slot keeps " + slot.retained() + " of log on '"
                            + sides.source().database().name() + "'",
                    (errors > 0
                                    ? "the log of " + target
                                            + " names the row and the reason; put it right there, then  "
                                    : "")
                            + "ALTER SUBSCRIPTION " + name
                            + " ENABLE;  there, or handBack true to go on by polling, which replaces such rows.");
        } else if (state == StreamState.DOWN) {
            failure = new OperatorException(
                    "subscription " + name + " of " + target + " is enabled, and its worker does not run",
                    "the log of " + target + " says why: usually the password, pg_hba.conf of '"
                            + sides.source().database().name()
                            + "', or max_logical_replication_workers; or handBack true to go on by polling.");
        } else if (fresh > 0) {
            notes.add(
                    fresh + " changes could not be applied since the last look; the log of " + target + " names them");
        }
        if (slot.walStatus().equals("unreserved")) {
            notes.add("slot " + slot.name() + " keeps " + slot.retained() + " of log, more than max_slot_wal_keep_size:"
                    + " it is lost at the next checkpoint, and polling goes on then");
        }
    }

    /** Snapshot first and position after it, in one statement: its snapshot is older than what it computes. */
    private void sample(Set<TableName> tables) throws SQLException {
        SourceMark mark = StreamTables.read(sides.source(), tables).mark(sides.source());
        new StreamSamples(sides.target(), plan.name()).add(mark);
    }

    private void observe(StreamRecord record, SubscriptionState subscription, SlotState slot) throws SQLException {
        boolean marked = record.slotSince() != null && record.slotSince().equals(slot.since());
        String since = marked ? slot.since() : SlotMark.set(sides.source(), slot);
        Lsn confirmed = slot.confirmed();
        ledger.write(new StreamRecord(
                record.name(),
                record.slot(),
                sides.source().database().name(),
                record.system(),
                plan.publication(),
                record.phase(),
                record.reason(),
                since,
                slot.statisticsSince(),
                confirmed,
                subscription.applyErrors() + subscription.syncErrors(),
                subscription.id()));
        new StreamSamples(sides.target(), plan.name()).prune(subscription.progress());
    }

    private static StreamRecord in(StreamRecord record, StreamRecord.Phase phase, @Nullable String reason) {
        return new StreamRecord(
                record.name(),
                record.slot(),
                record.source(),
                record.system(),
                record.publication(),
                phase,
                reason,
                record.slotSince(),
                record.statisticsSince(),
                record.confirmed(),
                record.errors(),
                record.subscriptionId());
    }

    private StreamResult result(StreamState state, SubscriptionState subscription, SlotState slot) {
        Map<TableName, String> tables = new LinkedHashMap<>();
        subscription.tables().forEach((table, now) -> tables.put(table, SubscriptionState.words(now)));
        return new StreamResult(
                plan.name(),
                plan.publication(),
                sides.source().database().name(),
                sides.target().database().name(),
                state,
                created,
                slot.name(),
                rowsWritten,
                tables,
                slot.confirmed(),
                slot.lag(),
                slot.retained(),
                slot.walStatus(),
                subscription.applyErrors(),
                subscription.syncErrors(),
                subscription.conflicts(),
                sequences,
                Duration.ofNanos(System.nanoTime() - began),
                notes,
                failure);
    }
}
