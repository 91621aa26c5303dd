package io.watchkeeper.postgres;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A column's data type as one server knows it. Object ids differ between servers and are left out.
 *
 * @param schema {@code pg_catalog} for built-in types
 * @param typmod the modifier, for example length or precision; -1 for none
 * @param text as SQL writes it, for example {@code numeric(10,2)}; schema-qualified where it is not built in
 * @param portable whether the type has functions for the binary form at all
 * @param part a domain's base type, an array's element type, a range's subtype; null for the other kinds
 */
public record ColumnType(
        String schema,
        String name,
        int typmod,
        String text,
        Kind kind,
        boolean portable,
        @Nullable ColumnType part) {

    /** {@code pg_type.typtype}, with arrays told from other base types. */
    public enum Kind {
        BASE,
        ARRAY,
        COMPOSITE,
        DOMAIN,
        ENUM,
        RANGE,
        PSEUDO;

        static Kind of(String typtype, boolean array) {
            return switch (typtype) {
                case "b" -> array ? ARRAY : BASE;
                case "c" -> COMPOSITE;
                case "d" -> DOMAIN;
                case "e" -> ENUM;
                case "r", "m" -> RANGE;
                default -> PSEUDO;
            };
        }

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    public boolean builtIn() {
        return schema.equals("pg_catalog");
    }

    /** The type below all domains. */
    public ColumnType withoutDomains() {
        return kind == Kind.DOMAIN && part != null ? part.withoutDomains() : this;
    }

    @Override
    public String toString() {
        return text;
    }
}
