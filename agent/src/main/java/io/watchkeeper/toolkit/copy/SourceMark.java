package io.watchkeeper.toolkit.copy;

import io.watchkeeper.postgres.Lsn;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.TableName;
import java.sql.Array;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Where a snapshot of the source stands: enough to tell, later and perhaps on another server of the same cluster, which rows were
 * written since, or that this cannot be told.
 *
 * <p>Every transaction that the snapshot does not see, and every subtransaction of one, has an xid of at least {@code horizon};
 * so the rows written since have such an xmin. (The largest xmin among the rows is no such mark: transactions commit late with
 * small xids.)
 *
 * @param system the cluster's identifier
 * @param databaseId the database's oid
 * @param standby whether it was read on a standby
 * @param timeline 0 where the server does not say
 * @param lsn inserted on a primary, replayed on a standby
 * @param horizon the snapshot's xmin, all 64 bits of it
 * @param nextXid the first xid, likewise, from which on the snapshot sees nothing: its xmax, or its xmin where that is larger
 * @param relations what the rows are read from
 */
public record SourceMark(
        String system,
        long databaseId,
        boolean standby,
        long timeline,
        Lsn lsn,
        long horizon,
        long nextXid,
        List<Relation> relations) {

    /** xmin has 32 bits: with more transactions than this between two snapshots, an old row looks like a new one. */
    private static final long WINDOW = 1L << 32;

    /**
     * A table or partition, as the catalogue has it.
     *
     * @param columns their numbers, which tell a column from a later one of the same name
     */
    public record Relation(TableName name, long oid, long filenode, long pages, String columns) {}

    public SourceMark {
        relations = List.copyOf(relations);
    }

    /**
     * Reads the mark of the transaction's snapshot. The relations must be locked before it was taken.
     *
     * <p>A snapshot that a slot exported may have an xmax below its xmin: the slot counts it by the commits it tracked, and does not
     * track those it only waited past. A window that ended there lost their updates.
     */
    public static SourceMark read(Session source, List<TableName> relations) throws SQLException {
        return source.one(
                """
                select (select system_identifier::text from pg_control_system()),
                       (select oid::bigint from pg_database where datname = current_database()),
                       pg_is_in_recovery(),
                       case when pg_is_in_recovery()
                            then greatest((select received_tli from pg_stat_wal_receiver),
                                          (select min_recovery_end_timeline from pg_control_recovery()), 0)
                            else ('x' || left(pg_walfile_name(pg_current_wal_insert_lsn()), 8))::bit(32)::int end,
                       case when pg_is_in_recovery() then pg_last_wal_replay_lsn() else pg_current_wal_insert_lsn() end::text,
                       pg_snapshot_xmin(s)::text::bigint,
                       greatest(pg_snapshot_xmin(s)::text::bigint, pg_snapshot_xmax(s)::text::bigint),
                       array(select array[n.nspname, c.relname, c.oid::text,
                                          coalesce(pg_relation_filenode(c.oid), 0)::text,
                                          (pg_relation_size(c.oid) / current_setting('block_size')::int)::text,
                                          (select coalesce(string_agg(attnum::text, ' ' order by attnum), '')
                                             from pg_attribute where attrelid = c.oid and attnum > 0 and not attisdropped)]
                               from unnest(?::text[], ?::text[]) with ordinality w(s, t, p)
                               join pg_namespace n on n.nspname = w.s
                               join pg_class c on c.relnamespace = n.oid and c.relname = w.t order by p)
                  from pg_current_snapshot() s""",
                row -> new SourceMark(
                        row.getString(1),
                        row.getLong(2),
                        row.getBoolean(3),
                        row.getLong(4),
                        Lsn.parse(row.getString(5)).orElseThrow(),
                        row.getLong(6),
                        row.getLong(7),
                        relations(row.getArray(8))),
                relations.stream().map(TableName::schema).toList(),
                relations.stream().map(TableName::name).toList());
    }

    /**
     * How far a standby has replayed its log; empty on a primary. Read before a snapshot is taken, it is something the snapshot shows
     * for certain; the mark's own may be younger than its snapshot.
     */
    public static Optional<Lsn> replayed(Session source) throws SQLException {
        return Optional.ofNullable(source.one(
                        "select case when pg_is_in_recovery() then pg_last_wal_replay_lsn() end::text",
                        row -> row.getString(1)))
                .flatMap(Lsn::parse);
    }

    private static List<Relation> relations(Array array) throws SQLException {
        List<Relation> relations = new ArrayList<>();
        for (Object one : (Object[]) array.getArray()) {
            String[] r = (String[]) one;
            relations.add(new Relation(
                    new TableName(r[0], r[1]), Long.parseLong(r[2]), Long.parseLong(r[3]), Long.parseLong(r[4]), r[5]));
        }
        return relations;
    }

    /**
     * Whether this standby's snapshot may not show all that the other mark's did.
     *
     * @param replayed before this mark's snapshot was taken; empty on a primary
     */
    public boolean isBehind(SourceMark earlier, Optional<Lsn> replayed) {
        return standby && replayed.orElse(new Lsn(0)).compareTo(earlier.lsn) < 0;
    }

    /**
     * Why what was written since the earlier mark cannot be told by xmin; empty when it can.
     *
     * @param byPages whether rows were found by their place, which a rewrite of the table changes
     */
    public Optional<String> breakSince(SourceMark earlier, boolean byPages) {
        if (!system.equals(earlier.system) || databaseId != earlier.databaseId) {
            return Optional.of("the source is another database now");
        }
        if (timeline > 0 && earlier.timeline > 0 && timeline != earlier.timeline) {
            return Optional.of(
                    "the source was promoted: it is on timeline " + timeline + ", and was on " + earlier.timeline);
        }
        if (nextXid < earlier.horizon || (!standby && !earlier.standby && lsn.compareTo(earlier.lsn) < 0)) {
            return Optional.of("the source was set back to an earlier state");
        }
        if (nextXid - earlier.horizon >= WINDOW) {
            return Optional.of("more than four billion transactions have passed on the source");
        }
        if (!relations.stream()
                .map(Relation::oid)
                .toList()
                .equals(earlier.relations.stream().map(Relation::oid).toList())) {
            return Optional.of("the table was replaced, or its partitions changed, on the source");
        }
        if (!relations.stream()
                .map(Relation::columns)
                .toList()
                .equals(earlier.relations.stream().map(Relation::columns).toList())) {
            // A new column's default shows in rows that nobody has written.
            return Optional.of("the table's columns were changed on the source");
        }
        boolean rewritten = !relations.stream()
                .map(Relation::filenode)
                .toList()
                .equals(earlier.relations.stream().map(Relation::filenode).toList());
        return byPages && rewritten ? Optional.of("the table was rewritten on the source") : Optional.empty();
    }

    /**
     * This mark's place in the log and among the relations, with the window of an earlier one: what was written since that one is not
     * known to be all there, and rows up to this one's place are.
     */
    public SourceMark withWindowOf(SourceMark earlier) {
        return new SourceMark(system, databaseId, standby, timeline, lsn, earlier.horizon, earlier.nextXid, relations);
    }

    /** The same view, of a target that also has rows which the log brought it up to that position. */
    public SourceMark readUpTo(Lsn position) {
        return new SourceMark(
                system,
                databaseId,
                standby,
                timeline,
                position.compareTo(lsn) > 0 ? position : lsn,
                horizon,
                nextXid,
                relations);
    }

    /** The condition on rows written since the earlier mark; it finds too many rather than too few. */
    public String writtenSince(SourceMark earlier) {
        return "((xmin::text::bigint - " + earlier.horizon + ") & 4294967295) < " + (nextXid - earlier.horizon);
    }

    /** Whether no transaction can have written since the earlier mark. */
    public boolean isSameAs(SourceMark earlier) {
        return nextXid == earlier.horizon;
    }
}
