package io.watchkeeper.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Map;

/**
 * What the start of a one-shot command costs, as it is and without what makes it cheap, in turn: {@code Start [ROUNDS]}.
 *
 * <p>The command copies a table without rows, verified and analyzed.
 */
public final class StartBench {

    private static final String AS_IT_IS = "copy of an empty table";

    private StartBench() {}

    public static void main(String[] arguments) throws Exception {
        int rounds = (int) Arguments.number(arguments, 0, 11);
        try (BenchServers servers = BenchServers.start()) {
            run(servers, rounds);
        }
    }

    private static void run(BenchServers servers, int rounds) throws SQLException, IOException, InterruptedException {
        servers.onSource("create table nothing (id bigint)");
        servers.onTarget("create table nothing (id bigint)");
        Contest contest = new Contest(servers);
        String copy = servers.watchkeeper("copy --from source --to target --table nothing");
        String second = "-XX:TieredStopAtLevel=4";
        // The archive that comes with Java, whichever Java the launcher finds.
        String own = "-XX:SharedArchiveFile=" + Path.of(System.getProperty("java.home"), "lib/server/classes.jsa");
        add(contest, AS_IT_IS, copy, "");
        add(contest, AS_IT_IS + ", with the second compiler", copy, second);
        add(contest, AS_IT_IS + ", with Java's own class archive only", copy, own);
        add(contest, AS_IT_IS + ", with both of that", copy, own + " " + second);
        add(contest, "--version", servers.watchkeeper("--version"), "");
        Map<String, Contest.Result> results = contest.run(rounds);
        System.out.printf("%d rounds%n%-58s %9s %9s %8s%n", rounds, "", "own CPU s", "median s", "peak MB");
        results.values().forEach(result -> System.out.printf(
                "%-58s %9.2f %9.2f %8.0f%n", result.name(), result.ownCpu(), result.seconds(), result.megabytes()));
    }

    private static void add(Contest contest, String name, String command, String options) {
        contest.add(new Contest.Contender(
                name, command, Map.of("WATCHKEEPER_JAVA_OPTIONS", options), () -> {}, () -> {}));
    }
}
