package io.watchkeeper.toolkit.slo;

import static org.assertj.core.api.Assertions.assertThat;

import io.watchkeeper.measures.Measurement;
import io.watchkeeper.postgres.DatabasePools;
import io.watchkeeper.postgres.DatabaseSettings;
import io.watchkeeper.postgres.LocalServer;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.review.Review;
import io.watchkeeper.testing.PostgresVersions;
import io.watchkeeper.testing.TestServers;
import io.watchkeeper.units.Ratio;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Objectives on every version, with the rights that are documented and no more; since 15 nobody else makes anything in public. */
@Tag("campaign")
class SloVersionsTest {

    private static final Duration LONG = Duration.ofSeconds(30);

    private static PostgresVersions versions;

    @TempDir
    Path state;

    @BeforeAll
    static void unpack() throws IOException {
        versions = new PostgresVersions();
    }

    @AfterAll
    static void remove() throws IOException {
        versions.close();
    }

    static List<Integer> every() {
        assertThat(PostgresVersions.available()).as("run with -Pevery-version").containsExactly(14, 15, 16, 17, 18);
        return PostgresVersions.available();
    }

    @ParameterizedTest(name = "PostgreSQL {0}")
    @MethodSource("every")
    void measuresReadsWritesAndErrors(int version) throws Exception {
        LocalServer server = versions.server(version);
        String name = TestServers.freshDatabase(server);
        TestServers.execute(server, name, "create role prober login; create schema watchkeeper authorization prober");
        DatabaseSettings prober = new DatabaseSettings("shore", server.url(name), "prober", null, 2, null, true);
        try (DatabasePools pools = new DatabasePools(List.of(prober))) {
            SloLook look =
                    new SloLook(pools.database("shore"), Work.unattended("versions test"), state, Clock.systemUTC());

            look.look(promised(LONG, true));
            Review kept = look.look(promised(LONG, true));
            Review broken = look.look(promised(Duration.ofNanos(1), true));
            Review estimated = look.look(promised(LONG, false));

            assertThat(kept.status()).as(kept.toString()).isEqualTo("ok");
            assertThat(kept.rows())
                    .hasSize(3)
                    .allSatisfy(row -> assertThat(row.get("bad")).isEqualTo(0L));
            assertThat(broken.findings()).extracting(one -> one.code()).contains("slowBurn");
            assertThat(estimated.findings()).extracting(one -> one.code()).contains("noStatements");
            assertThat(new SloFigures(state, Set.of(), Clock.systemUTC()).get())
                    .extracting(Measurement::metric)
                    .contains("latency", "errors", "budget", "burn", "at");
        }
    }

    private static SloObjectives promised(Duration write, boolean probe) {
        return new SloObjectives(LONG, write, Ratio.percent(0.5), false, Duration.ofHours(1), probe, 20);
    }
}
