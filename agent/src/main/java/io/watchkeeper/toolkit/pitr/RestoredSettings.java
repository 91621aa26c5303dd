package io.watchkeeper.toolkit.pitr;

import io.watchkeeper.postgres.PgBinaries;
import io.watchkeeper.postgres.ServerUser;
import io.watchkeeper.problem.OperatorException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Makes the configuration of a restored data directory one that its server starts with, wherever the backup came from, and
 * with which it cannot touch what was restored from: no archive is written to, no primary and no publisher is connected to.
 */
final class RestoredSettings {

    private static final Pattern SETTING = Pattern.compile("\\s*([A-Za-z_][A-Za-z0-9_.]*)\\s*=?\\s*(.*)");

    /** Only what these say of places inside the data directory holds. */
    private static final Set<String> PLACES = Set.of("data_directory", "hba_file", "ident_file", "external_pid_file");

    private static final Set<String> INCLUDES = Set.of("include", "include_if_exists", "include_dir");
    private static final Set<String> CERTIFICATES =
            Set.of("ssl_cert_file", "ssl_key_file", "ssl_ca_file", "ssl_crl_file");

    private static final Map<String, String> HARMLESS = Map.of(
            "archive_mode", "off",
            "primary_conninfo", "",
            "primary_slot_name", "",
            "synchronous_standby_names", "",
            "max_logical_replication_workers", "0");

    private static final String LOCAL_ACCESS = """
            # Made by watchkeeper restore: the backup brought no pg_hba.conf.
            local   all   all                  peer
            host    all   all   127.0.0.1/32   scram-sha-256
            host    all   all   ::1/128        scram-sha-256
            """;

    private final Path data;
    private final ServerUser user;
    private final PgBinaries programs;
    private final List<String> notes = new ArrayList<>();

    RestoredSettings(Path data, ServerUser user, PgBinaries programs) {
        this.data = data;
        this.user = user;
        this.programs = programs;
    }

    /**
     * Writes everything; afterwards the server's start recovers to the target.
     *
     * @param recovery settings of the recovery
     * @return what was changed, for people
     */
    List<String> adapt(Map<String, String> recovery, ControlData control) throws IOException {
        Map<String, String> all = new LinkedHashMap<>(HARMLESS);
        all.putAll(recovery);
        adaptMain(all);
        writeIfMissing("pg_hba.conf", LOCAL_ACCESS);
        writeIfMissing("pg_ident.conf", "");
        adaptAuto(all, Map.of());
        adaptAuto(all, tooSmall(control));
        Files.deleteIfExists(data.resolve("standby.signal"));
        write(data.resolve("recovery.signal"), "");
        notes.add("off until you set them again: archive_mode, and logical replication"
                + " (max_logical_replication_workers = 0), in postgresql.auto.conf");
        return notes;
    }

    private void adaptMain(Map<String, String> all) throws IOException {
        Path file = data.resolve("postgresql.conf");
        if (!Files.exists(file)) {
            write(file, "# Made by watchkeeper restore: the backup brought no postgresql.conf.\n");
            notes.add("postgresql.conf was not in the backup and was made anew: compare it with the old server's");
            return;
        }
        List<String> lines = new ArrayList<>();
        for (String line : Files.readAllLines(file, StandardCharsets.UTF_8)) {
            lines.add(adapted(line, all));
        }
        write(file, String.join("\n", lines) + "\n");
    }

    private String adapted(String line, Map<String, String> all) {
        Matcher setting = SETTING.matcher(line);
        if (!setting.matches()) {
            return line;
        }
        String name = setting.group(1).toLowerCase(Locale.ROOT);
        String value = value(setting.group(2));
        boolean leave = true;
        if (PLACES.contains(name)) {
            leave = value.isEmpty() || place(value).startsWith(data);
        } else if (INCLUDES.contains(name)) {
            leave = Files.exists(place(value));
        } else if (CERTIFICATES.contains(name) && !value.isEmpty() && !Files.exists(place(value))) {
            all.put("ssl", "off");
            notes.add(name + " names " + value + ", which is not here: ssl is off");
        }
        if (leave) {
            return line;
        }
        notes.add("left out of postgresql.conf: " + line.strip());
        return "# left out by watchkeeper restore: " + line.strip();
    }

    private Path place(String value) {
        return data.resolve(value).normalize();
    }

    private static String value(String text) {
        String rest = text.strip();
        if (rest.startsWith("'")) {
            int end = rest.indexOf('\'', 1);
            return end < 0 ? rest.substring(1) : rest.substring(1, end);
        }
        return rest.replaceFirst("\\s*#.*$", "").strip();
    }

    /** What ALTER SYSTEM had set stays, but for what is set here. */
    private void adaptAuto(Map<String, String> all, Map<String, String> more) throws IOException {
        all.putAll(more);
        Path file = data.resolve("postgresql.auto.conf");
        List<String> kept = new ArrayList<>();
        if (Files.exists(file)) {
            for (String line : Files.readAllLines(file, StandardCharsets.UTF_8)) {
                Matcher setting = SETTING.matcher(line);
                boolean dangerous =
                        setting.matches() && replaces(setting.group(1).toLowerCase(Locale.ROOT), all);
                if (!dangerous) {
                    kept.add(adapted(line, all));
                }
            }
        }
        write(file, String.join("\n", kept) + "\n" + SandboxServer.lines(all));
    }

    private static boolean replaces(String name, Map<String, String> all) {
        return all.containsKey(name)
                || name.startsWith("recovery_target")
                || name.equals("restore_command")
                || name.equals("archive_cleanup_command")
                || name.equals("recovery_end_command");
    }

    /** Recovery stops when a limit is lower than the primary's was, which can have been given to it on its command line. */
    private Map<String, String> tooSmall(ControlData control) throws IOException {
        Map<String, String> raised = new LinkedHashMap<>();
        for (Map.Entry<String, Integer> least : control.leastSettings().entrySet()) {
            int here = Integer.parseInt(effective(least.getKey()));
            if (here < least.getValue()) {
                raised.put(least.getKey(), Integer.toString(least.getValue()));
            }
        }
        if (!raised.isEmpty()) {
            notes.add("as large as they were on the primary, which recovery needs: " + raised);
        }
        return raised;
    }

    /** What the server itself reads out of its files, so that a file it cannot read is found now. */
    private String effective(String setting) throws IOException {
        List<String> command = new ArrayList<>(user.prefix());
        command.addAll(List.of(programs.program("postgres").toString(), "-D", data.toString(), "-C", setting));
        Process process = new ProcessBuilder(command).directory(data.toFile()).start();
        try {
            String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            String errors = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
            if (!process.waitFor(30, TimeUnit.SECONDS) || process.exitValue() != 0) {
                throw new OperatorException(
                        "the restored server's configuration cannot be read: "
                                + errors.strip().replace("\n", " · "),
                        "repair " + data.resolve("postgresql.conf") + " by hand; the data itself is restored.");
            }
            return out.strip();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    private void writeIfMissing(String name, String text) throws IOException {
        Path file = data.resolve(name);
        if (!Files.exists(file)) {
            write(file, text);
            notes.add(name + " was not in the backup and was made anew");
        }
    }

    private void write(Path file, String text) throws IOException {
        Files.writeString(file, text);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        user.give(file);
    }
}
