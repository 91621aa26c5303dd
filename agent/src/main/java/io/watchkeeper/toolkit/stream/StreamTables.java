package io.watchkeeper.toolkit.stream;

import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.TableName;
import io.watchkeeper.postgres.TableShape;
import io.watchkeeper.toolkit.copy.SourceMark;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Published tables, and what holds the rows of each on the source: the table itself, or its partitions.
 *
 * @param relations by table, in order
 * @param locks what a lock on all of them names
 */
record StreamTables(Map<TableName, List<TableName>> relations, List<String> locks) {

    static StreamTables read(Session source, Collection<TableName> tables) throws SQLException {
        Map<TableName, List<TableName>> relations = new LinkedHashMap<>();
        List<String> locks = new ArrayList<>();
        for (TableShape shape : TableShape.readAll(source, List.copyOf(tables)).values()) {
            relations.put(
                    shape.name(),
                    shape.isPartitioned()
                            ? shape.leaves().stream().map(TableShape.Leaf::name).toList()
                            : List.of(shape.name()));
            locks.add(shape.quotedAlone());
        }
        return new StreamTables(relations, locks);
    }

    /** The mark of the session's snapshot, or of one taken now. */
    SourceMark mark(Session source) throws SQLException {
        return SourceMark.read(
                source,
                relations.values().stream().flatMap(List::stream).distinct().toList());
    }
}
