package io.watchkeeper;

import static org.assertj.core.api.Assertions.assertThat;

import groovy.lang.Closure;
import io.watchkeeper.alert.Alert;
import io.watchkeeper.alert.Alerts;
import io.watchkeeper.dsl.LoadResult;
import io.watchkeeper.dsl.RunbookLoader;
import io.watchkeeper.dsl.StepSpec;
import io.watchkeeper.dsl.Toolbox;
import io.watchkeeper.engine.RunRequest;
import io.watchkeeper.engine.RunbookRunner;
import io.watchkeeper.postgres.DatabasePools;
import io.watchkeeper.postgres.DatabaseSettings;
import io.watchkeeper.postgres.LocalServer;
import io.watchkeeper.review.Review;
import io.watchkeeper.runbook.RunOutcome;
import io.watchkeeper.runbook.RunState;
import io.watchkeeper.runbook.RunTrigger;
import io.watchkeeper.runbook.StepOutcome;
import io.watchkeeper.schedule.QuartzCron;
import io.watchkeeper.testing.PostgresVersions;
import io.watchkeeper.toolkit.backup.BackupSettings;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Clock;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every check and every word of maintenance on every PostgreSQL. */
@Tag("campaign")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class MaintenanceVersionsTest {

    /** What does something, as a runbook would say it. */
    private static final Map<String, String> DEEDS = Map.of(
            "vacuum", "vacuum('shore', 'public.*') { freeze true }",
            "analyze", "analyze('shore', 'public.*')",
            "reindex", "reindex('shore', 'public.*')",
            "maintainPartitions",
                    "maintainPartitions('shore', 'public.incidents') { monthly; ahead 40.days; moveDefaultRows true }");

    /** What looks at other things, and ends its step where these are not as they should be. */
    private static final Set<String> OF_REPLICATION = Set.of("authenticationReview", "synchronousStandbys");

    private static final List<String> PLANTED = List.of(
            "create table \"Odd Names\" (id bigserial primary key, \"at\" timestamptz default now(), note text)",
            "insert into \"Odd Names\" (note) select repeat('x', 200) from generate_series(1, 20000)",
            "delete from \"Odd Names\" where id % 2 = 0",
            "create index twice on \"Odd Names\" (note)",
            "create index again on \"Odd Names\" (note)",
            "create table incidents (id bigint not null, happened_at timestamptz not null) partition by range (happened_at)",
            "create table incidents_default partition of incidents default",
            "insert into incidents values (1, now())");

    @TempDir
    Path folder;

    private PostgresVersions versions;

    @BeforeAll
    void open() throws Exception {
        versions = new PostgresVersions();
    }

    @AfterAll
    void close() throws Exception {
        versions.close();
    }

    static List<Integer> every() {
        assertThat(PostgresVersions.available()).as("run with -Pevery-version").containsExactly(14, 15, 16, 17, 18);
        return PostgresVersions.available();
    }

    @ParameterizedTest(name = "PostgreSQL {0}")
    @MethodSource("every")
    void everyCheckAndEveryDeedWorks(int version) throws Exception {
        LocalServer server = versions.server(version);
        plant(server);
        DatabaseSettings shore = new DatabaseSettings("shore", server.url("postgres"), "postgres", null, 8, null, true);
        Path state = Files.createDirectory(folder.resolve("state-" + version));
        try (DatabasePools pools = new DatabasePools(List.of(shore));
                RunbookRunner runner = new RunbookRunner(
                        "shore-1", state, pools, name -> Optional.empty(), List.of(), Clock.systemUTC())) {
            Map<String, RunState> ends = new TreeMap<>();
            for (Map.Entry<String, String> verb : verbs().entrySet()) {
                LoadResult loaded = loader(state).load(List.of(file(verb)));
                assertThat(loaded.problems()).as(verb.getKey()).isEmpty();
                RunOutcome run = runner.run(new RunRequest(loaded.runbooks().get(0), RunTrigger.CLI, Map.of(), false));
                assertThat(run.error()).as(verb.getKey()).isNull();
                assertThat(run.steps())
                        .as(verb.getKey())
                        .flatExtracting(StepOutcome::results)
                        .isNotEmpty();
                assertThat(run.toString()).as(verb.getKey()).doesNotContain("unreadable");
                ends.put(verb.getKey(), run.state());
            }
            assertThat(ends.keySet()).hasSizeGreaterThanOrEqualTo(6).contains("vacuum", "reindex", "settingsReview");
            assertThat(ends.values()).containsOnly(RunState.SUCCEEDED);
        }
    }

    private static void plant(LocalServer server) throws Exception {
        try (Connection connection = DriverManager.getConnection(server.url("postgres"), "postgres", "");
                Statement statement = connection.createStatement()) {
            for (String sql : PLANTED) {
                statement.execute(sql);
            }
        }
    }

    /** All that the language has: each word that reviews one database, and the deeds. */
    private static Map<String, String> verbs() {
        Map<String, String> verbs = new TreeMap<>();
        for (Method word : StepSpec.class.getMethods()) {
            Class<?>[] takes = word.getParameterTypes();
            boolean isBlock = takes.length == 2 && takes[0] == String.class && takes[1] == Closure.class;
            if (word.getReturnType() == Review.class && isBlock && !OF_REPLICATION.contains(word.getName())) {
                verbs.put(word.getName(), word.getName() + "('shore') { reportOnly true }");
            }
        }
        List<String> words =
                Arrays.stream(StepSpec.class.getMethods()).map(Method::getName).toList();
        DEEDS.forEach((word, text) -> {
            if (words.contains(word)) {
                verbs.put(word, text);
            }
        });
        return verbs;
    }

    private Path file(Map.Entry<String, String> verb) throws Exception {
        return Files.writeString(
                folder.resolve(verb.getKey() + ".groovy"), """
                runbook('%s') {
                    step('work') { %s }
                }
                """.formatted(verb.getKey(), verb.getValue()));
    }

    private static RunbookLoader loader(Path state) {
        Clock clock = Clock.systemUTC();
        return new RunbookLoader(
                "primary",
                List.of("shore"),
                new Toolbox(
                        "shore-1",
                        clock,
                        new NoAlerts(),
                        new QuartzCron()::problemOf,
                        null,
                        new BackupSettings(null, null, state, null, "shore-1", clock)));
    }

    private static final class NoAlerts implements Alerts {
        @Override
        public boolean fire(Alert alert) {
            return false;
        }

        @Override
        public int resolve(String runbook) {
            return 0;
        }
    }
}
