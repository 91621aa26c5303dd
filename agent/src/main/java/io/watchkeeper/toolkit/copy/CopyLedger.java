package io.watchkeeper.toolkit.copy;

import io.watchkeeper.postgres.AgentSchema;
import io.watchkeeper.postgres.Identifiers;
import io.watchkeeper.postgres.Lsn;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.TableName;
import io.watchkeeper.problem.OperatorException;
import java.sql.Array;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The target's record of the chunks of a copy: which there are, and which are in. A chunk's entry is committed with its rows, so
 * that whatever dies, whoever goes on knows exactly what is there.
 *
 * <p>One agent at a time fills a table: it holds the {@link FillLock}. An agent that has lost its connection may not know that yet and
 * still have a chunk in flight, so each takeover counts up the entry's epoch, and a chunk is committed only in the epoch it was
 * begun in.
 */
final class CopyLedger {

    static final String COPIES = "copies";
    static final String CHUNKS = "copy_chunks";

    private static final int MOST_AT_ONCE = 50_000;

    private static final String COPIES_COLUMNS = """
            id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, target oid NOT NULL UNIQUE, target_name text NOT NULL,
            source_name text NOT NULL, plan text NOT NULL, cut_by text NOT NULL, resumable boolean NOT NULL, epoch integer NOT NULL,
            agent text NOT NULL, started_at timestamptz NOT NULL DEFAULT now(), stand_in text,
            system text NOT NULL, database_id bigint NOT NULL, standby boolean NOT NULL, timeline bigint NOT NULL,
            stand_in_made text, lsn pg_lsn NOT NULL, horizon bigint NOT NULL, next_xid bigint NOT NULL, relations text[] NOT NULL""";

    private static final String CHUNKS_COLUMNS = """
            copy_id bigint NOT NULL REFERENCES watchkeeper.copies ON DELETE CASCADE, number integer NOT NULL,
            schema_name text NOT NULL, table_name text NOT NULL, begins text[], ends text[], last boolean NOT NULL,
            rows bigint, bytes bigint, left_out bigint, done_at timestamptz, PRIMARY KEY (copy_id, number)""";

    private static final String ENTRY = """
            select id, plan, cut_by, epoch, resumable, stand_in, system, database_id, standby, timeline, lsn::text, horizon, next_xid,
                   relations, started_at::text, stand_in_made
              from watchkeeper.copies""";

    /**
     * A copy that was begun.
     *
     * @param plan a digest of all that decides which rows it copies and how; another plan cannot go on with it
     * @param cutBy {@link ChunkRanges#kind}
     * @param standIn the table that is filled in place of the target; null where it is the target itself
     * @param standInMade a digest of what the stand-in was made by; null without one
     * @param begun the source's state before the first chunk
     */
    record Entry(
            long id,
            String plan,
            String cutBy,
            int epoch,
            boolean resumable,
            @Nullable String standIn,
            SourceMark begun,
            String since,
            @Nullable String standInMade) {

        static Entry read(ResultSet row) throws SQLException {
            return new Entry(
                    row.getLong(1),
                    row.getString(2),
                    row.getString(3),
                    row.getInt(4),
                    row.getBoolean(5),
                    row.getString(6),
                    new SourceMark(
                            row.getString(7),
                            row.getLong(8),
                            row.getBoolean(9),
                            row.getLong(10),
                            Lsn.parse(row.getString(11)).orElseThrow(),
                            row.getLong(12),
                            row.getLong(13),
                            relations(row.getArray(14))),
                    row.getString(15),
                    row.getString(16));
        }

        private static List<SourceMark.Relation> relations(Array array) throws SQLException {
            return Arrays.stream((String[][]) array.getArray())
                    .map(r -> new SourceMark.Relation(
                            new TableName(r[0], r[1]),
                            Long.parseLong(r[2]),
                            Long.parseLong(r[3]),
                            Long.parseLong(r[4]),
                            r[5]))
                    .toList();
        }
    }

    /** A chunk, and whether it is in. */
    record Planned(Chunk chunk, boolean done, long rows) {}

    private final Session target;
    private final TableName table;

    private CopyLedger(Session target, TableName table) {
        this.target = target;
        this.table = table;
    }

    /**
     * Takes the table for this agent, until the session is closed.
     *
     * @throws OperatorException when another one is filling it, or the role may not keep the record
     */
    static CopyLedger take(Session target, TableName table) throws SQLException {
        AgentSchema.require(target, COPIES, COPIES_COLUMNS);
        AgentSchema.require(target, CHUNKS, CHUNKS_COLUMNS);
        FillLock.take(
                target,
                table,
                "wait for it, or end it there; what it has copied by then is kept for a copy with  resume true .");
        return new CopyLedger(target, table);
    }

    /** The copy of this table that was begun and not finished. */
    Optional<Entry> unfinished() throws SQLException {
        return target.list(ENTRY + " where target = to_regclass(?)", Entry::read, table.quoted()).stream()
                .findFirst();
    }

    /** Goes on with it: nobody else's chunk is committed from now on. Waits for one that is just being committed. */
    Entry takeOver(Entry entry, boolean resumable) throws SQLException {
        return target.one(
                "update watchkeeper.copies set epoch = epoch + 1, agent = ?, resumable = ? where id = ?"
                        + ENTRY.replaceFirst("select", " returning")
                                .replaceFirst("(?s)\\s+from watchkeeper.copies", ""),
                Entry::read,
                target.work().applicationName(),
                resumable,
                entry.id);
    }

    /**
     * A statement that forgets what is on record for a table that is being replaced otherwise, a half-filled stand-in included;
     * without effect where there is no such record, or none this role may change.
     */
    static String discard(TableName table) {
        return discard("p.target = to_regclass(" + Identifiers.quoteLiteral(table.quoted()) + ") OR p.target_name = "
                + Identifiers.quoteLiteral(table.toString())
                + " AND NOT EXISTS (SELECT FROM pg_class t WHERE t.oid = p.target)");
    }

    private static String discard(String which) {
        return """
                DO $watchkeeper$ DECLARE half_filled text; BEGIN
                  IF EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'watchkeeper'
                                AND c.relname = 'copies' AND has_schema_privilege(n.oid, 'USAGE')
                                AND has_table_privilege(c.oid, 'DELETE')) THEN
                    FOR half_filled IN DELETE FROM watchkeeper.copies p WHERE %s RETURNING p.stand_in LOOP
                      IF half_filled IS NOT NULL THEN EXECUTE 'DROP TABLE IF EXISTS ' || half_filled; END IF;
                    END LOOP;
                    DELETE FROM watchkeeper.copy_chunks c
                     WHERE NOT EXISTS (SELECT FROM watchkeeper.copies p WHERE p.id = c.copy_id);
                  END IF;
                END $watchkeeper$""".formatted(which);
    }

    /** A record that is not gone on with. */
    record Leftover(long id, TableName table) {}

    /** @param which a condition on {@code watchkeeper.copies p} */
    static List<Leftover> leftovers(Session target, String which) throws SQLException {
        return target.list(
                "select p.id, n.nspname, c.relname, p.target_name from watchkeeper.copies p left join pg_class c on c.oid = p.target"
                        + " left join pg_namespace n on n.oid = c.relnamespace where " + which + " order by p.id",
                row -> new Leftover(
                        row.getLong(1),
                        row.getString(2) == null
                                ? TableName.parse(row.getString(4))
                                : new TableName(row.getString(2), row.getString(3))));
    }

    /** @return false when somebody is filling the table, and nothing was forgotten */
    static boolean forget(Session target, Leftover leftover, String which) throws SQLException {
        target.begin();
        try {
            boolean free = target.one(
                    "select pg_try_advisory_xact_lock(" + FillLock.NUMBER + ")",
                    row -> row.getBoolean(1),
                    leftover.table.quoted());
            if (free) {
                // The condition again, because a copy may have ended and another one begun before the lock was free.
                target.runVerbatim(discard("p.id = " + leftover.id + " AND " + which));
            }
            target.commit();
            return free;
        } catch (SQLException | RuntimeException e) {
            target.rollback();
            throw e;
        }
    }

    /**
     * Keeps the record of a copy that has ended, because it is a part of a larger one: going on with it brings what was written
     * since. In the caller's transaction.
     */
    void keep(Entry entry) throws SQLException {
        target.update(
                "update watchkeeper.copies set target = ?::regclass, stand_in = null, stand_in_made = null where id = ?",
                table.quoted(),
                entry.id);
    }

    /** Forgets the copy, chunks included. In the caller's transaction. */
    void forget(Entry entry) throws SQLException {
        // By hand: in a session that keeps foreign keys silent, nothing cascades.
        target.update("delete from watchkeeper.copy_chunks where copy_id = ?", entry.id);
        target.update("delete from watchkeeper.copies where id = ?", entry.id);
    }

    /** Records a copy's beginning. In the caller's transaction, which also empties the target. */
    Entry begin(
            String plan,
            ChunkRanges ranges,
            boolean resumable,
            TableName source,
            @Nullable StandIn standIn,
            SourceMark mark)
            throws SQLException {
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
        return target.one(
                "insert into watchkeeper.copies (target, target_name, source_name, plan, cut_by, resumable, epoch, agent, stand_in, stand_in_made,"
                        + " system, database_id, standby, timeline, lsn, horizon, next_xid, relations)"
                        + " values (?::regclass, ?, ?, ?, ?, ?, 1, ?, ?, ?, ?, ?, ?, ?, ?::pg_lsn, ?, ?, ?::text[])"
                        + ENTRY.replaceFirst("select", " returning")
                                .replaceFirst("(?s)\\s+from watchkeeper.copies", ""),
                Entry::read,
                table.quoted(),
                table.toString(),
                source.toString(),
                plan,
                ranges.kind(),
                resumable,
                target.work().applicationName(),
                standIn == null ? null : standIn.name().quoted(),
                standIn == null ? null : Fingerprint.of(standIn.create()),
                mark.system(),
                mark.databaseId(),
                mark.standby(),
                mark.timeline(),
                mark.lsn().toString(),
                mark.horizon(),
                mark.nextXid(),
                relations);
    }

    /** The copy's chunks in order. */
    List<Planned> chunks(Entry entry) throws SQLException {
        List<Planned> all = new ArrayList<>();
        int size;
        do {
            size = all.size();
            all.addAll(chunksAfter(
                    entry, all.isEmpty() ? 0 : all.get(size - 1).chunk().number()));
        } while (all.size() > size);
        return all;
    }

    private List<Planned> chunksAfter(Entry entry, int number) throws SQLException {
        return target.list(
                "select number, schema_name, table_name, begins, ends, done_at is not null, coalesce(rows, 0)"
                        + " from watchkeeper.copy_chunks where copy_id = ? and number > ? order by number limit "
                        + MOST_AT_ONCE,
                row -> new Planned(
                        new Chunk(
                                row.getInt(1),
                                new TableName(row.getString(2), row.getString(3)),
                                place(row.getArray(4)),
                                place(row.getArray(5))),
                        row.getBoolean(6),
                        row.getLong(7)),
                entry.id,
                number);
    }

    private static @Nullable List<String> place(@Nullable Array array) throws SQLException {
        return array == null ? null : List.of((String[]) array.getArray());
    }

    /** Whether rows of the copy's chunks were left out because of a unique value that another row had. */
    boolean hasLeftOut(Entry entry) throws SQLException {
        return target.one(
                "select exists (select from watchkeeper.copy_chunks where copy_id = ? and left_out > 0)",
                row -> row.getBoolean(1),
                entry.id);
    }

    /** Records that there is such a chunk, before anybody begins with it. */
    void plan(Entry entry, Chunk chunk) throws SQLException {
        target.update(
                "insert into watchkeeper.copy_chunks (copy_id, number, schema_name, table_name, begins, ends, last)"
                        + " values (?, ?, ?, ?, ?::text[], ?::text[], ?)",
                entry.id,
                chunk.number(),
                chunk.relation().schema(),
                chunk.relation().name(),
                chunk.from(),
                chunk.to(),
                chunk.to() == null);
    }

    /** Makes two chunks of one that is not in: it keeps its first part, and the rest gets the number. */
    void split(Entry entry, Chunk first, Chunk rest) throws SQLException {
        target.begin();
        try {
            target.update(
                    "update watchkeeper.copy_chunks set ends = ?::text[], last = false"
                            + " where copy_id = ? and number = ? and done_at is null",
                    first.to(),
                    entry.id,
                    first.number());
            plan(entry, rest);
            target.commit();
        } catch (SQLException | RuntimeException e) {
            target.rollback();
            throw e;
        }
    }

    /**
     * Records that the chunk is in, in the transaction that brought its rows.
     *
     * @throws TakenOverException when somebody else has gone on with the copy meanwhile: the rows must not be committed
     */
    static void done(Session target, Entry entry, Chunk chunk, long rows, long bytes, long leftOut)
            throws SQLException {
        long recorded = target.update(
                "with own as (select from watchkeeper.copies where id = ? and epoch = ? for share)"
                        + " update watchkeeper.copy_chunks set done_at = now(), rows = ?, bytes = ?, left_out = ?"
                        + " where copy_id = ? and number = ? and done_at is null and exists (select from own)",
                entry.id,
                entry.epoch,
                rows,
                bytes,
                leftOut,
                entry.id,
                chunk.number());
        if (recorded != 1) {
            throw new TakenOverException(chunk, target.database().name());
        }
    }

    /** Somebody else goes on with this copy. */
    static final class TakenOverException extends OperatorException {
        private static final long serialVersionUID = 1;

        TakenOverException(Chunk chunk, String database) {
            super(
                    "another agent has gone on with the copy of " + chunk.relation() + " into database '" + database
                            + "'; this one's unfinished part was not committed",
                    "let one agent copy this table.");
        }
    }
}
