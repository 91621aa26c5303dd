package io.watchkeeper.toolkit.copy;

import io.watchkeeper.postgres.ColumnType;
import io.watchkeeper.postgres.Identifiers;

/** A column that is copied, by name. */
public record CopiedColumn(String name, ColumnType from, ColumnType to, TypeFit fit) {

    /** The source's value as text, for the checksum. */
    public String sourceText() {
        return text(Identifiers.quote(name), from);
    }

    /** The target's value as the text it has in the source's type, so that a value that was changed on the way shows. */
    public String targetText() {
        ColumnType type = from.withoutDomains();
        boolean sameOutput = fit.way() == TypeFit.Way.BINARY || from.equals(to) || !type.builtIn();
        return sameOutput
                ? text(Identifiers.quote(name), to)
                : text(Identifiers.quote(name) + "::" + type.text(), type);
    }

    /** What the value's type prints. The cast to text is the same, except where it shows what COPY leaves behind. */
    private static String text(String value, ColumnType type) {
        ColumnType base = type.withoutDomains();
        // An XML declaration that says nothing is not printed, and the cast has it.
        boolean xml = base.builtIn() && base.name().equals("xml");
        return xml ? "textin(xml_out(" + value + "))" : value + "::text";
    }
}
