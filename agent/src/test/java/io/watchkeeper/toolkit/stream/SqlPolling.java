package io.watchkeeper.toolkit.stream;

import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.Identifiers;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.TableName;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.toolkit.copy.SourceMark;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The smallest polling there is, for tables with a key {@code id} that fit into memory: rows written since a mark, and the keys that
 * are gone. It finds nothing but that, so that a wrong mark shows.
 */
final class SqlPolling implements Polling {

    private static final Work WORK = Work.unattended("stream test polling");

    final Map<TableName, Optional<SourceMark>> marks = new HashMap<>();

    private final Database source;
    private final Database target;

    SqlPolling(Database source, Database target) {
        this.source = source;
        this.target = target;
    }

    @Override
    public long lastRound(TableName table, String snapshot) throws SQLException {
        try (Session from = source.open(WORK)) {
            from.begin();
            from.runVerbatim("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ; SET TRANSACTION SNAPSHOT "
                    + Identifiers.quoteLiteral(snapshot));
            return round(from, table, Optional.empty());
        }
    }

    @Override
    public List<TableName> holdAfterLastRound(Session session, List<TableName> tables) {
        return List.of();
    }

    @Override
    public void startFrom(Session session, TableName table, Optional<SourceMark> mark) {
        marks.put(table, mark);
    }

    /** One round from the mark, or of everything. */
    void round(TableName table) throws SQLException {
        try (Session from = source.open(WORK)) {
            from.begin();
            from.runVerbatim("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ");
            round(from, table, marks.getOrDefault(table, Optional.empty()));
        }
    }

    private long round(Session from, TableName table, Optional<SourceMark> since) throws SQLException {
        SourceMark now = SourceMark.read(from, List.of(table));
        String window = since.map(mark -> " where " + now.writtenSince(mark)).orElse("");
        List<String> changed = from.list("select t::text from " + table + " t" + window, row -> row.getString(1));
        List<String> keys = from.list("select id::text from " + table, row -> row.getString(1));
        try (Session to = target.open(WORK)) {
            to.begin();
            to.query("select set_config('session_replication_role', 'replica', true)");
            long gone = to.update("delete from " + table + " where id <> all (?::bigint[])", keys);
            to.update(
                    "delete from " + table + " where id in (select (r::" + table + ").id from unnest(?::text[]) r)",
                    changed);
            long written = to.update(
                    "insert into " + table + " overriding system value select (r::" + table
                            + ").* from unnest(?::text[]) r",
                    changed);
            to.commit();
            marks.put(table, Optional.of(now));
            return gone + written;
        }
    }
}
