package io.watchkeeper.toolkit.settings;

import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.review.ReviewFinding;
import io.watchkeeper.review.ReviewStatus;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.DateTimeException;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Where a server's log is and how it is written.
 *
 * @param prefix log_line_prefix
 * @param zone of the log's times
 */
record LogSource(LogFolder folder, LogFormat format, String prefix, ZoneId zone) {

    private static final String SETTINGS = """
            select name, coalesce(setting, '') from pg_settings
             where name in ('log_destination', 'logging_collector', 'log_directory', 'log_filename', 'data_directory',
                            'log_line_prefix', 'log_timezone', 'cluster_name')""";

    private static final String FACTS = """
            select quote_ident(current_user), pg_backend_pid(),
                   has_function_privilege('pg_ls_logdir()', 'execute')
                       and has_function_privilege('pg_read_binary_file(text, bigint, bigint, boolean)', 'execute')""";

    /** What rotation by hand or by logrotate makes of a file's name. */
    private static final String ROTATED = "(\\.\\d+|-\\d{8}(-\\d+)?)?(\\.gz)?";

    /** Either where it is, or why that is not known. */
    record Located(@Nullable LogSource source, @Nullable ReviewFinding missing) {}

    private record Facts(String role, long pid, boolean mayAsk) {}

    /** @param file where a person says it is, on this host; null to find out */
    static Located find(Session session, Database database, @Nullable Path file) throws SQLException {
        Map<String, String> settings =
                session.listVerbatim(SETTINGS, row -> Map.entry(row.getString(1), row.getString(2))).stream()
                        .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
        Facts facts = session.oneVerbatim(FACTS, row -> new Facts(row.getString(1), row.getLong(2), row.getBoolean(3)));
        Finder finder = new Finder(session, settings, facts, database.settings().local());
        if (file != null) {
            return finder.inFile(file);
        }
        return "on".equals(settings.get("logging_collector")) ? finder.ofCollector() : finder.ofStandardError();
    }

    private record Finder(Session session, Map<String, String> settings, Facts facts, boolean local) {

        Located inFile(Path file) {
            Path folder = file.getParent();
            Path name = file.getFileName();
            if (folder == null || name == null || !Files.isReadable(file)) {
                return missing(
                        "unreadable",
                        "the log " + file + (Files.exists(file) ? " may not be read by this user" : " is not there"),
                        "see that the agent's user may read it: usermod -a -G adm watchkeeper");
            }
            String text = name.toString();
            LogFormat format = text.endsWith(LogFormat.CSV.suffix())
                    ? LogFormat.CSV
                    : text.endsWith(LogFormat.JSON.suffix()) ? LogFormat.JSON : LogFormat.PLAIN;
            return at(new LocalLogFolder(folder, Pattern.compile(Pattern.quote(text) + ROTATED)), format);
        }

        Located ofCollector() {
            String destination = settings.getOrDefault("log_destination", "");
            LogFormat format = destination.contains("jsonlog")
                    ? LogFormat.JSON
                    : destination.contains("csvlog") ? LogFormat.CSV : LogFormat.PLAIN;
            String directory = settings.get("log_directory");
            if (directory == null) {
                return unreadable();
            }
            Pattern names = names(settings.getOrDefault("log_filename", "*"), format);
            Path folder = Path.of(settings.getOrDefault("data_directory", "/")).resolve(directory);
            if (local && isReadable(new LocalLogFolder(folder, names))) {
                return at(new LocalLogFolder(folder, names), format);
            }
            return facts.mayAsk() ? at(new ServerLogFolder(session, directory, names), format) : unreadable();
        }

        /** The server writes to whatever it was started with: a file, when pg_ctl was told one or Debian started it. */
        Located ofStandardError() {
            if (!settings.getOrDefault("log_destination", "").contains("stderr")) {
                return missing(
                        "noLog",
                        "the log goes to " + settings.get("log_destination") + ", which is not read here",
                        "ALTER SYSTEM SET log_destination = 'stderr'; ALTER SYSTEM SET logging_collector = on; -- then restart"
                                + " the server");
            }
            Optional<Path> file = local ? openedByServer().or(this::ofDebian) : Optional.empty();
            return file.map(this::inFile)
                    .orElseGet(() -> missing(
                            "noLog",
                            "logging_collector is off, and where the server's standard error goes is not known",
                            "say it in the block: file '/var/log/postgresql/postgresql.log'; or ALTER SYSTEM SET"
                                    + " logging_collector = on; -- then restart the server"));
        }

        private Optional<Path> openedByServer() {
            return ProcessHandle.of(facts.pid())
                    .flatMap(ProcessHandle::parent)
                    .filter(server -> server.info().command().orElse("").contains("postgres"))
                    .map(server -> Path.of("/proc", Long.toString(server.pid()), "fd", "2"))
                    .flatMap(link -> {
                        try {
                            return Optional.of(Files.readSymbolicLink(link)).filter(Files::isRegularFile);
                        } catch (IOException | SecurityException e) {
                            return Optional.empty();
                        }
                    });
        }

        /** Debian names clusters {@code 15/main}, and their logs after them. */
        private Optional<Path> ofDebian() {
            String cluster = settings.getOrDefault("cluster_name", "");
            return Optional.of(Path.of("/var/log/postgresql/postgresql-" + cluster.replace('/', '-') + ".log"))
                    .filter(file -> !cluster.isEmpty() && Files.isRegularFile(file));
        }

        private Located at(LogFolder folder, LogFormat format) {
            ZoneId zone;
            try {
                zone = ZoneId.of(settings.getOrDefault("log_timezone", "UTC"));
            } catch (DateTimeException e) {
                zone = ZoneOffset.UTC;
            }
            return new Located(new LogSource(folder, format, settings.getOrDefault("log_line_prefix", ""), zone), null);
        }

        private Located unreadable() {
            return missing(
                    "unreadable",
                    "role " + facts.role() + " may not read the server's log"
                            + (local ? ", and neither may this user" : ""),
                    "GRANT pg_monitor TO " + facts.role()
                            + "; GRANT EXECUTE ON FUNCTION pg_read_binary_file(text, bigint, bigint, boolean) TO "
                            + facts.role() + ";");
        }

        private static Located missing(String code, String message, String remedy) {
            return new Located(null, new ReviewFinding(code, ReviewStatus.WARN, message, remedy));
        }
    }

    /** A file that cannot be read may be the one that matters. */
    private static boolean isReadable(LocalLogFolder folder) {
        try {
            return folder.files().stream()
                    .allMatch(file -> Files.isReadable(folder.folder().resolve(file.name())));
        } catch (IOException e) {
            return false;
        }
    }

    /** What the collector makes of log_filename, with any date in it. */
    static Pattern names(String filename, LogFormat format) {
        String stem = filename.endsWith(".log") && format != LogFormat.PLAIN
                ? filename.substring(0, filename.length() - 4)
                : filename;
        StringBuilder regex = new StringBuilder();
        for (int i = 0; i < stem.length(); i++) {
            if (stem.charAt(i) == '%' && i + 1 < stem.length()) {
                regex.append(stem.charAt(++i) == '%' ? "%" : "[^/]*");
            } else {
                regex.append(Pattern.quote(stem.substring(i, i + 1)));
            }
        }
        return Pattern.compile(regex + (format == LogFormat.PLAIN ? "" : Pattern.quote(format.suffix())) + "(\\.gz)?");
    }
}
