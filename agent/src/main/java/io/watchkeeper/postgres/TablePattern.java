package io.watchkeeper.postgres;

import io.watchkeeper.problem.OperatorException;
import java.sql.SQLException;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Which tables are meant: {@code public.*}, {@code *.*}, {@code s.x_*}, or one table's name. {@code *} stands for any
 * characters and {@code ?} for one; inside double quotes both are plain. System schemas are never meant.
 */
public final class TablePattern {

    private final String text;
    private final NamePart schema;
    private final NamePart name;

    private TablePattern(String text, NamePart schema, NamePart name) {
        this.text = text;
        this.schema = schema;
        this.name = name;
    }

    /** @throws OperatorException when it is neither a pattern nor a name */
    public static TablePattern parse(String text) {
        List<NamePart> parts = NamePart.split(text);
        return switch (parts.size()) {
            case 1 -> new TablePattern(text, NamePart.split("public").get(0), parts.get(0));
            case 2 -> new TablePattern(text, parts.get(0), parts.get(1));
            default -> throw NamePart.tooManyParts(text);
        };
    }

    public boolean matches(TableName table) {
        return schema.matches(table.schema()) && name.matches(table.name());
    }

    /** The pattern as {@code psql} and {@code pg_dump} read it, meaning the same tables. */
    public String psql() {
        return schema.psql() + "." + name.psql();
    }

    /** Whether it is one table's name, which must exist then. */
    public boolean isName() {
        return !schema.hasWildcard() && !name.hasWildcard();
    }

    /**
     * The server's tables that one of the patterns means and none of the exceptions does, sorted. A partitioned table stands
     * for its partitions; where a partition is excepted, the others stand for themselves. Views and foreign tables are left
     * out.
     *
     * @throws OperatorException when a name without wildcards does not exist, or when nothing is meant at all
     */
    public static List<TableName> resolve(Session session, List<String> patterns, List<String> except)
            throws SQLException {
        List<TablePattern> wanted = patterns.stream().map(TablePattern::parse).toList();
        List<TablePattern> unwanted = except.stream().map(TablePattern::parse).toList();
        Map<TableName, Node> all = catalogue(session);
        Set<TableName> matched = new TreeSet<>();
        for (TablePattern pattern : wanted) {
            List<TableName> tables =
                    all.keySet().stream().filter(pattern::matches).toList();
            if (tables.isEmpty() && pattern.isName()) {
                throw TableCatalogue.missing(session, new TableName(pattern.schema.literal(), pattern.name.literal()));
            }
            matched.addAll(tables);
        }
        matched.removeIf(table -> isExcepted(all, unwanted, table));
        Set<TableName> tables = new TreeSet<>();
        for (TableName table : matched) {
            if (!belongsToOneOf(matched, all, table)) {
                addWhole(tables, all, unwanted, table);
            }
        }
        if (tables.isEmpty()) {
            throw new MissingTableException(
                    session.database().name(),
                    "no table of database '" + session.database().name() + "' is meant by "
                            + String.join(", ", patterns)
                            + (except.isEmpty() ? "" : " except " + String.join(", ", except)),
                    "patterns are schema.table, for example public.*; views and foreign tables do not count.");
        }
        return List.copyOf(tables);
    }

    /** Every table of the database, a partitioned one for its partitions; empty in a database without tables. */
    public static List<TableName> all(Session session) throws SQLException {
        return catalogue(session).entrySet().stream()
                .filter(table -> table.getValue().parent == null)
                .map(Map.Entry::getKey)
                .toList();
    }

    /** A table with partitions it may not touch is replaced by those it may. */
    private static void addWhole(
            Set<TableName> to, Map<TableName, Node> all, List<TablePattern> unwanted, TableName table) {
        if (!isBroken(all, unwanted, table)) {
            to.add(table);
        } else {
            for (TableName child : node(all, table).children) {
                if (all.containsKey(child) && unwanted.stream().noneMatch(p -> p.matches(child))) {
                    addWhole(to, all, unwanted, child);
                }
            }
        }
    }

    private static boolean isBroken(Map<TableName, Node> all, List<TablePattern> unwanted, TableName root) {
        Node node = node(all, root);
        return node.children.stream()
                .anyMatch(child -> unwanted.stream().anyMatch(p -> p.matches(child))
                        || (all.containsKey(child) && isBroken(all, unwanted, child)));
    }

    private static boolean belongsToOneOf(Set<TableName> matched, Map<TableName, Node> all, TableName table) {
        for (TableName parent = node(all, table).parent; parent != null; parent = node(all, parent).parent) {
            if (matched.contains(parent)) {
                return true;
            }
        }
        return false;
    }

    /** An exception from a partitioned table is one from its partitions too. */
    private static boolean isExcepted(Map<TableName, Node> all, List<TablePattern> unwanted, TableName table) {
        for (TableName one = table; one != null; one = node(all, one).parent) {
            TableName name = one;
            if (unwanted.stream().anyMatch(p -> p.matches(name))) {
                return true;
            }
        }
        return false;
    }

    private static Node node(Map<TableName, Node> all, TableName table) {
        Node node = all.get(table);
        return node != null ? node : new Node(null);
    }

    private static Map<TableName, Node> catalogue(Session session) throws SQLException {
        Map<TableName, Node> all = new LinkedHashMap<>();
        session.list("""
                select n.nspname, c.relname, pn.nspname, p.relname
                  from pg_class c join pg_namespace n on n.oid = c.relnamespace
                  left join pg_inherits i on i.inhrelid = c.oid and c.relispartition
                  left join pg_class p on p.oid = i.inhparent left join pg_namespace pn on pn.oid = p.relnamespace
                 where c.relkind in ('r', 'p') and c.relpersistence <> 't'
                   and n.nspname !~ '^pg_' and n.nspname not in ('information_schema', 'watchkeeper')
                 order by n.nspname, c.relname""", row -> {
            String parent = row.getString(3);
            return all.put(
                    new TableName(row.getString(1), row.getString(2)),
                    new Node(parent == null ? null : new TableName(parent, row.getString(4))));
        });
        all.forEach((name, node) -> {
            if (node.parent != null) {
                node(all, node.parent).children.add(name);
            }
        });
        return all;
    }

    @Override
    public String toString() {
        return text;
    }

    /** A table in its partition tree. */
    private static final class Node {
        final @Nullable TableName parent;
        final Collection<TableName> children = new HashSet<>();

        Node(@Nullable TableName parent) {
            this.parent = parent;
        }
    }
}
