package io.watchkeeper.demo;

import io.watchkeeper.postgres.DatabaseSettings;
import io.watchkeeper.postgres.PgBinaries;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.units.Secret;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Writes what an operator would write: configuration, secrets, runbooks. Files are this user's alone. */
final class DemoFiles {

    private static final List<String> CLIENT_PROGRAMS =
            List.of("pg_basebackup", "pg_receivewal", "pg_dump", "pg_dumpall", "pg_restore", "psql");
    private static final Pattern BACKUPS =
            Pattern.compile("(backup-.*|base-backup-.*|wal-archive|pitr-.*|checklist-monthly)\\.(groovy|sql)");
    private static final Pattern LAG_LIMIT = Pattern.compile("(?m)^( *param '(warn|alert)AfterSeconds', )'(60|300)'");
    private static final Pattern ROLE = Pattern.compile("(?m)^( *)(roles? '.*)$");

    /** Nobody watches a demo for five minutes until a standby is five minutes behind. */
    private static final String SHORT_LIMITS =
            "replication: { every: 2s, warnAfter: 3s, alertAfter: " + DemoLag.LIMIT_SECONDS + "s }\n";

    private final Path folder;

    DemoFiles(Path folder) {
        this.folder = folder;
    }

    Path config() {
        return folder.resolve("watchkeeper.yaml");
    }

    Path token() {
        return folder.resolve("secrets/http.token");
    }

    Path runbooks() {
        return folder.resolve("runbooks");
    }

    Path repository() {
        return folder.resolve("backups");
    }

    Path pgpass() {
        return folder.resolve("secrets/pgpass");
    }

    private Path password() {
        return folder.resolve("secrets/database.password");
    }

    /** @throws OperatorException when there are no shipped runbooks */
    void write(
            List<DatabaseSettings> databases, Secret password, Secret token, int port, PgBinaries bin, Path shipped) {
        try {
            for (String each : List.of("secrets", "state", "runbooks", "backups")) {
                Files.createDirectory(
                        folder.resolve(each),
                        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            }
            // Started by root, the server of a drill's sandbox runs as another user, who has to get into it.
            Files.setPosixFilePermissions(folder.resolve("state"), PosixFilePermissions.fromString("rwx--x--x"));
            writePrivate(password(), password.reveal() + "\n");
            writePrivate(token(), token.reveal() + "\n");
            writePrivate(pgpass(), "127.0.0.1:*:*:*:" + password.reveal() + "\n");
            writePrivate(config(), configText(databases, port, bin));
            copyRunbooks(shipped, hasClientPrograms(bin));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write the demo's files in " + folder, e);
        }
    }

    /** The embedded PostgreSQL is a server alone, and without these nothing can be backed up. */
    static boolean hasClientPrograms(PgBinaries bin) {
        return CLIENT_PROGRAMS.stream()
                .allMatch(name -> Files.isExecutable(bin.folder().resolve(name)));
    }

    private void copyRunbooks(Path shipped, boolean withBackups) throws IOException {
        if (!Files.isDirectory(shipped)) {
            throw new OperatorException(
                    "the folder of shipped runbooks, " + shipped + ", does not exist",
                    "start the demo from a complete checkout or installation.");
        }
        try (Stream<Path> files = Files.list(shipped)) {
            for (Path file : files.filter(f -> f.toString().matches(".*\\.(groovy|sql|yaml)"))
                    .toList()) {
                String name = file.getFileName().toString();
                if (withBackups || !BACKUPS.matcher(name).matches()) {
                    // This host is shore and ship at once.
                    String everywhere = ROLE.matcher(Files.readString(file)).replaceAll("$1// $2");
                    String soon = LAG_LIMIT.matcher(everywhere).replaceAll("$1'" + DemoLag.LIMIT_SECONDS + "'");
                    writePrivate(runbooks().resolve(name), soon);
                }
            }
        }
    }

    private String configText(List<DatabaseSettings> databases, int port, PgBinaries bin) {
        return """
            # Written by 'watchkeeper demo'; gone when the demo ends.
            host: { name: demo, role: ship }
            databases:
            %s%srunbooks: %s
            state: %s
            backups: { repository: %s }
            meta: { database: shore }
            http:
              listen: 127.0.0.1:%d
              tokenFile: %s
            postgres: { bin: %s }
            """.formatted(
                        databases.stream().map(this::databaseText).collect(Collectors.joining()),
                        databases.stream().anyMatch(database -> database.standbyOf() != null) ? SHORT_LIMITS : "",
                        quoted(runbooks()),
                        quoted(folder.resolve("state")),
                        quoted(repository()),
                        port,
                        quoted(token()),
                        quoted(bin.folder()));
    }

    private String databaseText(DatabaseSettings database) {
        return "  %s: { url: '%s', user: %s, passwordFile: %s, maxConnections: %d%s }\n"
                .formatted(
                        database.name(),
                        database.url(),
                        database.user(),
                        quoted(password()),
                        database.maxConnections(),
                        database.standbyOf() == null ? "" : ", standbyOf: " + database.standbyOf());
    }

    private static String quoted(Path path) {
        return "'" + path.toString().replace("'", "''") + "'";
    }

    private static void writePrivate(Path file, String text) throws IOException {
        Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(file, text, StandardOpenOption.WRITE);
    }
}
