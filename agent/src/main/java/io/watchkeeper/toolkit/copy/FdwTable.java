package io.watchkeeper.toolkit.copy;

import io.watchkeeper.postgres.ColumnType;
import io.watchkeeper.postgres.Identifiers;
import io.watchkeeper.postgres.TableName;
import io.watchkeeper.postgres.TableShape;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A foreign table that shows one relation of the source to the target's server, and the statements that read it.
 *
 * <p>A column whose type differs on the two servers is shown twice: under its own name with the source's type, which the condition
 * and the checksum mean, and under another name with the target's, so that the target reads the source's text as a COPY would.
 */
final class FdwTable {

    static final String SCHEMA = "pg_temp";

    private final PreparedCopy copy;
    private final TableName relation;
    private final String name;

    /** Column definitions by name, without the name. */
    private final Map<String, String> definitions = new LinkedHashMap<>();

    /** What is read for each copied column, in the copy's order. */
    private final List<String> loaded = new ArrayList<>();

    /** @param number tells the foreign tables of a session apart */
    FdwTable(PreparedCopy copy, TableName relation, int number) {
        this.copy = copy;
        this.relation = relation;
        this.name = "watchkeeper_" + number;
        Map<String, CopiedColumn> copied = new LinkedHashMap<>();
        copy.columns().forEach(column -> copied.put(column.name(), column));
        copy.source().columns().forEach(column -> define(column, copied.get(column.name())));
        copy.columns().forEach(column -> loaded.add(loadedFrom(column)));
    }

    private void define(TableShape.Column column, @Nullable CopiedColumn copied) {
        ColumnType type = column.type().withoutDomains();
        if (type.builtIn()) {
            definitions.put(column.name(), definition(column.name(), type));
        } else if (copied != null) {
            definitions.put(column.name(), definition(column.name(), copied.to().withoutDomains()));
        }
        // Any other column has a type the target may not know, and is not copied.
    }

    private String loadedFrom(CopiedColumn column) {
        ColumnType type = column.to().withoutDomains();
        String wanted = definition(column.name(), type);
        if (wanted.equals(definitions.get(column.name()))) {
            return column.name();
        }
        Set<String> taken =
                copy.source().columns().stream().map(TableShape.Column::name).collect(Collectors.toSet());
        String other = "as_there_" + (loaded.size() + 1);
        while (taken.contains(other)) {
            other += "_";
        }
        definitions.put(other, wanted);
        return other;
    }

    private static String definition(String column, ColumnType type) {
        return type.text() + " OPTIONS (column_name "
                + Identifiers.quoteLiteral(column).strip() + ")";
    }

    PreparedCopy copy() {
        return copy;
    }

    TableName relation() {
        return relation;
    }

    String name() {
        return name;
    }

    String create(String server) {
        return "CREATE FOREIGN TABLE " + SCHEMA + "." + name + " ("
                + definitions.entrySet().stream()
                        .map(column -> Identifiers.quote(column.getKey()) + " " + column.getValue())
                        .collect(Collectors.joining(", "))
                + ") SERVER " + Identifiers.quote(server) + " OPTIONS (schema_name "
                + Identifiers.quoteLiteral(relation.schema()).strip() + ", table_name "
                + Identifiers.quoteLiteral(relation.name()).strip() + ")";
    }

    String drop() {
        return "DROP FOREIGN TABLE " + SCHEMA + "." + name;
    }

    /** Connects, and takes the snapshot that everything after it is read in. */
    String touch() {
        return "SELECT FROM " + SCHEMA + "." + name + " LIMIT 1";
    }

    /** Under the source's name, by which a condition may call it. */
    String fromItem() {
        return SCHEMA + "." + name + " AS "
                + Identifiers.quote(copy.source().name().name());
    }

    String select() {
        return "SELECT " + Identifiers.quoteAll(loaded) + " FROM " + fromItem() + CopySql.where(copy, null);
    }

    String insert() {
        boolean identity = copy.columns().stream()
                .anyMatch(column -> copy.target()
                        .column(column.name())
                        .filter(there -> there.identity() == TableShape.Identity.ALWAYS)
                        .isPresent());
        String into = copy.mergeKey() == null ? copy.target().name().quoted() : new MergeLoad(copy).staging();
        return "INSERT INTO " + into + " (" + Identifiers.quoteAll(copy.columnNames()) + ") "
                + (identity ? "OVERRIDING SYSTEM VALUE " : "") + select();
    }
}
