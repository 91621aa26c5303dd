package io.watchkeeper.toolkit.settings;

import io.watchkeeper.postgres.Session;
import io.watchkeeper.review.ReviewStatus;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What the configuration files say and the server does not do: changes that wait for a restart, and lines it cannot read. */
final class FileRules {

    /** Entries that could not be applied are without a doubt those that wait for a restart, where their value is right. */
    private static final String ENTRIES = """
            select coalesce(f.name, ''), coalesce(f.setting, ''), coalesce(f.error, ''),
                   regexp_replace(coalesce(f.sourcefile, ''), '.*/', '') || ':' || coalesce(f.sourceline, 0),
                   coalesce(s.pending_restart, false)
              from pg_file_settings f left join pg_settings s on s.name = f.name
             where f.error is not null or s.pending_restart
             order by f.seqno""";

    private FileRules() {}

    private record Entry(String name, String value, String error, String place, boolean pending) {}

    static void examine(Session session, ServerSettings settings, SettingFindings findings) throws SQLException {
        List<Entry> entries = settings.facts().seesFiles()
                ? session.listVerbatim(
                        ENTRIES,
                        row -> new Entry(
                                row.getString(1),
                                row.getString(2),
                                row.getString(3),
                                row.getString(4),
                                row.getBoolean(5)))
                : List.of();
        pending(settings, findings, entries);
        broken(findings, entries);
        planner(settings, findings);
        if (!settings.facts().seesFiles()) {
            String role = settings.facts().role();
            findings.say(
                    ReviewStatus.WARN,
                    "unreadable",
                    "role " + role
                            + " may not read pg_file_settings: whether lines of postgresql.conf are wrong is not known",
                    Map.of(),
                    "GRANT SELECT ON pg_file_settings TO " + role
                            + "; GRANT EXECUTE ON FUNCTION pg_show_all_file_settings() TO " + role + ";");
        }
    }

    private static void pending(ServerSettings settings, SettingFindings findings, List<Entry> entries) {
        List<String> waiting = new ArrayList<>();
        for (Setting setting : settings.all()) {
            if (setting.pendingRestart()) {
                // The last entry of a setting is the one that counts.
                String next = entries.stream()
                        .filter(entry -> entry.name().equals(setting.name()))
                        .reduce((first, later) -> later)
                        .map(entry -> " → " + entry.value() + " (" + entry.place() + ")")
                        .orElse("");
                waiting.add(setting.name() + " " + setting.words() + next);
            }
        }
        if (!waiting.isEmpty()) {
            findings.say(
                    ReviewStatus.WARN,
                    "pendingRestart",
                    "changed and waiting for a restart: " + String.join(", ", waiting),
                    Map.of("settings", List.copyOf(waiting)),
                    "restart the server when it suits, for example: systemctl restart postgresql");
        }
    }

    private static void broken(SettingFindings findings, List<Entry> entries) {
        for (Entry entry : entries) {
            if (!entry.error().isEmpty() && !entry.pending()) {
                findings.say(
                        ReviewStatus.FAIL,
                        "fileError",
                        entry.place() + ": " + (entry.name().isEmpty() ? "" : entry.name() + ": ") + entry.error()
                                + "; the server goes on with what it had, and will not start again",
                        Map.of("place", entry.place(), "setting", entry.name(), "error", entry.error()),
                        "mend " + entry.place() + ", then SELECT pg_reload_conf(); and look again.");
            }
        }
    }

    private static void planner(ServerSettings settings, SettingFindings findings) {
        for (Setting setting : settings.all()) {
            boolean offByHand = setting.name().startsWith("enable_")
                    && setting.byDefault().equals("on")
                    && setting.value().equals("off");
            if (offByHand) {
                findings.warn(
                        "plannerSwitch",
                        setting.name(),
                        setting.name() + " is off: the planner may not use what is best, for every statement",
                        "on");
            }
        }
    }
}
