package io.watchkeeper.toolkit.sync;

import io.watchkeeper.postgres.Identifiers;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.TableName;
import io.watchkeeper.toolkit.copy.CopySql;
import io.watchkeeper.toolkit.copy.MergeLoad;
import io.watchkeeper.toolkit.copy.RowStream;
import io.watchkeeper.toolkit.copy.SourceMark;
import java.sql.SQLException;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Rows of the source on their way into the target, in temporary tables that go with the transaction: those that are to be merged,
 * and keys that were looked at.
 */
final class Staging {

    private final PreparedSync sync;
    private final Session target;
    private final RowStream stream;
    private final RowStream keyStream;
    private final String number;
    private final MergeLoad merge;
    private final @Nullable String beside;
    private boolean made;
    private boolean moreMade;
    private boolean keysMade;
    private boolean goneMade;

    /** @param number tells the tables of one transaction apart */
    Staging(PreparedSync sync, Session target, RowStream stream, RowStream keyStream, SourceMark now, int number) {
        this.sync = sync;
        this.target = target;
        this.stream = stream;
        this.keyStream = keyStream;
        this.number = String.valueOf(number);
        this.merge = sync.merge(number);
        this.beside = sync.xmin() == SourceXmin.Use.KEPT ? SourceXmin.onSource(now) : null;
    }

    /** Tells the tables of one transaction apart. */
    String number() {
        return number;
    }

    MergeLoad merge() {
        return merge;
    }

    boolean isEmpty() {
        return !made;
    }

    String rows() {
        return merge.staging();
    }

    String gone() {
        return "pg_temp.watchkeeper_gone_" + number;
    }

    String keys() {
        return "pg_temp.watchkeeper_keys_" + number;
    }

    private String more() {
        return "pg_temp.watchkeeper_more_" + number;
    }

    /** Makes the table of rows, where nothing had to be brought so far. */
    void makeRows() throws SQLException {
        make();
    }

    /** Forgets the rows that were brought. */
    void clear() throws SQLException {
        if (made) {
            target.runVerbatim("TRUNCATE " + rows());
        }
    }

    private void make() throws SQLException {
        if (!made) {
            target.runVerbatim(String.join("; ", merge.createStaging()));
            made = true;
        }
    }

    /** Brings a relation's rows. */
    void bring(TableName relation, @Nullable String condition) throws SQLException {
        make();
        stream.pump(CopySql.copyOut(sync.copy(), relation, condition, beside), merge.copyIn());
    }

    /** Brings rows of all relations, and keeps those that the condition holds for and that are not there yet. */
    void bringMore(String sourceCondition, String keep) throws SQLException {
        make();
        String columns = merge.written("");
        if (moreMade) {
            target.runVerbatim("TRUNCATE " + more());
        } else {
            target.runVerbatim("CREATE TEMP TABLE watchkeeper_more_" + number + " ON COMMIT DROP AS SELECT " + columns
                    + " FROM " + rows() + " WITH NO DATA");
            moreMade = true;
        }
        for (TableName relation : sync.copy().sourceRelations()) {
            stream.pump(
                    CopySql.copyOut(sync.copy(), relation, sourceCondition, beside),
                    "COPY " + more() + " (" + columns + ") FROM STDIN (FORMAT "
                            + sync.copy().format() + ")");
        }
        target.runVerbatim("INSERT INTO " + rows() + " (" + columns + ") SELECT " + columns + " FROM " + more()
                + " m WHERE (" + keep + ") AND NOT EXISTS (SELECT FROM " + rows() + " s WHERE "
                + sync.equalKeys("m", "s") + ")");
    }

    /** An empty table of keys. */
    void makeKeys() throws SQLException {
        keysMade = makeKeyTable(keysMade, keys(), "watchkeeper_keys_");
    }

    /** An empty table of keys of rows that are to be deleted. */
    void makeGone() throws SQLException {
        goneMade = makeKeyTable(goneMade, gone(), "watchkeeper_gone_");
    }

    boolean hasGone() {
        return goneMade;
    }

    private boolean makeKeyTable(boolean there, String name, String prefix) throws SQLException {
        target.runVerbatim(
                there
                        ? "TRUNCATE " + name
                        : "CREATE TEMP TABLE " + prefix + number + " ON COMMIT DROP AS SELECT " + keyList("") + " FROM "
                                + sync.target().quotedAlone() + " WITH NO DATA");
        return true;
    }

    /** Brings the keys of the source's rows in the condition into {@link #keys}. */
    void bringKeys(String condition) throws SQLException {
        makeKeys();
        for (TableName relation : sync.copy().sourceRelations()) {
            keyStream.pump(
                    "COPY (SELECT " + keyList("") + " FROM ONLY " + relation.quoted()
                            + CopySql.where(sync.copy(), condition) + ") TO STDOUT",
                    "COPY " + keys() + " (" + keyList("") + ") FROM STDIN");
        }
        target.runVerbatim("CREATE INDEX ON " + keys() + " (" + keyList("") + "); ANALYZE " + keys());
    }

    String keyList(String prefix) {
        return sync.keyNames().stream()
                .map(name -> prefix + Identifiers.quote(name))
                .collect(Collectors.joining(", "));
    }

    long count(String table) throws SQLException {
        return target.oneVerbatim("SELECT count(*) FROM " + table, row -> row.getLong(1));
    }
}
