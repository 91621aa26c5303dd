package io.watchkeeper.demo;

import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.runbook.RunOutcome;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * What a copy from shore to ship came to, read from both servers afterwards and not from the copy's own report.
 *
 * @param tables by name
 */
public record DemoSummary(List<Table> tables) {

    public DemoSummary {
        tables = List.copyOf(tables);
    }

    /**
     * @param rowsAshore -1 when there is no such table
     * @param rowsAboard -1 when there is no such table
     * @param same whether both ends hold the same rows, by count and by the sum of the rows' hashes
     * @param copyTime how long the copy says it took; empty when the run copied no such table
     */
    public record Table(String name, long rowsAshore, long rowsAboard, boolean same, Optional<Duration> copyTime) {}

    /** Compares all tables of both databases' schema public. */
    public static DemoSummary of(RunOutcome outcome, Database shore, Database ship) throws SQLException {
        Map<String, TableDigest> ashore = digests(shore);
        Map<String, TableDigest> aboard = digests(ship);
        TreeSet<String> names = new TreeSet<>(ashore.keySet());
        names.addAll(aboard.keySet());
        return new DemoSummary(names.stream()
                .map(name -> table(
                        name,
                        Optional.ofNullable(ashore.get(name)),
                        Optional.ofNullable(aboard.get(name)),
                        copyTime(outcome, name)))
                .toList());
    }

    public boolean allSame() {
        return tables.stream().allMatch(Table::same);
    }

    /** Rows aboard, over all tables. */
    public long rows() {
        return tables.stream().mapToLong(t -> Math.max(0, t.rowsAboard())).sum();
    }

    private static Table table(
            String name, Optional<TableDigest> ashore, Optional<TableDigest> aboard, Optional<Duration> copyTime) {
        return new Table(
                name,
                ashore.map(TableDigest::rows).orElse(-1L),
                aboard.map(TableDigest::rows).orElse(-1L),
                ashore.equals(aboard),
                copyTime);
    }

    private static Map<String, TableDigest> digests(Database database) throws SQLException {
        try (Session session = database.open(Work.unattended("watchkeeper demo summary"))) {
            return TableDigest.ofAll(session);
        }
    }

    private static Optional<Duration> copyTime(RunOutcome outcome, String table) {
        return outcome.steps().stream()
                .flatMap(step -> step.results().stream())
                .filter(result -> List.of("public." + table, table)
                        .contains(result.fields().get("table")))
                .flatMap(result -> result.fields().get("durationMs") instanceof Number millis
                        ? Stream.of(Duration.ofMillis(millis.longValue()))
                        : Stream.empty())
                .findFirst();
    }
}
