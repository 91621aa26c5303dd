package io.watchkeeper.toolkit.stream;

import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.Identifiers;
import io.watchkeeper.postgres.LockLevel;
import io.watchkeeper.postgres.PlannedAction;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.SessionPair;
import io.watchkeeper.postgres.TableName;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.problem.OperatorException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Makes a subscription, and looks after it each time it is asked again. PostgreSQL itself streams; the agent makes, watches and hands
 * over.
 */
public final class SubscriptionProvisioner {

    /** The locks, the slot's connection, and one that reads. */
    private static final int SOURCE_CONNECTIONS = 3;

    private static final int TARGET_CONNECTIONS = 2;

    private final Database source;
    private final Database target;
    private final Work work;
    private final Polling polling;

    public SubscriptionProvisioner(Database source, Database target, Work work, Polling polling) {
        this.source = source;
        this.target = target;
        this.work = work;
        this.polling = polling;
    }

    /**
     * Makes the subscription unless it is there, and looks after it. A lost slot is no failure: the result says that polling goes
     * on.
     *
     * @return its {@link StreamResult#problem} is to be thrown once the result is recorded
     * @throws OperatorException when a server, a role or a table is not fit for it; nothing was made then
     */
    public StreamResult provision(SubscriptionPlan plan) throws SQLException {
        long began = System.nanoTime();
        requireConnections();
        try (SessionPair pair = SessionPair.open(source, target, work)) {
            StreamSides sides = StreamSides.read(pair.source(), pair.target());
            PublisherSettings settings = PublisherSettings.read(pair.source());
            settings.requireLogical(pair.source());
            sides.requireSubscriber();
            List<String> notes = new ArrayList<>(settings.warnings(source.name()));
            StreamLedger ledger = StreamLedger.require(pair.target());
            ledger.requireTurn(plan.name());
            StreamWatch watch = new StreamWatch(sides, ledger, polling, plan, notes, began);
            Optional<SubscriptionState> there = SubscriptionState.read(
                    pair.target(), plan.name(), sides.to().majorVersion());
            if (there.isPresent()) {
                return watch.look(known(sides, ledger, plan, there.get()));
            }
            clearLeftovers(sides, ledger, plan.name());
            long rows = new StreamMaking(sides, ledger, polling, work, plan).make(notes);
            return watch.afterMaking(rows).look(ledger.find(plan.name()).orElseThrow());
        }
    }

    private void requireConnections() {
        requireConnections(source, SOURCE_CONNECTIONS);
        requireConnections(target, TARGET_CONNECTIONS);
    }

    private static void requireConnections(Database database, int needed) {
        if (database.settings().maxConnections() < needed) {
            throw new OperatorException(
                    "a subscription needs " + needed + " connections to '" + database.name() + "' at once, and it has "
                            + database.settings().maxConnections(),
                    "raise databases." + database.name() + ".maxConnections.");
        }
    }

    /** One that somebody made by hand is taken over as it is. */
    private StreamRecord known(
            StreamSides sides, StreamLedger ledger, SubscriptionPlan plan, SubscriptionState subscription)
            throws SQLException {
        String name = Identifiers.quote(plan.name());
        if (!subscription.publications().contains(plan.publication())) {
            throw new OperatorException(
                    "subscription " + name + " of database '" + target.name() + "' is to "
                            + String.join(", ", subscription.publications()) + ", not to " + plan.publication(),
                    "choose another name, or  ALTER SUBSCRIPTION " + name + " SET PUBLICATION "
                            + Identifiers.quote(plan.publication()) + ";");
        }
        Optional<StreamRecord> record = ledger.find(plan.name());
        if (record.isPresent() && !record.get().leavesSlot()) {
            return record.get();
        }
        if (subscription.slot() == null) {
            throw new OperatorException(
                    "subscription " + name + " of database '" + target.name() + "' has no slot",
                    "DROP SUBSCRIPTION " + name + ";  and run it again.");
        }
        StreamRecord adopted = new StreamRecord(
                plan.name(),
                subscription.slot(),
                source.name(),
                sides.from().systemIdentifier(),
                plan.publication(),
                StreamRecord.Phase.STREAMING,
                null,
                null,
                null,
                null,
                subscription.applyErrors() + subscription.syncErrors(),
                subscription.id());
        ledger.write(adopted);
        return adopted;
    }

    /** What an earlier run that died has left, or what was left when somebody dropped the subscription. */
    private void clearLeftovers(StreamSides sides, StreamLedger ledger, String name) throws SQLException {
        Optional<StreamRecord> left = ledger.find(name);
        if (left.isEmpty()) {
            return;
        }
        StreamRecord record = left.get();
        if (!record.leavesSlot()) {
            new HandBack(sides.target(), ledger, polling).afterDropByHand(record, sides.source());
        }
        if (!HandBack.dropSlot(ledger, record, sides.source(), sides.from().systemIdentifier())) {
            throw new OperatorException(
                    "slot " + record.slot() + " of '" + source.name()
                            + "' is left from an earlier run, and is being read",
                    "SELECT active_pid FROM pg_replication_slots WHERE slot_name = '" + record.slot()
                            + "'; there says by whom; run this again when it is not.");
        }
    }

    /**
     * Ends the stream and lets polling go on from where it is. Nothing happens when there is no subscription.
     *
     * @throws OperatorException when one of the servers cannot be reached
     */
    public StreamResult handBack(SubscriptionPlan plan) throws SQLException {
        long began = System.nanoTime();
        try (SessionPair pair = SessionPair.open(source, target, work)) {
            StreamSides sides = StreamSides.read(pair.source(), pair.target());
            sides.requireSubscriber();
            StreamLedger ledger = StreamLedger.require(pair.target());
            ledger.requireTurn(plan.name());
            List<String> notes = new ArrayList<>();
            StreamWatch watch = new StreamWatch(sides, ledger, polling, plan, notes, began);
            Optional<SubscriptionState> there = SubscriptionState.read(
                    pair.target(), plan.name(), sides.to().majorVersion());
            if (there.isEmpty()) {
                clearLeftovers(sides, ledger, plan.name());
                notes.add("there is no subscription " + plan.name());
                return watch.ended(plan.publication(), sides.slotName(plan.name()), Map.of());
            }
            StreamRecord record = known(sides, ledger, plan, there.get());
            return watch.handBack(record, there.get());
        }
    }

    /** What {@link #provision} would do. Changes nothing. */
    public List<PlannedAction> describe(SubscriptionPlan plan) throws SQLException {
        try (SessionPair pair = SessionPair.open(source, target, work)) {
            StreamSides sides = StreamSides.read(pair.source(), pair.target());
            PublisherSettings.read(pair.source()).requireLogical(pair.source());
            sides.requireSubscriber();
            Optional<SubscriptionState> there = SubscriptionState.read(
                    pair.target(), plan.name(), sides.to().majorVersion());
            if (there.isPresent()) {
                return List.of(comment(
                        target,
                        "-- subscription " + Identifiers.quote(plan.name())
                                + " is there: it is looked at, sequences are"
                                + " advanced, a sample for polling is taken"));
            }
            return describeMaking(sides, plan);
        }
    }

    /** What {@link #handBack} would do. Changes nothing. */
    public List<PlannedAction> describeHandBack(SubscriptionPlan plan) throws SQLException {
        String name = Identifiers.quote(plan.name());
        try (Session session = target.open(work)) {
            boolean there = session.one(
                    "select exists (select from pg_subscription where subname = ? and subdbid ="
                            + " (select oid from pg_database where datname = current_database()))",
                    row -> row.getBoolean(1),
                    plan.name());
            return there
                    ? List.of(
                            comment(target, "ALTER SUBSCRIPTION " + name + " DISABLE"),
                            comment(target, "ALTER SUBSCRIPTION " + name + " SET (slot_name = NONE)"),
                            comment(target, "DROP SUBSCRIPTION " + name),
                            comment(source, "-- the slot is dropped; polling goes on from the last sample"))
                    : List.of(comment(target, "-- there is no subscription " + name));
        }
    }

    private List<PlannedAction> describeMaking(StreamSides sides, SubscriptionPlan plan) throws SQLException {
        SubscriptionSql sql = new SubscriptionSql(plan, source.settings());
        String slot = sides.slotName(plan.name());
        List<PlannedAction> actions = new ArrayList<>();
        if (!PublishedTables.exists(sides.source(), plan.publication())) {
            actions.add(comment(
                    source,
                    "-- publication " + Identifiers.quote(plan.publication())
                            + " is not there yet: a statement above may make it"));
        } else {
            Map<TableName, PublishedTables.Published> tables = PublishedTables.read(
                    sides.source(), plan.publication(), sides.from().majorVersion());
            SchemaDrift drift = SchemaDrift.between(sides.source(), sides.target(), tables);
            if (!drift.isNone()) {
                throw drift.failure("; nothing would be made");
            }
            tables.keySet()
                    .forEach(table -> actions.add(new PlannedAction(
                            source.name(),
                            "LOCK TABLE " + table.quoted() + " IN ACCESS SHARE MODE",
                            LockLevel.ACCESS_SHARE,
                            -1,
                            -1,
                            plan.handover() ? "until a last round of polling is done" : "")));
        }
        actions.add(new PlannedAction(
                source.name(),
                "CREATE_REPLICATION_SLOT " + slot + " LOGICAL " + SlotState.PLUGIN
                        + (plan.handover() ? " EXPORT_SNAPSHOT" : ""),
                LockLevel.NONE,
                -1,
                -1,
                "waits for transactions that are writing"));
        actions.add(new PlannedAction(
                target.name(),
                sql.shown(sql.create(slot, !plan.handover(), sides.to().majorVersion())),
                LockLevel.NONE,
                -1,
                -1,
                source.settings().password() == null ? "" : "the password is handed over apart"));
        return actions;
    }

    private static PlannedAction comment(Database database, String text) {
        return new PlannedAction(database.name(), text, LockLevel.NONE, -1, -1, "");
    }

    /** Whether the table is streamed into this database now, by a subscription that the agent made. For those who would poll it. */
    public static Optional<String> streaming(Session target, TableName table) throws SQLException {
        if (StreamLedger.ifThere(target).isEmpty()) {
            return Optional.empty();
        }
        return target
                .list(
                        "select w.name from watchkeeper.subscriptions w join pg_subscription s on s.subname = w.name"
                                + " and s.subdbid = (select oid from pg_database where datname = current_database())"
                                + " join pg_subscription_rel r on r.srsubid = s.oid"
                                + " where r.srrelid = to_regclass(?) and w.phase in ('streaming', 'halted')",
                        row -> row.getString(1),
                        table.quoted())
                .stream()
                .findFirst();
    }
}
