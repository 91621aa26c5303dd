package io.watchkeeper.toolkit.copy;

import io.watchkeeper.postgres.ColumnType;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * Whether a value of one column's type arrives unchanged in another column, and how it must travel for that.
 *
 * @param reason why it is not simply binary; empty for {@link Way#BINARY}
 */
public record TypeFit(Way way, String reason) {

    public enum Way {
        /** The same type with a binary form that is the same on every server. */
        BINARY,
        /** Exact as text. */
        TEXT,
        /** Exact as text for some values only: the copy must be verified. */
        VERIFIED_TEXT,
        /** Known to change values without an error. */
        REFUSED
    }

    /** Their values are, or hold, object ids, which mean something else on another server. */
    private static final Set<String> OBJECT_REFERENCES = Set.of(
            "regclass",
            "regcollation",
            "regconfig",
            "regdictionary",
            "regnamespace",
            "regoper",
            "regoperator",
            "regproc",
            "regprocedure",
            "regrole",
            "regtype",
            "refcursor");

    /** What servers send for an empty one, they do not take. */
    private static final Set<String> REFUSED_WHEN_EMPTY = Set.of("int2vector", "oidvector", "tsquery");

    /** The first version whose intervals can be infinite, with bits that meant an ordinary interval before. */
    private static final int INFINITE_INTERVALS = 17;

    private static final Set<String> TEXTS = Set.of("text", "varchar");

    /** Every value of the key's type is a value of these types, and prints the same. */
    private static final Map<String, Set<String>> WIDER = Map.of(
            "int2", Set.of("int4", "int8", "float4", "float8"),
            "int4", Set.of("int8", "float8"),
            "float4", Set.of("float8"),
            "name", TEXTS,
            "cidr", Set.of("inet"));

    /** Accepted as text by the target's type, and wrong there without an error, or never right. */
    private static final Map<String, Set<String>> CHANGING = Map.ofEntries(
            Map.entry("timestamptz", Set.of("timestamp", "date", "time", "timetz")),
            Map.entry("timestamp", Set.of("timestamptz", "date", "time", "timetz")),
            Map.entry("date", Set.of("timestamptz", "time", "timetz")),
            Map.entry("timetz", Set.of("time")),
            Map.entry("time", Set.of("timetz", "interval")),
            Map.entry(
                    "int4",
                    Set.of("float4", "date", "timestamp", "timestamptz", "interval", "time", "money", "bool", "oid")),
            Map.entry(
                    "int8", Set.of("float4", "float8", "date", "timestamp", "timestamptz", "interval", "money", "oid")),
            Map.entry("int2", Set.of("interval", "money", "date")),
            Map.entry("float8", Set.of("float4", "int2", "int4", "int8", "interval", "money")),
            Map.entry("float4", Set.of("int2", "int4", "int8", "interval", "money")),
            Map.entry("numeric", Set.of("float4", "float8", "money", "interval")),
            Map.entry("money", Set.of("numeric", "float8", "int8", "text", "varchar")),
            Map.entry("bytea", Set.of("text", "varchar", "bpchar")),
            Map.entry("text", Set.of("bytea", "date", "timestamp", "timestamptz", "interval", "money")),
            Map.entry("varchar", Set.of("bytea", "date", "timestamp", "timestamptz", "interval", "money")));

    /** With a smaller number of digits these round without an error. */
    private static final Set<String> ROUNDING =
            Set.of("numeric", "timestamp", "timestamptz", "time", "timetz", "interval");

    private static final TypeFit BINARY = new TypeFit(Way.BINARY, "");

    /** The fit between servers of these major versions. */
    public static TypeFit of(ColumnType from, ColumnType to, int sourceVersion, int targetVersion) {
        TypeFit fit = of(from, to);
        boolean apart = (sourceVersion < INFINITE_INTERVALS) != (targetVersion < INFINITE_INTERVALS);
        return fit.way == Way.BINARY && apart && holdsIntervals(from)
                ? new TypeFit(
                        Way.TEXT, from + "'s binary form means something else before PostgreSQL " + INFINITE_INTERVALS)
                : fit;
    }

    private static boolean holdsIntervals(ColumnType type) {
        boolean interval = type.builtIn() && type.name().equals("interval");
        return interval || (type.part() != null && holdsIntervals(type.part()));
    }

    public static TypeFit of(ColumnType from, ColumnType to) {
        if (from.withoutDomains().kind() == ColumnType.Kind.PSEUDO) {
            return new TypeFit(Way.REFUSED, from + " cannot be stored");
        }
        return same(from, to) ? sameType(from) : different(from, to);
    }

    /** Whether both are one type, by name, with one modifier. */
    public static boolean same(ColumnType a, ColumnType b) {
        boolean sameName = a.schema().equals(b.schema()) && a.name().equals(b.name()) && a.typmod() == b.typmod();
        if (!sameName || a.kind() != b.kind()) {
            return false;
        }
        if (a.part() == null || b.part() == null) {
            return Objects.equals(a.part(), b.part());
        }
        return same(a.part(), b.part());
    }

    private static TypeFit sameType(ColumnType type) {
        ColumnType base = type.withoutDomains();
        if (OBJECT_REFERENCES.contains(base.name()) && base.builtIn()) {
            return new TypeFit(Way.TEXT, type + " holds object ids, which differ between servers");
        }
        if (base.name().equals("money") && base.builtIn()) {
            return new TypeFit(Way.TEXT, "money means what lc_monetary says");
        }
        if (REFUSED_WHEN_EMPTY.contains(base.name()) && base.builtIn()) {
            return new TypeFit(Way.TEXT, type + "'s binary form is refused when it is empty");
        }
        if (base.kind() == ColumnType.Kind.COMPOSITE) {
            return new TypeFit(Way.TEXT, type + "'s binary form holds object ids, which differ between servers");
        }
        if (!base.portable()) {
            return new TypeFit(Way.TEXT, type + " has no binary form");
        }
        ColumnType part = base.part();
        if (part == null) {
            return BINARY;
        }
        if (base.kind() == ColumnType.Kind.ARRAY && !part.builtIn()) {
            return new TypeFit(Way.TEXT, type + "'s binary form holds object ids, which differ between servers");
        }
        return sameType(part);
    }

    private static TypeFit different(ColumnType from, ColumnType to) {
        ColumnType a = from.withoutDomains();
        ColumnType b = to.withoutDomains();
        String both = from + " here and " + to + " there";
        if (same(a, b)) {
            return new TypeFit(Way.TEXT, both);
        }
        if (a.kind() == ColumnType.Kind.ARRAY
                && b.kind() == ColumnType.Kind.ARRAY
                && a.part() != null
                && b.part() != null) {
            TypeFit parts = different(a.part(), b.part());
            return new TypeFit(parts.way, both);
        }
        if (a.builtIn() && b.builtIn()) {
            return new TypeFit(a.name().equals(b.name()) ? modifiers(a, b) : names(a, b), both);
        }
        boolean toText = b.builtIn() && TEXTS.contains(b.name()) && b.typmod() < 0;
        boolean asText = a.kind() == ColumnType.Kind.ENUM && toText;
        return new TypeFit(asText ? Way.TEXT : Way.VERIFIED_TEXT, both);
    }

    private static Way names(ColumnType a, ColumnType b) {
        if (CHANGING.getOrDefault(a.name(), Set.of()).contains(b.name())) {
            return Way.REFUSED;
        }
        boolean wider = WIDER.getOrDefault(a.name(), Set.of()).contains(b.name());
        boolean wholeToNumeric =
                Set.of("int2", "int4", "int8").contains(a.name()) && b.name().equals("numeric");
        boolean betweenTexts = TEXTS.contains(a.name()) && TEXTS.contains(b.name());
        boolean exact = (wider || wholeToNumeric || betweenTexts) && b.typmod() < 0;
        return exact ? Way.TEXT : Way.VERIFIED_TEXT;
    }

    private static Way modifiers(ColumnType a, ColumnType b) {
        if (b.typmod() < 0) {
            return a.name().equals("bpchar") || a.name().equals("bit") ? Way.VERIFIED_TEXT : Way.TEXT;
        }
        if (!ROUNDING.contains(a.name())) {
            return Way.VERIFIED_TEXT;
        }
        boolean keepsDigits = a.typmod() >= 0 && digits(b) >= digits(a);
        return keepsDigits ? Way.VERIFIED_TEXT : Way.REFUSED;
    }

    /** Digits after the point, out of a modifier as PostgreSQL packs it. */
    private static int digits(ColumnType type) {
        if (type.name().equals("numeric")) {
            // Four bytes of header; below them 11 bits of scale, signed since PostgreSQL 15.
            return (((type.typmod() - 4) & 0x7ff) ^ 1024) - 1024;
        }
        return type.typmod() & 0xffff;
    }
}
