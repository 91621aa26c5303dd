package io.watchkeeper.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.SQLException;
import java.util.Map;

/**
 * One table over 1, 2, 4 and 8 streams into a target that is slow without being busy: {@code CopyStreams [ROWS [ROUNDS]]}.
 *
 * <p>The target waits 20 ms at every hundredth row, as one with a slow disk or far away would. It leaves the CPU free, so that two cores
 * can show what more streams gain where there are more cores.
 */
public final class CopyStreamsBench {

    private static final int[] WORKERS = {1, 2, 4, 8};

    private static final String SLOW = """
            create or replace function wait() returns trigger language plpgsql as 'begin perform pg_sleep(0.02); return new; end';
            create trigger wait before insert on documents for each row when (new.id % 100 = 0) execute function wait();
            alter table documents enable always trigger wait""";

    private CopyStreamsBench() {}

    public static void main(String[] arguments) throws Exception {
        long rows = Arguments.number(arguments, 0, 200_000);
        int rounds = (int) Arguments.number(arguments, 1, 3);
        try (BenchServers servers = BenchServers.start()) {
            run(servers, rows, rounds);
        }
    }

    private static void run(BenchServers servers, long rows, int rounds)
            throws SQLException, IOException, InterruptedException {
        Documents.fill(servers, "documents", rows);
        Contest contest = new Contest(servers);
        for (int workers : WORKERS) {
            contest.add(new Contest.Contender(
                    name(workers),
                    servers.watchkeeper("run " + runbook(servers, workers, rows)),
                    () -> {
                        Documents.make(servers, "documents");
                        servers.onTarget(SLOW);
                    },
                    () -> require(servers, rows)));
        }
        String empty = "watchkeeper run that copies nothing";
        contest.add(new Contest.Contender(
                empty,
                servers.watchkeeper("run " + runbook(servers, 1, 0)),
                () -> Documents.make(servers, "documents"),
                () -> require(servers, 0)));
        System.out.printf("%,d rows, the target waits 20 ms at every hundredth; %d rounds%n", rows, rounds);
        Map<String, Contest.Result> results = contest.run(rounds);
        Contest.print(results, empty);
        gains(results, empty, rows);
    }

    private static String name(int workers) {
        return "watchkeeper, workers " + workers;
    }

    /** As many rows in a chunk as give every stream several. */
    private static Path runbook(BenchServers servers, int workers, long rows) throws IOException {
        Path file = servers.runbooks().resolve("streams-" + workers + "-" + rows + ".groovy");
        Files.writeString(file, """
                runbook('streams-%1$d-%2$d') {
                    step('copy') {
                        copyTable('documents') {
                            from 'source'
                            to 'target'
                            where 'id <= %2$d'
                            workers %1$d
                            batch %3$d
                            verify false
                            analyze false
                        }
                    }
                }
                """.formatted(workers, rows, Math.max(1_000, rows / 80)));
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
        return file;
    }

    private static void gains(Map<String, Contest.Result> results, String empty, long rows) {
        double start = seconds(results, empty);
        double one = Math.max(0.01, seconds(results, name(1)) - start);
        System.out.printf("%n%7s %9s %6s%n", "workers", "rows/s", "gain");
        for (int workers : WORKERS) {
            double work = Math.max(0.01, seconds(results, name(workers)) - start);
            System.out.printf("%7d %,9.0f %6.2f%n", workers, rows / work, one / work);
        }
    }

    private static double seconds(Map<String, Contest.Result> results, String name) {
        Contest.Result result = results.get(name);
        if (result == null) {
            throw new IllegalArgumentException("nothing is called " + name);
        }
        return result.seconds();
    }

    private static void require(BenchServers servers, long rows) throws SQLException {
        String copied = servers.askTarget("select count(*) from documents");
        if (!copied.equals(Long.toString(rows))) {
            throw new IllegalStateException(copied + " rows were copied instead of " + rows);
        }
    }
}
