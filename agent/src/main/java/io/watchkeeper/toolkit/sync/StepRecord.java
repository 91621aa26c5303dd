package io.watchkeeper.toolkit.sync;

import io.watchkeeper.postgres.AgentSchema;
import io.watchkeeper.postgres.Lsn;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.TableName;
import io.watchkeeper.toolkit.copy.SourceMark;
import java.sql.Array;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The target's record of a round that goes in steps: where it began, and up to which key it is. Written in each step's transaction, so that
 * whatever dies, the next attempt goes on there.
 */
final class StepRecord {

    static final String TABLE = "sync_steps";

    private static final String COLUMNS = """
            target oid NOT NULL, scope text NOT NULL, plan text NOT NULL, mode text NOT NULL, reason text NOT NULL, position text[],
            steps integer NOT NULL, started_at timestamptz NOT NULL DEFAULT now(), agent text NOT NULL,
            system text NOT NULL, database_id bigint NOT NULL, standby boolean NOT NULL, timeline bigint NOT NULL, lsn pg_lsn NOT NULL,
            horizon bigint NOT NULL, next_xid bigint NOT NULL, relations text[] NOT NULL, target_relations text NOT NULL,
            target_counter bigint NOT NULL, target_horizon bigint NOT NULL, target_next_xid bigint NOT NULL,
            target_applied bigint[] NOT NULL, PRIMARY KEY (target, scope)""";

    private final Session target;
    private final TableName table;
    private final String scope;

    StepRecord(Session target, TableName table, String scope) {
        this.target = target;
        this.table = table;
        this.scope = scope;
    }

    /**
     * Steps that were begun and not finished.
     *
     * @param mode xmin or full
     * @param position values of the key up to which rows are in; null for the beginning
     * @param since when the last step was taken, or the first one was begun
     * @param begun the place that the last step has read, with the window of the first one
     */
    record Begun(
            String plan,
            SyncMode mode,
            String reason,
            @Nullable List<String> position,
            int steps,
            String since,
            SourceMark begun,
            TargetMark targetMark) {}

    /** Makes the table; commits. */
    static void require(Session target) throws SQLException {
        AgentSchema.require(target, TABLE, COLUMNS);
    }

    Optional<Begun> unfinished() throws SQLException {
        if (!AgentSchema.has(target, TABLE)) {
            return Optional.empty();
        }
        return target.list("""
                        select plan, mode, reason, position, steps, started_at::text, system, database_id, standby, timeline, lsn::text,
                               horizon, next_xid, relations, target_relations, target_counter, target_horizon, target_next_xid,
                               target_applied
                          from watchkeeper.sync_steps where target = to_regclass(?) and scope = ?""", StepRecord::read, table.quoted(), scope).stream()
                .findFirst();
    }

    private static Begun read(ResultSet row) throws SQLException {
        Array position = row.getArray(4);
        SourceMark begun = new SourceMark(
                row.getString(7),
                row.getLong(8),
                row.getBoolean(9),
                row.getLong(10),
                Lsn.parse(row.getString(11)).orElseThrow(),
                row.getLong(12),
                row.getLong(13),
                relations((String[][]) row.getArray(14).getArray()));
        TargetMark mark =
                new TargetMark(row.getString(15), row.getLong(16), row.getLong(17), row.getLong(18), List.of((Long[])
                        row.getArray(19).getArray()));
        return new Begun(
                row.getString(1),
                SyncMode.valueOf(row.getString(2)),
                row.getString(3),
                position == null ? null : List.of((String[]) position.getArray()),
                row.getInt(5),
                row.getString(6),
                begun,
                mark);
    }

    private static List<SourceMark.Relation> relations(String[][] rows) {
        return Arrays.stream(rows)
                .map(r -> new SourceMark.Relation(
                        new TableName(r[0], r[1]),
                        Long.parseLong(r[2]),
                        Long.parseLong(r[3]),
                        Long.parseLong(r[4]),
                        r[5]))
                .toList();
    }

    void begin(Begun begun) throws SQLException {
        SourceMark mark = begun.begun;
        Object[] relations = mark.relations().stream()
                .map(r -> new Object[] {
                    r.name().schema(),
                    r.name().name(),
                    Long.toString(r.oid()),
                    Long.toString(r.filenode()),
                    Long.toString(r.pages()),
                    r.columns()
                })
                .toArray();
        target.update(
                """
                insert into watchkeeper.sync_steps
                       (target, scope, plan, mode, reason, steps, agent, system, database_id, standby, timeline, lsn, horizon, next_xid,
                        relations, target_relations, target_counter, target_horizon, target_next_xid, target_applied)
                values (?::regclass, ?, ?, ?, ?, 0, ?, ?, ?, ?, ?, ?::pg_lsn, ?, ?, ?::text[], ?, ?, ?, ?, ?::bigint[])""",
                table.quoted(),
                scope,
                begun.plan,
                begun.mode.name(),
                begun.reason,
                target.work().applicationName(),
                mark.system(),
                mark.databaseId(),
                mark.standby(),
                mark.timeline(),
                mark.lsn().toString(),
                mark.horizon(),
                mark.nextXid(),
                relations,
                begun.targetMark.relations(),
                begun.targetMark.counter(),
                begun.targetMark.horizon(),
                begun.targetMark.nextXid(),
                begun.targetMark.applied().stream().map(String::valueOf).toList());
    }

    /** In the step's transaction. */
    void advance(List<String> position, SourceMark read, TargetMark mark) throws SQLException {
        target.update(
                """
                update watchkeeper.sync_steps
                   set position = ?::text[], steps = steps + 1, started_at = now(), agent = ?, standby = ?, timeline = ?,
                       lsn = ?::pg_lsn, target_counter = ?, target_applied = ?::bigint[]
                 where target = to_regclass(?) and scope = ?""",
                position,
                target.work().applicationName(),
                read.standby(),
                read.timeline(),
                read.lsn().toString(),
                mark.counter(),
                mark.applied().stream().map(String::valueOf).toList(),
                table.quoted(),
                scope);
    }

    /**
     * Gives the steps up. The table's record, if there is one, is told what they wrote, which was no work of others, and where they
     * read: a failover may lose rows that they have brought. Steps that compared all rows may have begun because that record proves
     * nothing any more; so the next round compares them.
     */
    void forget() throws SQLException {
        if (!AgentSchema.has(target, TABLE)) {
            return;
        }
        target.begin();
        try {
            target.update("""
                    update watchkeeper.sync_tables t set target_applied = t.target_applied || s.target_applied,
                           plan = case when s.mode = 'FULL' and s.steps > 0 then '' else t.plan end
                      from watchkeeper.sync_steps s
                     where t.target = s.target and t.scope = s.scope and t.target = to_regclass(?) and t.scope = ?""", table.quoted(), scope);
            target.update("""
                    update watchkeeper.sync_leaves l set standby = s.standby, timeline = s.timeline, lsn = s.lsn
                      from watchkeeper.sync_steps s join watchkeeper.sync_tables t on t.target = s.target and t.scope = s.scope
                     where l.sync_id = t.id and s.steps > 0 and s.mode <> 'FULL' and t.target = to_regclass(?) and t.scope = ?""", table.quoted(), scope);
            remove();
            target.commit();
        } catch (SQLException | RuntimeException e) {
            target.rollback();
            throw e;
        }
    }

    /** In the transaction that brings the last step. */
    void remove() throws SQLException {
        target.update(
                "delete from watchkeeper.sync_steps where target = to_regclass(?) and scope = ?",
                table.quoted(),
                scope);
    }
}
