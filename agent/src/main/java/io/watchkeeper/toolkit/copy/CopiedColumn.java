package io.watchkeeper.toolkit.copy;

import io.watchkeeper.postgres.ColumnType;
import io.watchkeeper.postgres.Identifiers;

/** A column that is copied, by name. */
record CopiedColumn(String name, ColumnType from, ColumnType to, TypeFit fit) {

    /** The source's value as text, for the checksum. */
    String sourceText() {
        return Identifiers.quote(name) + "::text";
    }

    /** The target's value as the text it has in the source's type, so that a value that was changed on the way shows. */
    String targetText() {
        ColumnType type = from.withoutDomains();
        boolean sameOutput = fit.way() == TypeFit.Way.BINARY || from.equals(to) || !type.builtIn();
        return Identifiers.quote(name) + (sameOutput ? "" : "::" + type.text()) + "::text";
    }
}
