package io.watchkeeper.bench;

import io.watchkeeper.postgres.LocalServer;
import io.watchkeeper.postgres.PgBinaries;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Copies one table between two servers with psql, pgcopydb and Watchkeeper in turn: {@code Copy [ROWS [ROUNDS]]}.
 *
 * <p>Time is that of the whole process. CPU is that of the whole machine while it ran, so nothing else may run. Every round copies
 * into a table that was emptied, after a checkpoint of both servers.
 */
public final class CopyBench {

    private static final Map<String, String> SETTINGS = Map.of(
            "shared_buffers", "512MB",
            "max_wal_size", "8GB",
            "checkpoint_timeout", "1h",
            "autovacuum", "off",
            "wal_level", "replica");

    private static final String EMPTY_RUN = "watchkeeper copy of an empty table";

    private final LocalServer source;
    private final LocalServer target;
    private final Path folder;

    private CopyBench(LocalServer source, LocalServer target, Path folder) {
        this.source = source;
        this.target = target;
        this.folder = folder;
    }

    /** What the target's table has. */
    private enum Table {
        KEY("with its key", ", primary key (id)", ""),
        BARE("without key", "", ""),
        INDEXES("with its key and two indexes", ", primary key (id)", "; create index on documents (digest); create index on documents (tenant_id, created_at)");

        private final String words;
        private final String key;
        private final String indexes;

        Table(String words, String key, String indexes) {
            this.words = words;
            this.key = key;
            this.indexes = indexes;
        }
    }

    /** How one program does the work. */
    private record Contender(String name, Table table, String command) {}

    private record Measured(double seconds, double cpuSeconds) {}

    public static void main(String[] arguments) throws Exception {
        long rows = arguments.length > 0 ? Long.parseLong(arguments[0].replace("_", "")) : 3_000_000;
        int rounds = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 5;
        Path folder = Files.createTempDirectory("watchkeeper-bench");
        // The servers may belong to another user.
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        PgBinaries binaries = PgBinaries.find(null).orElseThrow();
        LocalServer source = LocalServer.create(binaries, folder.resolve("source"), SETTINGS);
        LocalServer target = LocalServer.create(binaries, folder.resolve("target"), SETTINGS);
        try {
            new CopyBench(source, target, folder).run(rows, rounds);
        } finally {
            source.delete();
            target.delete();
            try (var left = Files.walk(folder)) {
                left.sorted(Comparator.reverseOrder()).forEach(path -> path.toFile()
                        .delete());
            }
        }
    }

    private void run(long rows, int rounds) throws Exception {
        execute(source, """
                create table nothing (id bigint);
                create table documents (id bigint primary key, tenant_id text not null, title text not null, body text,
                    digest uuid, words integer, score double precision, price numeric(12, 2), created_at timestamptz);
                insert into documents
                select i, 't' || i %% 240, 'Document number ' || i,
                       repeat(md5(i::text), 4) || ' 선박 정비 기록 ' || i, md5(i::text)::uuid, i %% 9000, i / 7.0,
                       (i %% 100000) / 100.0, timestamptz '2026-01-01' + i * interval '1 second'
                  from generate_series(1, %d) i;
                vacuum (freeze, analyze) documents
                """.formatted(rows));
        System.out.printf(
                "%,d rows, %s; %d rounds%n",
                rows, one(source, "select pg_size_pretty(pg_table_size('documents'))"), rounds);
        List<Contender> contenders = contenders();
        Map<Contender, List<Measured>> all = new LinkedHashMap<>();
        for (int round = 0; round <= rounds; round++) {
            for (Contender contender : contenders) {
                Measured measured = measure(contender, rows);
                if (round > 0) { // the first one warms the caches
                    all.computeIfAbsent(contender, c -> new ArrayList<>()).add(measured);
                }
            }
        }
        System.out.println("                                                               median s     min     max   CPU s");
        all.forEach((contender, list) -> {
            double[] seconds = list.stream().mapToDouble(Measured::seconds).sorted().toArray();
            double[] cpu = list.stream().mapToDouble(Measured::cpuSeconds).sorted().toArray();
            System.out.printf(
                    "%-62s %8.2f %7.2f %7.2f %7.2f%n",
                    contender.name, seconds[seconds.length / 2], seconds[0], seconds[seconds.length - 1], cpu[
                            cpu.length / 2]);
        });
    }

    private List<Contender> contenders() throws IOException, InterruptedException {
        Path config = folder.resolve("watchkeeper.yaml");
        Files.writeString(config, """
                databases:
                  source: { url: "%s", user: postgres }
                  target: { url: "%s", user: postgres }
                runbooks: %3$s
                state: %3$s/state
                """.formatted(source.url("postgres"), target.url("postgres"), folder));
        String watchkeeper = Path.of("bin/watchkeeper").toAbsolutePath() + " copy --config " + config
                + " --from source --to target --no-analyze --table ";
        String pipe = "psql -qXAt -d '%s' -c 'copy documents to stdout (format binary)' | psql -qXAt -d '%s' -c 'copy documents from stdin (format binary)'"
                .formatted(uri(source), uri(target));
        List<Contender> all = new ArrayList<>();
        for (Table table : Table.values()) {
            all.add(new Contender("psql binary pipe, " + table.words, table, pipe));
            all.add(new Contender("watchkeeper copy --no-verify, " + table.words, table, watchkeeper + "documents --no-verify"));
        }
        all.add(new Contender("watchkeeper copy, verified, " + Table.KEY.words, Table.KEY, watchkeeper + "documents"));
        if (new ProcessBuilder("which", "pgcopydb").start().waitFor() == 0) {
            all.add(new Contender(
                    "pgcopydb copy table-data, 2 jobs, " + Table.KEY.words,
                    Table.KEY,
                    "rm -rf %1$s/pgcopydb; pgcopydb copy table-data --dir %1$s/pgcopydb --table-jobs 2 --source '%2$s' --target '%3$s' --not-consistent"
                            .formatted(folder, uri(source), uri(target))));
        }
        all.add(new Contender(EMPTY_RUN, Table.KEY, watchkeeper + "nothing"));
        return all;
    }

    private Measured measure(Contender contender, long rows) throws Exception {
        execute(
                target,
                "drop table if exists documents, nothing; create table nothing (id bigint);"
                        + " create table documents (id bigint, tenant_id text not null, title text not null, body text, digest uuid, words integer,"
                        + " score double precision, price numeric(12, 2), created_at timestamptz" + contender.table.key + ")"
                        + contender.table.indexes + "; checkpoint");
        execute(source, "checkpoint");
        double cpu = cpuSeconds();
        long start = System.nanoTime();
        Process process = new ProcessBuilder("bash", "-c", contender.command)
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("output").toFile())
                .start();
        int status = process.waitFor();
        Measured measured = new Measured((System.nanoTime() - start) / 1e9, cpuSeconds() - cpu);
        String copied = one(target, "select count(*) from documents");
        boolean nothing = contender.name.equals(EMPTY_RUN);
        if (status != 0 || !copied.equals(nothing ? "0" : Long.toString(rows))) {
            throw new IllegalStateException(contender.name + " ended with " + status + " and copied " + copied + " rows:\n"
                    + Files.readString(folder.resolve("output")));
        }
        return measured;
    }

    /** What all processes of the machine have used, in user and in system mode. */
    private static double cpuSeconds() throws IOException {
        long[] ticks = Arrays.stream(Files.readAllLines(Path.of("/proc/stat")).get(0).split("\\s+"))
                .skip(1)
                .mapToLong(Long::parseLong)
                .toArray();
        return (ticks[0] + ticks[1] + ticks[2] + ticks[5] + ticks[6]) / 100.0;
    }

    private static String uri(LocalServer server) {
        return server.url("postgres").replace("jdbc:", "").replace("postgresql://", "postgresql://postgres@");
    }

    private static void execute(LocalServer server, String sql) throws SQLException {
        try (Connection connection = DriverManager.getConnection(server.url("postgres"), "postgres", "");
                Statement statement = connection.createStatement()) {
            for (String one : sql.split(";")) {
                if (!one.isBlank()) {
                    statement.execute(one);
                }
            }
        }
    }

    private static String one(LocalServer server, String sql) throws SQLException {
        try (Connection connection = DriverManager.getConnection(server.url("postgres"), "postgres", "");
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getString(1);
        }
    }
}
