package io.watchkeeper.toolkit.migrate;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

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

    /** Rules that nothing makes an exception of: what is run then is not what was judged, or cannot be done at all. */
    private static final Set<String> STRICT = Set.of(
            "psql-command",
            "include",
            "copy-data",
            "encoding",
            "verify-writes",
            "no-script",
            "not-reversible",
            "phase-order",
            "no-transaction",
            "not-alone");

    /** Whether a script may say that it breaks the rule. */
    static boolean mayBeAllowed(String rule) {
        return !STRICT.contains(rule);
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
