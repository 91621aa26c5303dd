package io.watchkeeper.toolkit.settings;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What pgaudit has written about one statement.
 *
 * @param type SESSION, or OBJECT for a table that is watched
 * @param category READ, WRITE, FUNCTION, ROLE, DDL, MISC
 * @param command for example CREATE TABLE
 * @param object what it was about; empty where pgaudit does not say
 * @param statement as it was written, with values
 */
record PgAuditLine(String type, String category, String command, String object, String statement) {

    private static final String BEGIN = "AUDIT: ";

    private static final int TYPE = 0;
    private static final int CATEGORY = 3;
    private static final int COMMAND = 4;
    private static final int OBJECT = 6;
    private static final int STATEMENT = 7;

    /** Empty for a message of anything else. */
    static Optional<PgAuditLine> of(String message) {
        if (!message.startsWith(BEGIN)) {
            return Optional.empty();
        }
        List<String> fields = fields(message.substring(BEGIN.length()));
        if (fields.size() <= STATEMENT) {
            return Optional.empty();
        }
        return Optional.of(new PgAuditLine(
                fields.get(TYPE),
                fields.get(CATEGORY),
                fields.get(COMMAND),
                fields.get(OBJECT),
                fields.get(STATEMENT)));
    }

    /** Comma-separated, with quotes doubled inside of quotes. */
    private static List<String> fields(String text) {
        List<String> fields = new ArrayList<>();
        StringBuilder field = new StringBuilder();
        boolean quoted = false;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' && quoted && i + 1 < text.length() && text.charAt(i + 1) == '"') {
                field.append(c);
                i++;
            } else if (c == '"') {
                quoted = !quoted;
            } else if (c == ',' && !quoted) {
                fields.add(field.toString());
                field.setLength(0);
            } else {
                field.append(c);
            }
        }
        fields.add(field.toString());
        return fields;
    }
}
