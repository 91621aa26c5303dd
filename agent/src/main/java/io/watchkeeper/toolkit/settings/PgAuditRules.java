package io.watchkeeper.toolkit.settings;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Whether pgaudit, on a server that has loaded it, records what somebody asks for later: changes of definitions and of rights. */
final class PgAuditRules {

    private static final List<String> NEEDED = List.of("ddl", "role");

    private PgAuditRules() {}

    /** A server without pgaudit has no such setting, and nothing is found. */
    static void examine(ServerSettings settings, SettingFindings findings) {
        String classes = settings.value("pgaudit.log").orElse(null);
        if (classes == null) {
            return;
        }
        List<String> missing = missing(classes);
        if (!missing.isEmpty()) {
            findings.warn(
                    "pgAuditClasses",
                    "pgaudit.log",
                    "pgaudit is loaded, and pgaudit.log is '" + classes + "': "
                            + (missing.contains("ddl") ? "who changed a definition" : "")
                            + (missing.size() == 2 ? " and " : "")
                            + (missing.contains("role") ? "who changed a role or a right" : "")
                            + " is not audited",
                    classes.isEmpty() || classes.equals("none")
                            ? String.join(", ", missing)
                            : classes + ", " + String.join(", ", missing));
        }
    }

    /** Which needed classes the setting leaves out; it is read from left to right, and a class with a minus is taken out again. */
    static List<String> missing(String setting) {
        Set<String> on = new LinkedHashSet<>();
        for (String word : setting.toLowerCase(Locale.ROOT).split(",", -1)) {
            String name = word.strip();
            if (name.equals("all")) {
                on.addAll(NEEDED);
            } else if (name.equals("none") || name.equals("-all")) {
                on.clear();
            } else if (name.startsWith("-")) {
                on.remove(name.substring(1));
            } else {
                on.add(name);
            }
        }
        List<String> missing = new ArrayList<>(NEEDED);
        missing.removeAll(on);
        return missing;
    }
}
