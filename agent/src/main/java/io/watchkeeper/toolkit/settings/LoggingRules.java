package io.watchkeeper.toolkit.settings;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Whether the server's log will have what somebody looks for after something went wrong. */
final class LoggingRules {

    private static final Set<String> TOO_QUIET = Set.of("error", "log", "fatal", "panic");
    private static final String PREFIX = "%m [%p] %q%u@%d/%a ";

    private final ServerSettings settings;
    private final SettingFindings findings;

    private LoggingRules(ServerSettings settings, SettingFindings findings) {
        this.settings = settings;
        this.findings = findings;
    }

    static void examine(ServerSettings settings, SettingFindings findings) {
        LoggingRules rules = new LoggingRules(settings, findings);
        rules.collector();
        rules.levels();
        rules.statements();
        rules.events();
        rules.prefix();
    }

    private void collector() {
        String destination = settings.value("log_destination").orElse("");
        boolean ownFiles = settings.is("logging_collector", "on");
        if (!ownFiles && !destination.contains("syslog") && !destination.contains("eventlog")) {
            findings.warn(
                    "loggingCollector",
                    "logging_collector",
                    "logging_collector is off: the log goes to wherever the server was started from, and is neither rotated"
                            + " nor found by those who need it",
                    "on");
        }
        if (ownFiles && settings.is("log_rotation_age", "0") && settings.is("log_rotation_size", "0")) {
            findings.warn(
                    "logRotation",
                    "log_rotation_age",
                    "log_rotation_age and log_rotation_size are 0: the log is one file that grows for ever",
                    "1d");
        }
    }

    private void levels() {
        if (settings.value("log_min_messages").filter(TOO_QUIET::contains).isPresent()) {
            findings.warn(
                    "logMinMessages",
                    "log_min_messages",
                    "log_min_messages is " + settings.words("log_min_messages") + ": warnings do not reach the log",
                    "warning");
        }
        if (settings.value("log_min_error_statement")
                .filter(level -> Set.of("log", "fatal", "panic").contains(level))
                .isPresent()) {
            findings.warn(
                    "logMinErrorStatement",
                    "log_min_error_statement",
                    "log_min_error_statement is " + settings.words("log_min_error_statement")
                            + ": errors reach the log without the statement that made them",
                    "error");
        }
    }

    private void statements() {
        boolean sampled = settings.number("log_min_duration_sample").orElse(-1.0) >= 0;
        double slow = settings.number("log_min_duration_statement").orElse(1_000.0);
        if (slow < 0 && !sampled) {
            findings.warn(
                    "logMinDuration",
                    "log_min_duration_statement",
                    "log_min_duration_statement is -1: slow statements are not in the log",
                    "1s");
        } else if (slow == 0) {
            findings.warn(
                    "logMinDuration",
                    "log_min_duration_statement",
                    "log_min_duration_statement is 0: every statement is logged, with its values, and the log fills its disk",
                    "1s");
        }
        if (settings.is("log_statement", "none")) {
            findings.warn(
                    "logStatement",
                    "log_statement",
                    "log_statement is none: who changed a table's definition, and when, is not in the log",
                    "ddl");
        }
    }

    /** A switch, and what the log does not have without it. */
    private record Event(String code, String setting, String missing, String recommended) {}

    private static final List<Event> EVENTS = List.of(
            new Event("logLockWaits", "log_lock_waits", "who waited for whom is not in the server's log", "on"),
            new Event("logCheckpoints", "log_checkpoints", "what checkpoints cost is not in the log", "on"),
            new Event("logConnections", "log_connections", "who logged in is not in the log", "on"),
            new Event("logConnections", "log_disconnections", "how long sessions lasted is not in the log", "on"),
            new Event("logTempFiles", "log_temp_files", "which statements spill to disk is not in the log", "10MB"),
            new Event(
                    "logAutovacuum",
                    "log_autovacuum_min_duration",
                    "what autovacuum did, and why it could not, is not in the log",
                    "10s"));

    private void events() {
        for (Event event : EVENTS) {
            String value = settings.value(event.setting()).orElse("on");
            if (value.equals("off") || value.equals("-1") || value.isEmpty()) {
                findings.warn(
                        event.code(),
                        event.setting(),
                        event.setting() + " is " + settings.words(event.setting()) + ": " + event.missing(),
                        event.recommended());
            }
        }
    }

    private void prefix() {
        String prefix = settings.value("log_line_prefix").orElse(PREFIX);
        List<String> missing = new ArrayList<>();
        if (!prefix.contains("%m") && !prefix.contains("%t") && !prefix.contains("%n")) {
            missing.add("the time");
        }
        if (!prefix.contains("%p") && !prefix.contains("%c")) {
            missing.add("the process");
        }
        if (!prefix.contains("%u")) {
            missing.add("the role");
        }
        if (!prefix.contains("%d")) {
            missing.add("the database");
        }
        if (!missing.isEmpty() && settings.value("log_destination").orElse("").contains("stderr")) {
            findings.warn(
                    "logLinePrefix",
                    "log_line_prefix",
                    "log_line_prefix is '" + prefix + "': lines of the log do not say " + String.join(", ", missing),
                    PREFIX);
        }
    }
}
