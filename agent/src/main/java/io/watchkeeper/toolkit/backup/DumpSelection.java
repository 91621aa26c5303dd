package io.watchkeeper.toolkit.backup;

import io.watchkeeper.postgres.NamePattern;
import io.watchkeeper.postgres.TablePattern;
import io.watchkeeper.problem.OperatorException;
import java.util.List;

/**
 * What of a database is meant.
 *
 * @param tables names or patterns of tables, views and sequences; empty for all that {@code schemas} names
 * @param schemas names or patterns; empty for all
 * @param exclude names or patterns of tables that are left out after all
 * @param schemaOnly without rows
 * @param dataOnly rows without the statements that make tables
 */
public record DumpSelection(
        List<String> tables, List<String> schemas, List<String> exclude, boolean schemaOnly, boolean dataOnly) {

    /** The whole database. */
    public static final DumpSelection ALL = new DumpSelection(List.of(), List.of(), List.of(), false, false);

    /** @throws OperatorException when a pattern cannot be read, or two of the wishes exclude each other */
    public DumpSelection {
        tables = List.copyOf(tables);
        schemas = List.copyOf(schemas);
        exclude = List.copyOf(exclude);
        tables.forEach(TablePattern::parse);
        schemas.forEach(NamePattern::parse);
        exclude.forEach(TablePattern::parse);
        if (!tables.isEmpty() && !schemas.isEmpty()) {
            throw new OperatorException(
                    "'tables' and 'schemas' together do not say what is meant",
                    "name the tables of a schema by a pattern: tables '" + schemas.get(0) + ".*'.");
        }
        if (schemaOnly && dataOnly) {
            throw new OperatorException("'schemaOnly' and 'dataOnly' together leave nothing", "leave one of them out.");
        }
    }

    public DumpSelection withTables(List<String> patterns) {
        return new DumpSelection(patterns, schemas, exclude, schemaOnly, dataOnly);
    }

    public DumpSelection withSchemas(List<String> patterns) {
        return new DumpSelection(tables, patterns, exclude, schemaOnly, dataOnly);
    }

    public DumpSelection withExclude(List<String> patterns) {
        return new DumpSelection(tables, schemas, patterns, schemaOnly, dataOnly);
    }

    public DumpSelection withSchemaOnly(boolean yes) {
        return new DumpSelection(tables, schemas, exclude, yes, dataOnly);
    }

    public DumpSelection withDataOnly(boolean yes) {
        return new DumpSelection(tables, schemas, exclude, schemaOnly, yes);
    }

    /** Whether only a part of the database is meant. */
    public boolean isPart() {
        return !tables.isEmpty() || !schemas.isEmpty() || !exclude.isEmpty();
    }

    /** For titles: {@code public.*, except public.audit_*}. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        text.append(
                tables.isEmpty() && schemas.isEmpty()
                        ? "all tables"
                        : String.join(", ", tables.isEmpty() ? schemas : tables));
        if (!exclude.isEmpty()) {
            text.append(" except ").append(String.join(", ", exclude));
        }
        if (schemaOnly || dataOnly) {
            text.append(schemaOnly ? ", without rows" : ", rows only");
        }
        return text.toString();
    }
}
