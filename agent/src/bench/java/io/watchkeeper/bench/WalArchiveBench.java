package io.watchkeeper.bench;

import io.watchkeeper.postgres.DatabasePools;
import io.watchkeeper.postgres.Lsn;
import io.watchkeeper.postgres.PgBinaries;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.toolkit.backup.Compression;
import io.watchkeeper.toolkit.wal.StoredForm;
import io.watchkeeper.toolkit.wal.WalArchive;
import io.watchkeeper.toolkit.wal.WalArchivePlan;
import io.watchkeeper.toolkit.wal.WalArchiveResult;
import io.watchkeeper.toolkit.wal.WalArchiver;
import io.watchkeeper.toolkit.wal.WalContinuity;
import io.watchkeeper.toolkit.wal.WalReceivers;
import io.watchkeeper.toolkit.wal.WalSegment;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/**
 * How far the archive of the write-ahead log is behind, under pgbench: {@code WalArchive [SECONDS [CLIENTS]]}.
 *
 * <p>Beside the load a transaction is committed every 50 ms that leaves a mark in the log. Measured is the time from the end of its commit
 * until the mark is in the archive's files, as whoever restores would find it, and until the receiver has said that it is synced there.
 */
public final class WalArchiveBench {

    private static final String SLOT = "bench";
    private static final long MARK_EVERY_MILLIS = 50;
    private static final long LONGEST_SECONDS = 30;
    private static final long SIZE = WalSegment.USUAL_SIZE;

    private final BenchServers servers;
    private final WalArchive archive;
    private final List<Double> written = new ArrayList<>();
    private final List<Double> synced = new ArrayList<>();

    private WalArchiveBench(BenchServers servers) {
        this.servers = servers;
        this.archive = new WalArchive(servers.folder().resolve("repository/source/wal"));
    }

    public static void main(String[] arguments) throws Exception {
        long seconds = Arguments.number(arguments, 0, 60);
        long clients = Arguments.number(arguments, 1, 4);
        try (BenchServers servers = BenchServers.start()) {
            new WalArchiveBench(servers).run(seconds, clients);
        }
    }

    private void run(long seconds, long clients) throws Exception {
        pgbench("-i", "-q", "-s", "10").waitFor();
        WalArchivePlan plan = WalArchivePlan.of(
                SLOT, StoredForm.compressed(Compression.GZIP.suffix(), "gzip", Compression.GZIP::compress));
        try (DatabasePools pools = servers.pools();
                WalReceivers receivers = new WalReceivers(true, Clock.systemUTC())) {
            require(archiver(pools, receivers).archive(plan));
            Lsn began = now();
            Process load = pgbench("-n", "-c", Long.toString(clients), "-j", "2", "-T", Long.toString(seconds));
            measure(load);
            Lsn ended = now();
            System.out.printf(
                    Locale.ROOT,
                    "pgbench, %d clients, %d s, %.1f MB of log per second%n",
                    clients,
                    seconds,
                    ended.minus(began) / 1048576.0 / seconds);
            print("in the archive's files", written);
            print("synced there", synced);
            WalArchiveResult result = archiver(pools, receivers).archive(plan);
            require(result);
            WalSegment oldest = WalContinuity.of(archive, SIZE).oldest().orElseThrow();
            boolean whole = WalContinuity.of(archive, SIZE).from(1, oldest.start()).isWhole();
            System.out.printf("%d segments in the archive, %s%n", result.segments(), whole ? "none missing" : "SOME MISSING");
        }
    }

    private WalArchiver archiver(DatabasePools pools, WalReceivers receivers) {
        return new WalArchiver(
                pools.database("source"), archive, receivers, Work.unattended("bench"), Clock.systemUTC(), null);
    }

    private static void require(WalArchiveResult result) {
        if (result.problem().isPresent()) {
            throw result.problem().get();
        }
    }

    private void measure(Process load) throws Exception {
        try (Connection marks = servers.connectSource();
                Connection looks = servers.connectSource();
                Statement mark = marks.createStatement();
                Statement look = looks.createStatement()) {
            for (int i = 0; load.isAlive(); i++) {
                String text = "watchkeeper-mark-%08d".formatted(i);
                Lsn position = lsn(mark, "select pg_logical_emit_message(true, 'bench', '" + text + "')");
                long committed = System.nanoTime();
                Lsn end = lsn(look, "select pg_current_wal_flush_lsn()");
                // A page's header would stand in the middle of the mark.
                if (position.position() % 8192 > 200) {
                    await(text, position, committed);
                    awaitSynced(look, end, committed);
                }
                TimeUnit.MILLISECONDS.sleep(MARK_EVERY_MILLIS);
            }
        }
    }

    private void await(String text, Lsn position, long committed) throws IOException {
        long until = committed + TimeUnit.SECONDS.toNanos(LONGEST_SECONDS);
        while (!isThere(text, position)) {
            if (System.nanoTime() > until) {
                throw new IllegalStateException(text + " did not arrive");
            }
            Thread.onSpinWait();
        }
        written.add((System.nanoTime() - committed) / 1e6);
    }

    private boolean isThere(String text, Lsn end) throws IOException {
        String name = WalSegment.at(1, new Lsn(end.position() - 1), SIZE).name();
        for (String suffix : List.of(".partial", "")) {
            Path file = archive.incoming().resolve(name + suffix);
            if (Files.exists(file)) {
                byte[] around = new byte[200];
                try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "r")) {
                    open.seek(Math.max(0, (end.position() - 1) % SIZE + 1 - around.length));
                    open.readFully(around);
                } catch (java.io.FileNotFoundException e) {
                    continue;
                }
                if (new String(around, StandardCharsets.ISO_8859_1).contains(text)) {
                    return true;
                }
            }
        }
        // Moved on while it was looked for.
        return !archive.find(name).stream().toList().isEmpty();
    }

    private void awaitSynced(Statement look, Lsn end, long committed) throws Exception {
        while (lsn(look, "select coalesce(max(flush_lsn), '0/0') from pg_stat_replication")
                        .compareTo(end)
                < 0) {
            Thread.onSpinWait();
        }
        synced.add((System.nanoTime() - committed) / 1e6);
    }

    private Lsn now() throws Exception {
        return Lsn.parse(servers.askSource("select pg_current_wal_flush_lsn()")).orElseThrow();
    }

    private static Lsn lsn(Statement statement, String sql) throws Exception {
        try (ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return Lsn.parse(row.getString(1)).orElseThrow();
        }
    }

    private static void print(String what, List<Double> millis) {
        Collections.sort(millis);
        System.out.printf(
                Locale.ROOT,
                "%-24s behind the commit: median %.1f ms, 99 %% %.1f ms, most %.1f ms (%d marks)%n",
                what,
                at(millis, 0.5),
                at(millis, 0.99),
                at(millis, 1),
                millis.size());
    }

    private static double at(List<Double> sorted, double share) {
        return sorted.get((int) Math.min(sorted.size() - 1, Math.floor(sorted.size() * share)));
    }

    private Process pgbench(String... arguments) throws IOException {
        List<String> command = new ArrayList<>(
                List.of(PgBinaries.find(null).orElseThrow().program("pgbench").toString()));
        command.addAll(List.of(arguments));
        URI uri = URI.create(servers.sourceUri());
        command.addAll(List.of("-h", uri.getHost(), "-p", Integer.toString(uri.getPort()), "-U", "postgres", "postgres"));
        return new ProcessBuilder(command)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
    }
}
