package io.watchkeeper.toolkit.sync;

import io.watchkeeper.postgres.Identifiers;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.toolkit.copy.BucketComparison;
import java.sql.SQLException;
import java.util.List;
import java.util.stream.Collectors;

/** Rows of the target that somebody else has written since the last round, and what becomes of them. */
final class LocalRows {

    private static final int NAMED = 5;
    private static final int ROWS_OF_BUCKET = 64;

    /** A power of two. So many may be listed; where more have such a row, buckets are coarser. */
    private static final int MOST_BUCKETS = 1 << 16;

    private final Session target;
    private final PreparedSync sync;
    private final Staging staging;
    private final SyncState state;
    private final String keys;
    private final String kept;
    private boolean made;
    private boolean keeping;
    private long rows;
    private long keptRows;

    LocalRows(Session target, PreparedSync sync, Staging staging, SyncState state) {
        this.target = target;
        this.sync = sync;
        this.staging = staging;
        this.state = state;
        this.keys = "watchkeeper_local_" + staging.number();
        this.kept = "watchkeeper_kept_" + staging.number();
    }

    /** Looks at every row. @return how many there are */
    long count(TargetMark.Now now) throws SQLException {
        make();
        rows = target.updateVerbatim("INSERT INTO " + keys() + " "
                + sync.targetRows(staging.keyList("t."), state.target().writtenByOthers(now)));
        return rows;
    }

    private String keys() {
        return "pg_temp." + keys;
    }

    private String keptKeys() {
        return "pg_temp." + kept;
    }

    private void make() throws SQLException {
        target.runVerbatim(
                "DROP TABLE IF EXISTS " + keys() + "; CREATE TEMP TABLE " + keys + " ON COMMIT DROP AS SELECT "
                        + staging.keyList("") + " FROM " + sync.target().quotedAlone() + " WITH NO DATA");
        made = true;
    }

    /**
     * Whether keys that are equal are also the same as text: of numeric, 1.0 and 1.00 are not, nor are texts where case means nothing.
     * Then a row is not found on the source by the hash of the target's key.
     */
    boolean keysAreExact() throws SQLException {
        return target.one("""
                select bool_and(a.atttypid = any ('{bool,int2,int4,int8,oid,uuid,date,timestamp,timestamptz,bytea,name}'::regtype[])
                             or (a.atttypid = any ('{text,varchar}'::regtype[])
                                 and (select collisdeterministic from pg_collation l where l.oid = a.attcollation)))
                  from pg_attribute a where a.attrelid = ?::regclass and a.attname = any (?::text[])""", row -> row.getBoolean(1), sync.target().name().quoted(), sync.keyNames());
    }

    long rows() {
        return rows;
    }

    long kept() {
        return keptRows;
    }

    /** Whether the record of kept rows is to be renewed. */
    boolean keeps() {
        return keeping;
    }

    OperatorException refusal() throws SQLException {
        return refuse(target, sync, rows + " rows", "written", named(target, sync, keys() + " m"));
    }

    /** @param from a FROM clause with alias m */
    static OperatorException deleted(Session target, PreparedSync sync, String from) throws SQLException {
        long count = target.oneVerbatim("SELECT count(*) FROM " + from, row -> row.getLong(1));
        return refuse(target, sync, count + " rows", "deleted", named(target, sync, from));
    }

    private static OperatorException refuse(Session target, PreparedSync sync, String rows, String what, String named) {
        return new OperatorException(
                rows + " of " + sync.target().name() + " in database '"
                        + target.database().name() + "' were " + what + " by others since the last round: " + named
                        + "; nothing was changed",
                "localEdits sourceWins makes them as the source has them, localEdits keep leaves them alone.");
    }

    private static String named(Session target, PreparedSync sync, String from) throws SQLException {
        List<String> keys = target.listVerbatim(
                "SELECT array_to_string(" + sync.keyTexts("m") + ", ', ') FROM " + from + " LIMIT " + (NAMED + 1),
                row -> row.getString(1));
        String names = keys.stream()
                .limit(NAMED)
                .map(key -> "(" + Identifiers.quoteAll(sync.keyNames()) + ") = (" + key + ")")
                .collect(Collectors.joining(", "));
        return keys.size() > NAMED ? names + " and others" : names;
    }

    /** Brings the source's rows of these keys, as far as they are not on their way already. */
    void bringFromSource(long sourceRows) throws SQLException {
        bring(keys(), "EXISTS (SELECT FROM " + keys() + " l WHERE " + sync.equalKeys("l", "m") + ")", sourceRows);
    }

    private void bring(String keys, String keep, long sourceRows) throws SQLException {
        long mask = 1;
        while (mask * ROWS_OF_BUCKET < sourceRows) {
            mask *= 2;
        }
        List<Long> buckets = buckets(keys, mask);
        if (buckets.size() > MOST_BUCKETS) {
            mask = MOST_BUCKETS;
            buckets = buckets(keys, mask);
        }
        if (!buckets.isEmpty()) {
            staging.bringMore(new BucketComparison.Differing(mask - 1, buckets, 0, 0).condition(sync.hashHere()), keep);
        }
    }

    private List<Long> buckets(String keys, long mask) throws SQLException {
        return target.listVerbatim(
                "SELECT DISTINCT " + sync.hashThere() + " & " + (mask - 1) + " FROM " + keys + " l"
                        + (staging.isEmpty()
                                ? ""
                                : " WHERE NOT EXISTS (SELECT FROM " + staging.rows() + " s WHERE "
                                        + sync.equalKeys("s", "l") + ")")
                        + " LIMIT " + (MOST_BUCKETS + 1),
                row -> row.getLong(1));
    }

    /** Takes the rows out of what is about to be changed, except those that are the same as the source's by now. */
    void keep() throws SQLException {
        keeping = true;
        if (!made) {
            make();
        }
        // Written anew: a point in time prints otherwise once this host is in another time zone.
        target.runVerbatim("DROP TABLE IF EXISTS " + keptKeys() + "; CREATE TEMP TABLE " + kept
                + " (k text[] PRIMARY KEY) ON COMMIT DROP; INSERT INTO " + keptKeys() + " SELECT ARRAY["
                + typed("r.row_key", true) + "] FROM watchkeeper." + SyncRecord.KEPT + " r WHERE sync_id = "
                + state.id()
                + " UNION SELECT " + sync.keyTexts("l") + " FROM " + keys() + " l");
        // Only a comparison tells which of them are settled.
        bring(
                "(SELECT " + typed("k.k", false) + " FROM " + keptKeys() + " k)",
                "EXISTS (SELECT FROM " + keptKeys() + " k WHERE k.k = " + sync.keyTexts("m") + ")",
                Math.max(0, sync.source().estimatedRows()));
        staging.makeRows();
        String same = "ROW(" + columns("t.") + ")::record *= ROW(" + columns("s.") + ")::record";
        target.runVerbatim("DELETE FROM " + keptKeys() + " k USING "
                + sync.target().quotedAlone() + " t, " + staging.rows()
                + " s WHERE k.k = " + sync.keyTexts("s") + " AND " + sync.equalKeys("t", "s") + " AND " + same
                + "; DELETE FROM " + keptKeys() + " k WHERE NOT EXISTS (SELECT FROM "
                + sync.target().quotedAlone()
                + " t WHERE k.k = " + sync.keyTexts("t") + ") AND NOT EXISTS (SELECT FROM " + staging.rows()
                + " s WHERE k.k = " + sync.keyTexts("s") + ")"
                + "; DELETE FROM " + staging.rows() + " s USING " + keptKeys() + " k WHERE k.k = " + sync.keyTexts("s")
                + (staging.hasGone()
                        ? "; DELETE FROM " + staging.gone() + " g USING " + keptKeys() + " k WHERE k.k = "
                                + sync.keyTexts("g")
                        : ""));
        keptRows = staging.count(keptKeys());
    }

    /** The texts of a key's array in their columns' own types, and names; or as texts again. */
    private String typed(String array, boolean asTexts) {
        StringBuilder columns = new StringBuilder();
        for (int i = 0; i < sync.keyNames().size(); i++) {
            columns.append(i > 0 ? ", " : "")
                    .append(array)
                    .append("[")
                    .append(i + 1)
                    .append("]::")
                    .append(sync.key().get(i).to().text())
                    .append(
                            asTexts
                                    ? "::text"
                                    : " AS " + Identifiers.quote(sync.keyNames().get(i)));
        }
        return columns.toString();
    }

    private String columns(String prefix) {
        return sync.copy().columnNames().stream()
                .map(name -> prefix + Identifiers.quote(name))
                .collect(Collectors.joining(", "));
    }

    void save(SyncRecord record, long id) throws SQLException {
        record.saveKept(id, "SELECT k FROM " + keptKeys());
    }

    String note() {
        String what = rows + (rows == 1 ? " row of the target was" : " rows of the target were")
                + " written by others since the last round";
        return sync.options().localEdits() == LocalEdits.KEEP
                ? what
                : what + ", and " + (rows == 1 ? "is" : "are") + " as the source has " + (rows == 1 ? "it" : "them")
                        + " again";
    }
}
