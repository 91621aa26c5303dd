package io.watchkeeper.toolkit.copy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.watchkeeper.postgres.LocalServer;
import io.watchkeeper.postgres.ServerState;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.TableName;
import io.watchkeeper.postgres.TableShape;
import io.watchkeeper.testing.PostgresVersions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every type there is, from every PostgreSQL to every other. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class VersionMatrixTest {

    private static final TableName EVERY = TableName.parse("every");

    private PostgresVersions versions;

    @BeforeAll
    void open() throws Exception {
        versions = new PostgresVersions();
    }

    @AfterAll
    void close() throws Exception {
        versions.close();
    }

    static List<Arguments> oldestAndNewest() {
        return List.of(Arguments.of(oldest(), newest()), Arguments.of(newest(), oldest()));
    }

    static List<Arguments> everyPair() {
        List<Integer> all = PostgresVersions.available();
        assertThat(all).as("run with -Pevery-version").containsExactly(14, 15, 16, 17, 18);
        List<Arguments> pairs = new ArrayList<>();
        all.forEach(from -> all.forEach(to -> pairs.add(Arguments.of(from, to))));
        return pairs;
    }

    @ParameterizedTest(name = "from {0} to {1}")
    @MethodSource("oldestAndNewest")
    void theOldestAndTheNewestUnderstandEachOther(int from, int to) throws Exception {
        everyTypeArrivesUnchanged(from, to);
    }

    @Tag("campaign")
    @ParameterizedTest(name = "from {0} to {1}")
    @MethodSource("everyPair")
    void everyVersionUnderstandsEveryOther(int from, int to) throws Exception {
        everyTypeArrivesUnchanged(from, to);
    }

    @Test
    void anIntervalThatTheOtherVersionLacksIsNeverTakenForAnother() throws Exception {
        LocalServer older = versions.server(oldest());
        LocalServer newer = versions.server(newest());
        String ddl = "create table i (span interval)";
        CopyPlan unverified = CopyPlan.of(TableName.parse("i")).with(o -> o.withVerify(false));
        try (Fleet backwards = new Fleet(newer, older);
                Fleet forwards = new Fleet(older, newer)) {
            backwards.both(ddl);
            backwards.on("shore", "insert into i values ('infinity')");
            assertThatThrownBy(() -> backwards.copy(unverified))
                    .hasMessageContaining("invalid input syntax for type interval: \"infinity\"");

            forwards.both(ddl);
            // The longest one of all, which its own server cannot print: in binary form it would arrive as infinity.
            forwards.on(
                    "shore",
                    "insert into i select make_interval(months => 2147483647, days => 2147483647)"
                            + " + interval '2000000000:00:00' + interval '562047788:00:54.775807'");
            assertThatThrownBy(() -> forwards.copy(unverified))
                    .hasMessageContaining("interval")
                    .hasMessageContaining("out of range");
        }
    }

    private static int oldest() {
        return PostgresVersions.available().get(0);
    }

    private static int newest() {
        List<Integer> all = PostgresVersions.available();
        return all.get(all.size() - 1);
    }

    private void everyTypeArrivesUnchanged(int from, int to) throws Exception {
        LocalServer source = versions.server(from);
        LocalServer target = versions.server(to);
        try (Fleet fleet = new Fleet(source, target)) {
            EveryServerType types = EveryServerType.make(fleet);
            assertThat(types.extensions()).contains("citext", "hstore", "ltree");
            assertThat(types.columns()).hasSizeGreaterThan(190);

            CopyResult text = fleet.copy(CopyPlan.of(EVERY));

            assertThat(text.verified()).isTrue();
            assertThat(text.format()).isEqualTo(CopyFormat.TEXT);
            assertSame(types, "every", types.columns());

            List<String> portable = portable(fleet);
            String ddl = "create table portable as select row_number, \"" + String.join("\", \"", portable)
                    + "\" from every";
            fleet.on("shore", ddl);
            fleet.on("ship", ddl + " with no data");
            CopyResult binary = fleet.copy("portable");

            assertThat(binary.verified()).isTrue();
            assertThat(binary.format()).isEqualTo(CopyFormat.BINARY);
            assertThat(portable).contains("int4", "tsvector", "hstore", "_numeric", "mood", "percents", "jsonb");
            assertSame(types, "portable", portable);
        }
    }

    private static void assertSame(EveryServerType types, String table, List<String> columns) {
        assertThat(types.values("ship", table, columns)).isEqualTo(types.values("shore", table, columns));
    }

    private static List<String> portable(Fleet fleet) throws Exception {
        try (Session shore = fleet.shore().open(Fleet.WORK);
                Session ship = fleet.ship().open(Fleet.WORK)) {
            int from = ServerState.read(shore).majorVersion();
            int to = ServerState.read(ship).majorVersion();
            TableShape there = TableShape.read(ship, EVERY);
            return TableShape.read(shore, EVERY).columns().stream()
                    .filter(column -> !column.name().equals("row_number"))
                    .filter(column -> TypeFit.of(
                                            column.type(),
                                            there.column(column.name())
                                                    .orElseThrow()
                                                    .type(),
                                            from,
                                            to)
                                    .way()
                            == TypeFit.Way.BINARY)
                    .map(TableShape.Column::name)
                    .toList();
        }
    }
}
