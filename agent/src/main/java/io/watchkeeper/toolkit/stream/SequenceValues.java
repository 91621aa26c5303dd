package io.watchkeeper.toolkit.stream;

import io.watchkeeper.postgres.Identifiers;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.SqlStates;
import io.watchkeeper.postgres.TableName;
import io.watchkeeper.postgres.TableShape;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Advances the target's sequences to where the source's are: streams carry rows, and no sequence. A sequence that is further
 * already stays where it is.
 */
final class SequenceValues {

    private SequenceValues() {}

    /** A sequence of the target and the one whose value it gets. */
    private record Pair(TableName source, TableName target, boolean ascending) {}

    /**
     * @param notes gets what could not be moved
     * @return how many sequences were moved
     */
    static int advance(Session source, Session target, Collection<TableName> tables, List<String> notes)
            throws SQLException {
        List<TableName> names = List.copyOf(tables);
        Map<TableName, TableShape> from = TableShape.readAll(source, names);
        Map<TableName, TableShape> to = TableShape.readAll(target, names);
        Set<String> locked = new TreeSet<>();
        Map<TableName, Pair> pairs = new LinkedHashMap<>();
        for (TableShape table : from.values()) {
            TableShape there = to.get(table.name());
            if (there != null) {
                pair(table, there, pairs, locked);
            }
        }
        for (String sequence : locked) {
            notes.add("sequence " + sequence + " of '" + target.database().name()
                    + "' stays behind. HINT: GRANT SELECT, UPDATE ON SEQUENCE " + sequence + " TO "
                    + Identifiers.quote(target.database().settings().user()) + ";");
        }
        return pairs.isEmpty() ? 0 : move(target, pairs.values(), values(source, pairs.values(), notes));
    }

    private static void pair(TableShape table, TableShape there, Map<TableName, Pair> pairs, Set<String> locked) {
        for (TableShape.Sequence sequence : there.sequences()) {
            for (TableShape.Sequence original : table.sequences()) {
                if (!original.column().equals(sequence.column())) {
                    continue;
                }
                if (sequence.settable()) {
                    pairs.put(sequence.name(), new Pair(original.name(), sequence.name(), sequence.ascending()));
                } else {
                    locked.add(sequence.name().quoted());
                }
            }
        }
    }

    private static Map<TableName, Long> values(Session source, Collection<Pair> pairs, List<String> notes)
            throws SQLException {
        List<String> selects = new ArrayList<>();
        List<TableName> order = new ArrayList<>();
        for (Pair pair : pairs) {
            order.add(pair.source());
            selects.add("select " + order.size() + ", case when is_called then last_value end from "
                    + pair.source().quoted());
        }
        Map<TableName, Long> values = new HashMap<>();
        try {
            source.list(String.join(" union all ", selects), row -> {
                long value = row.getLong(2);
                return row.wasNull() ? null : values.put(order.get(row.getInt(1) - 1), value);
            });
        } catch (SQLException e) {
            if (!SqlStates.INSUFFICIENT_PRIVILEGE.equals(e.getSQLState())) {
                throw e;
            }
            notes.add("sequences stay behind: role '"
                    + source.database().settings().user() + "' may not read those of '"
                    + source.database().name() + "'. HINT: GRANT SELECT ON ALL SEQUENCES IN SCHEMA … TO "
                    + Identifiers.quote(source.database().settings().user()) + ";");
        }
        return values;
    }

    private static int move(Session target, Collection<Pair> pairs, Map<TableName, Long> values) throws SQLException {
        List<String> moves = new ArrayList<>();
        for (Pair pair : pairs) {
            Long value = values.get(pair.source());
            if (value != null) {
                moves.add("select setval("
                        + Identifiers.quoteLiteral(pair.target().quoted()) + "::regclass, " + value
                        + ") from " + pair.target().quoted() + " where not is_called or last_value "
                        + (pair.ascending() ? "<" : ">") + " " + value);
            }
        }
        if (moves.isEmpty()) {
            return 0;
        }
        return target.list(String.join(" union all ", moves), row -> row.getLong(1))
                .size();
    }
}
