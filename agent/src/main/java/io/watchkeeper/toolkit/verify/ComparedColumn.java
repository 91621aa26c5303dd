package io.watchkeeper.toolkit.verify;

import io.watchkeeper.postgres.ColumnType;
import io.watchkeeper.postgres.Identifiers;
import java.util.Set;

/**
 * A column of one side.
 *
 * @param plain whether {@link io.watchkeeper.toolkit.copy.RowHash} needs no length of it; the same on both sides
 */
record ComparedColumn(String name, ColumnType type, boolean plain) {

    private static final Set<String> WHOLE_NUMBERS = Set.of("int2", "int4", "int8");

    /** Of a builtin type with one order on all servers. */
    private static final Set<String> ORDERED = Set.of(
            "int2",
            "int4",
            "int8",
            "oid",
            "numeric",
            "uuid",
            "date",
            "timestamp",
            "timestamptz",
            "bool",
            "bytea",
            "inet",
            "cidr",
            "macaddr");

    private static final Set<String> TEXTS = Set.of("text", "varchar");

    String quoted() {
        return Identifiers.quote(name);
    }

    /** What the value prints. An XML declaration that says nothing is not printed by COPY, and the cast would have it. */
    String text() {
        ColumnType base = type.withoutDomains();
        boolean xml = base.builtIn() && base.name().equals("xml");
        return xml ? "textin(xml_out(" + quoted() + "))" : quoted() + "::text";
    }

    boolean isWholeNumber() {
        return is(WHOLE_NUMBERS);
    }

    /** Whether every server puts the values of both into the same order. */
    static boolean sameOrder(ComparedColumn a, ComparedColumn b) {
        boolean sameName =
                a.type.withoutDomains().name().equals(b.type.withoutDomains().name());
        return (a.isWholeNumber() && b.isWholeNumber()) || (sameName && a.is(ORDERED) && b.is(ORDERED));
    }

    /** An expression in byte order, which all servers with one encoding agree on, whatever their collations say. */
    String inByteOrder() {
        return (is(TEXTS) ? quoted() : text()) + " COLLATE \"C\"";
    }

    private boolean is(Set<String> names) {
        ColumnType base = type.withoutDomains();
        return base.builtIn() && names.contains(base.name());
    }
}
