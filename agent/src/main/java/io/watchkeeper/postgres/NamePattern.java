package io.watchkeeper.postgres;

import io.watchkeeper.problem.OperatorException;
import java.util.List;

/**
 * Which schemas are meant: a name as in psql, or a pattern in which {@code *} stands for any characters and {@code ?} for one;
 * inside double quotes both are plain.
 */
public final class NamePattern {

    private final String text;
    private final NamePart part;

    private NamePattern(String text, NamePart part) {
        this.text = text;
        this.part = part;
    }

    /** @throws OperatorException when it is not one name or pattern */
    public static NamePattern parse(String text) {
        List<NamePart> parts = NamePart.split(text);
        if (parts.size() != 1) {
            throw new OperatorException(
                    "'" + text + "' is more than a schema's name",
                    "write the schema alone, for example public; a name with a dot in it goes in double quotes.");
        }
        return new NamePattern(text, parts.get(0));
    }

    public boolean matches(String name) {
        return part.matches(name);
    }

    /** Whether it is one name, which must exist then. */
    public boolean isName() {
        return !part.hasWildcard();
    }

    /** The pattern as {@code psql} and {@code pg_dump} read it. */
    public String psql() {
        return part.psql();
    }

    @Override
    public String toString() {
        return text;
    }
}
