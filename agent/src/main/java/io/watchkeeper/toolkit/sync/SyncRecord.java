package io.watchkeeper.toolkit.sync;

import io.watchkeeper.postgres.AgentSchema;
import io.watchkeeper.postgres.Lsn;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.TableName;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.toolkit.copy.FillLock;
import io.watchkeeper.toolkit.copy.SourceMark;
import io.watchkeeper.toolkit.copy.StreamedTable;
import java.sql.Array;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The target's record of one table's rounds. It is written in the transaction that changes the table's rows, so that whatever dies,
 * the record says what the rows are.
 */
final class SyncRecord {

    static final String TABLES = "sync_tables";
    static final String LEAVES = "sync_leaves";
    static final String KEPT = "sync_kept";

    /** Two agents with the same table take turns. */
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private static final String TABLES_COLUMNS = """
            id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, target oid NOT NULL, target_name text NOT NULL, source_name text NOT NULL,
            scope text NOT NULL, plan text NOT NULL, columns text[] NOT NULL, version bigint NOT NULL, agent text NOT NULL,
            mode text NOT NULL, reason text NOT NULL, rows bigint NOT NULL, watermark text,
            synced_at timestamptz NOT NULL, proven_at timestamptz NOT NULL, verified_at timestamptz NOT NULL,
            target_relations text NOT NULL, target_counter bigint NOT NULL, target_horizon bigint NOT NULL,
            target_next_xid bigint NOT NULL, target_applied bigint[] NOT NULL, UNIQUE (target, scope)""";

    private static final String LEAVES_COLUMNS = """
            sync_id bigint NOT NULL REFERENCES watchkeeper.sync_tables ON DELETE CASCADE, schema_name text NOT NULL,
            table_name text NOT NULL, relation bigint NOT NULL, filenode bigint NOT NULL, columns text NOT NULL,
            system text NOT NULL, database_id bigint NOT NULL, standby boolean NOT NULL, timeline bigint NOT NULL, lsn pg_lsn NOT NULL,
            horizon bigint NOT NULL, next_xid bigint NOT NULL, PRIMARY KEY (sync_id, schema_name, table_name)""";

    private static final String KEPT_COLUMNS = """
            sync_id bigint NOT NULL REFERENCES watchkeeper.sync_tables ON DELETE CASCADE, row_key text[] NOT NULL,
            seen_at timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (sync_id, row_key)""";

    private final Session target;
    private final TableName table;
    private final String scope;

    private SyncRecord(Session target, TableName table, String scope) {
        this.target = target;
        this.table = table;
        this.scope = scope;
    }

    /**
     * Takes the table for this agent, until the session is closed.
     *
     * @param scope which of the target's rows are meant, from which source table
     * @throws OperatorException when another agent has it, a subscription writes to it, or the role may not keep the record
     */
    static SyncRecord take(Session target, TableName table, String scope) throws SQLException {
        StreamedTable.refuse(target, table);
        if (!AgentSchema.hasAll(target, List.of(TABLES, LEAVES, KEPT, StepRecord.TABLE))) {
            AgentSchema.require(target, TABLES, TABLES_COLUMNS);
            AgentSchema.require(target, LEAVES, LEAVES_COLUMNS);
            AgentSchema.require(target, KEPT, KEPT_COLUMNS);
            StepRecord.require(target);
        }
        FillLock.take(target, table, "wait for it; the next round brings what was written meanwhile.", PATIENCE);
        return new SyncRecord(target, table, scope);
    }

    /** For reading only; empty where no round was ever recorded in the database. */
    static Optional<SyncState> look(Session target, TableName table, String scope) throws SQLException {
        return AgentSchema.has(target, TABLES) ? new SyncRecord(target, table, scope).load() : Optional.empty();
    }

    /** What the last round left; empty before the first, and when the target's table is another one now. */
    Optional<SyncState> load() throws SQLException {
        Optional<Stored> stored =
                target.list("""
                        select id, version, plan, columns, rows, watermark, extract(epoch from now() - proven_at),
                               extract(epoch from now() - verified_at), extract(epoch from now() - synced_at), target_relations,
                               target_counter, target_horizon, target_next_xid, target_applied,
                               (select count(*) from watchkeeper.sync_kept k where k.sync_id = t.id)
                          from watchkeeper.sync_tables t where target = to_regclass(?) and scope = ?""", Stored::read, table.quoted(), scope).stream().findFirst();
        if (stored.isEmpty()) {
            return Optional.empty();
        }
        List<SourceMark> leaves = target.list("""
                select system, database_id, standby, timeline, lsn::text, horizon, next_xid, schema_name, table_name, relation, filenode,
                       columns
                  from watchkeeper.sync_leaves where sync_id = ?""", SyncRecord::leaf, stored.get().id);
        return leaves.isEmpty() ? Optional.empty() : Optional.of(stored.get().with(leaves));
    }

    private record Stored(
            long id,
            long version,
            String plan,
            List<String> columns,
            long rows,
            @Nullable String watermark,
            Duration sinceProven,
            Duration sinceVerified,
            Duration sinceSynced,
            TargetMark target,
            long kept) {

        static Stored read(ResultSet row) throws SQLException {
            return new Stored(
                    row.getLong(1),
                    row.getLong(2),
                    row.getString(3),
                    texts(row.getArray(4)),
                    row.getLong(5),
                    row.getString(6),
                    seconds(row, 7),
                    seconds(row, 8),
                    seconds(row, 9),
                    new TargetMark(
                            row.getString(10), row.getLong(11), row.getLong(12), row.getLong(13), List.of((Long[])
                                    row.getArray(14).getArray())),
                    row.getLong(15));
        }

        private static Duration seconds(ResultSet row, int column) throws SQLException {
            return Duration.ofMillis(Math.max(0, Math.round(row.getDouble(column) * 1000)));
        }

        private static List<String> texts(Array array) throws SQLException {
            return Arrays.asList((String[]) array.getArray());
        }

        SyncState with(List<SourceMark> leaves) {
            List<SourceMark.Relation> relations = new ArrayList<>();
            leaves.forEach(leaf -> relations.addAll(leaf.relations()));
            // Every round writes the view of all leaves anew.
            SourceMark one = leaves.get(0);
            SourceMark mark = new SourceMark(
                    one.system(),
                    one.databaseId(),
                    one.standby(),
                    one.timeline(),
                    one.lsn(),
                    one.horizon(),
                    one.nextXid(),
                    relations);
            return new SyncState(
                    id,
                    version,
                    plan,
                    columns,
                    mark,
                    rows,
                    watermark,
                    kept,
                    sinceProven,
                    sinceVerified,
                    sinceSynced,
                    target);
        }
    }

    private static SourceMark leaf(ResultSet row) throws SQLException {
        return new SourceMark(
                row.getString(1),
                row.getLong(2),
                row.getBoolean(3),
                row.getLong(4),
                Lsn.parse(row.getString(5)).orElseThrow(),
                row.getLong(6),
                row.getLong(7),
                List.of(new SourceMark.Relation(
                        new TableName(row.getString(8), row.getString(9)),
                        row.getLong(10),
                        row.getLong(11),
                        0,
                        row.getString(12))));
    }

    /**
     * What a round leaves.
     *
     * @param mark where it has read, with the window of the last round that was proven
     * @param proven whether nothing can have been missed
     * @param verified whether all rows were compared
     */
    record Outcome(
            TableName source,
            String plan,
            List<String> columns,
            SyncMode mode,
            String reason,
            SourceMark mark,
            long rows,
            @Nullable String watermark,
            boolean proven,
            boolean verified,
            TargetMark target) {}

    /**
     * Writes down what the round did, in its transaction. Waits for another agent's that is just being committed.
     *
     * @param before null for the first round
     * @return the record's id
     * @throws OperatorException when another agent has come between
     */
    long save(@Nullable SyncState before, Outcome outcome) throws SQLException {
        List<Long> ids = before == null ? insert(outcome) : update(before, outcome);
        if (ids.isEmpty()) {
            throw new OperatorException(
                    "another agent has synchronised " + table + " in database '"
                            + target.database().name() + "' meanwhile; this round was given up, and changed nothing",
                    "let one agent synchronise a table; the next round goes on from the other's.");
        }
        long id = ids.get(0);
        saveMark(target, id, before == null ? null : before.mark(), outcome.mark);
        return id;
    }

    private List<Long> insert(Outcome outcome) throws SQLException {
        return target.list(
                """
                insert into watchkeeper.sync_tables
                       (target, target_name, scope, version, synced_at, proven_at, verified_at, source_name, plan, columns, agent, mode,
                        reason, rows, watermark, target_relations, target_counter, target_horizon, target_next_xid, target_applied)
                values (?::regclass, ?, ?, 1, now(), now(), now(), ?, ?, ?::text[], ?, ?, ?, ?, ?, ?, ?, ?, ?, ?::bigint[])
                on conflict (target, scope) do nothing returning id""",
                row -> row.getLong(1),
                table.quoted(),
                table.toString(),
                scope,
                outcome.source.toString(),
                outcome.plan,
                outcome.columns,
                target.work().applicationName(),
                outcome.mode.toString(),
                outcome.reason,
                outcome.rows,
                outcome.watermark,
                outcome.target.relations(),
                outcome.target.counter(),
                outcome.target.horizon(),
                outcome.target.nextXid(),
                xids(outcome));
    }

    private List<Long> update(SyncState before, Outcome outcome) throws SQLException {
        return target.list(
                """
                update watchkeeper.sync_tables
                   set version = version + 1, synced_at = now(), source_name = ?, plan = ?, columns = ?::text[], agent = ?, mode = ?,
                       reason = ?, rows = ?, watermark = ?, target_relations = ?, target_counter = ?, target_horizon = ?,
                       target_next_xid = ?, target_applied = ?::bigint[],
                       proven_at = case when ? then now() else proven_at end,
                       verified_at = case when ? then now() else verified_at end
                 where id = ? and version = ? returning id""",
                row -> row.getLong(1),
                outcome.source.toString(),
                outcome.plan,
                outcome.columns,
                target.work().applicationName(),
                outcome.mode.toString(),
                outcome.reason,
                outcome.rows,
                outcome.watermark,
                outcome.target.relations(),
                outcome.target.counter(),
                outcome.target.horizon(),
                outcome.target.nextXid(),
                xids(outcome),
                outcome.proven,
                outcome.verified,
                before.id(),
                before.version());
    }

    private static List<String> xids(Outcome outcome) {
        return outcome.target.applied().stream().map(String::valueOf).toList();
    }

    /**
     * Replaces what is known of the source.
     *
     * @param before null when it is not known
     */
    static void saveMark(Session target, long id, @Nullable SourceMark before, SourceMark mark) throws SQLException {
        if (before == null || !names(before).equals(names(mark))) {
            target.update("delete from watchkeeper.sync_leaves where sync_id = ?", id);
        }
        target.update(
                """
                insert into watchkeeper.sync_leaves
                select ?, l.*, ?, ?, ?, ?, ?::pg_lsn, ?, ?
                  from unnest(?::text[], ?::text[], ?::bigint[], ?::bigint[], ?::text[]) l
                on conflict (sync_id, schema_name, table_name) do update
                   set relation = excluded.relation, filenode = excluded.filenode, columns = excluded.columns,
                       system = excluded.system, database_id = excluded.database_id, standby = excluded.standby,
                       timeline = excluded.timeline, lsn = excluded.lsn, horizon = excluded.horizon, next_xid = excluded.next_xid""",
                id,
                mark.system(),
                mark.databaseId(),
                mark.standby(),
                mark.timeline(),
                mark.lsn().toString(),
                mark.horizon(),
                mark.nextXid(),
                mark.relations().stream().map(r -> r.name().schema()).toList(),
                mark.relations().stream().map(r -> r.name().name()).toList(),
                mark.relations().stream().map(r -> String.valueOf(r.oid())).toList(),
                mark.relations().stream().map(r -> String.valueOf(r.filenode())).toList(),
                mark.relations().stream().map(SourceMark.Relation::columns).toList());
    }

    private static Set<TableName> names(SourceMark mark) {
        return mark.relations().stream().map(SourceMark.Relation::name).collect(Collectors.toSet());
    }

    /** Counts the open transaction of the target among those of rounds, so that none takes its rows for those of others. */
    static void own(Session target, TableName table) throws SQLException {
        if (AgentSchema.has(target, TABLES)) {
            target.update(
                    "update watchkeeper.sync_tables set target_applied = target_applied || pg_current_xact_id()::text::bigint"
                            + " where target = to_regclass(?)",
                    table.quoted());
        }
    }

    /** Keys of rows that are left different on purpose, replaced as a whole. In the round's transaction. */
    void saveKept(long id, String keysQuery) throws SQLException {
        target.update("delete from watchkeeper.sync_kept where sync_id = ?", id);
        target.runVerbatim("insert into watchkeeper.sync_kept (sync_id, row_key) select " + id + ", k from ("
                + keysQuery + ") q(k)");
    }
}
