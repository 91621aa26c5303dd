package io.watchkeeper.toolkit.index;

import io.watchkeeper.postgres.Identifiers;
import io.watchkeeper.postgres.TableName;
import io.watchkeeper.postgres.TablePattern;
import java.util.List;
import java.util.stream.Collectors;

/**
 * What a house wants of the indexes of some tables.
 *
 * @param name of the rule, for messages
 * @param tables that it is about, as far as they have its columns
 * @param except tables that it is not about
 * @param index columns that one B-tree must begin with, in this order; empty for no such demand
 * @param include columns that this index must hold, too, of those that the table has
 * @param never methods of access that no index may have, as {@code hash}
 * @param why in words; may be empty
 */
record IndexRule(
        String name,
        List<TablePattern> tables,
        List<TablePattern> except,
        List<Key> index,
        List<String> include,
        List<String> never,
        String why) {

    /** A column of an index. */
    record Key(String column, boolean descending) {

        String sql() {
            return Identifiers.quote(column) + (descending ? " DESC" : "");
        }
    }

    boolean isAbout(IndexedTable table) {
        TableName name = table.table();
        return tables.stream().anyMatch(pattern -> pattern.matches(name))
                && except.stream().noneMatch(pattern -> pattern.matches(name))
                && table.columns().containsAll(columns());
    }

    List<String> columns() {
        return index.stream().map(Key::column).toList();
    }

    /** The columns to be included that the table has. */
    List<String> includedOf(IndexedTable table) {
        return include.stream().filter(table.columns()::contains).toList();
    }

    /** As it stands after the table in {@code CREATE INDEX}. */
    String sql(IndexedTable table) {
        List<String> more = includedOf(table);
        return "(" + index.stream().map(Key::sql).collect(Collectors.joining(", ")) + ")"
                + (more.isEmpty() ? "" : " INCLUDE (" + Identifiers.quoteAll(more) + ")");
    }
}
