package io.watchkeeper.cli;

import io.watchkeeper.config.AgentConfig;
import io.watchkeeper.doctor.Feature;
import io.watchkeeper.doctor.MissingGrants;
import io.watchkeeper.postgres.DatabasePools;
import io.watchkeeper.postgres.DatabaseSettings;
import io.watchkeeper.problem.Suggestion;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What the configured roles lack, as statements that psql takes as they are. */
final class GrantsReport {

    private final Invocation invocation;
    private final boolean json;

    GrantsReport(Invocation invocation, boolean json) {
        this.invocation = invocation;
        this.json = json;
    }

    /** @return the exit status */
    int print(List<String> databases, List<String> features, List<String> schemas) throws SQLException {
        AgentConfig config = invocation.config();
        List<String> configured =
                config.databases().stream().map(DatabaseSettings::name).toList();
        databases.forEach(name -> require(name, configured, "database"));
        features.forEach(word -> require(word, Feature.words(), "feature"));
        List<Feature> wanted = features.isEmpty()
                ? List.of(Feature.CHECKS)
                : features.stream().flatMap(word -> Feature.of(word).stream()).toList();
        List<MissingGrants> found = new ArrayList<>();
        try (DatabasePools pools = new DatabasePools(config.databases())) {
            for (String name : databases.isEmpty() ? configured : databases) {
                found.addAll(MissingGrants.of(pools.database(name), wanted, schemas));
            }
        }
        if (json) {
            invocation.printJson(
                    Map.of("grants", found.stream().map(GrantsReport::document).toList()));
        } else {
            found.forEach(this::print);
        }
        return found.stream().allMatch(MissingGrants::isComplete) ? ExitStatus.OK : ExitStatus.FAILED;
    }

    private void print(MissingGrants one) {
        String missing = one.isComplete() ? "nothing is missing" : "missing";
        invocation
                .terminal()
                .print("-- " + one.database() + ", " + one.feature().word() + ": role " + one.role() + " in database "
                        + one.databaseName() + ", " + missing);
        one.impossible().forEach(line -> invocation.terminal().print("-- cannot be granted: " + line));
        one.statements().forEach(invocation.terminal()::print);
    }

    private static Map<String, Object> document(MissingGrants one) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("database", one.database());
        document.put("role", one.role());
        document.put("databaseName", one.databaseName());
        document.put("feature", one.feature().word());
        document.put("missing", one.statements());
        document.put("impossible", one.impossible());
        return document;
    }

    private static void require(String word, List<String> known, String what) {
        if (!known.contains(word)) {
            throw new UsageException(
                    "there is no " + what + " '" + word + "'",
                    Suggestion.didYouMean(word, known) + "There are: " + String.join(", ", known) + ".");
        }
    }
}
