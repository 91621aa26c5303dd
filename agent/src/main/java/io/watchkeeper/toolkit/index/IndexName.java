package io.watchkeeper.toolkit.index;

import io.watchkeeper.postgres.Identifiers;

/** An index's full name, as the catalogue holds it: not folded, not quoted. */
public record IndexName(String schema, String name) {

    /** As SQL text. */
    public String quoted() {
        return Identifiers.quote(schema) + "." + Identifiers.quote(name);
    }

    /** As SQL text without the schema, as it stands where an index is made. */
    String unqualified() {
        return Identifiers.quote(name);
    }

    /** The name as people write it. */
    @Override
    public String toString() {
        return quoted();
    }
}
