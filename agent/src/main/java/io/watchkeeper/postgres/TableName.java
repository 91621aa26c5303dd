package io.watchkeeper.postgres;

import io.watchkeeper.problem.OperatorException;
import java.util.List;

/**
 * A table's full name, as the catalogue holds it.
 *
 * @param schema not folded, not quoted
 * @param name not folded, not quoted
 */
public record TableName(String schema, String name) implements Comparable<TableName> {

    /** Where a name without a schema is looked for. */
    private static final String DEFAULT_SCHEMA = "public";

    public TableName {
        Identifiers.checked(schema, schema + "." + name);
        Identifiers.checked(name, schema + "." + name);
    }

    /**
     * Reads a name as psql does: {@code public.t}, {@code "Odd Schema"."T 1"}; what is not in quotes is folded to lower case,
     * two quotes inside quotes stand for one. Without a schema, {@code public} is meant.
     *
     * @throws OperatorException when it is not one table's name
     */
    public static TableName parse(String text) {
        List<NamePart> parts = NamePart.split(text);
        for (NamePart part : parts) {
            if (part.hasWildcard()) {
                throw new OperatorException(
                        "'" + text + "' is a pattern, and one table is needed here",
                        "name the table, or use the verb for several tables; a name with * in it goes in double quotes.");
            }
        }
        return switch (parts.size()) {
            case 1 -> new TableName(DEFAULT_SCHEMA, parts.get(0).literal());
            case 2 -> new TableName(parts.get(0).literal(), parts.get(1).literal());
            default -> throw NamePart.tooManyParts(text);
        };
    }

    /** As SQL text, each part in double quotes where it needs them: {@code public.t}, {@code "Odd Schema"."T 1"}. */
    public String quoted() {
        return Identifiers.quote(schema) + "." + Identifiers.quote(name);
    }

    @Override
    public int compareTo(TableName other) {
        int bySchema = schema.compareTo(other.schema);
        return bySchema != 0 ? bySchema : name.compareTo(other.name);
    }

    /** The name as people write it, which {@link #parse} reads back. */
    @Override
    public String toString() {
        return quoted();
    }
}
