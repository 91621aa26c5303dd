package io.watchkeeper.toolkit.migrate;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Something in a script that a person should know before it is run.
 *
 * @param rule its name, which {@code -- watchkeeper: allow RULE} in the script takes
 * @param script as {@code deploy/users.sql}
 * @param line in the script, from 1
 * @param message what is true
 * @param remedy what to write instead
 */
public record MigrationFinding(Severity severity, String rule, String script, int line, String message, String remedy) {

    /** How bad it is. */
    public enum Severity {
        /** Good to know. */
        NOTE,
        /** Looks dangerous, and is not here: the table is small, or the script allows it. */
        WARN,
        /** Is not run. */
        DANGER
    }

    MigrationFinding withSeverity(Severity other) {
        return new MigrationFinding(other, rule, script, line, message, remedy);
    }

    /** As compilers write it. */
    public String text() {
        return script + ":" + line + ": " + message + " [" + rule + "]";
    }

    /** For documents. */
    public Map<String, Object> fields() {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("severity", severity.name().toLowerCase(java.util.Locale.ROOT));
        fields.put("rule", rule);
        fields.put("script", script);
        fields.put("line", line);
        fields.put("message", message);
        fields.put("remedy", remedy);
        return fields;
    }
}
