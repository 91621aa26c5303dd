package io.watchkeeper.toolkit.check;

import static org.assertj.core.api.Assertions.assertThat;

import io.watchkeeper.postgres.LocalServer;
import io.watchkeeper.review.Review;
import io.watchkeeper.review.ReviewFinding;
import io.watchkeeper.review.ReviewStatus;
import io.watchkeeper.testing.TestServers;
import io.watchkeeper.units.Ratio;
import java.sql.Connection;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** What runs out or is counted, on a server of the test's own whose archiving fails. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class CounterChecksTest {

    private static final Ratio NEXT_TO_NOTHING = new Ratio(1e-12);

    private LocalServer server;
    private CheckRig rig;

    @BeforeAll
    void start() {
        server = TestServers.own(Map.of(
                // Little room for locks.
                "max_locks_per_transaction", "10",
                "archive_mode", "on",
                "archive_command", "'false'",
                "max_wal_size", "512MB",
                "shared_preload_libraries", "'pg_stat_statements'"));
        rig = CheckRig.on(server);
    }

    @AfterAll
    void end() {
        rig.close();
        server.delete();
    }

    @Test
    void youngDatabasesAreFarFromWraparound() throws Exception {
        Review review = rig.review(WraparoundCheck.USUAL);
        assertThat(review.status()).isEqualTo("ok");
        assertThat(review.rows())
                .anySatisfy(
                        row -> assertThat(row).containsEntry("kind", "database").containsEntry("name", rig.name))
                .anySatisfy(row -> assertThat(row).containsEntry("kind", "table"));
    }

    @Test
    void wraparoundIsToldInTimeAtThePresentRate() throws Exception {
        long next;
        try (Connection connection = rig.connect();
                var row = connection
                        .createStatement()
                        .executeQuery("select pg_snapshot_xmax(pg_current_snapshot())::text::bigint")) {
            row.next();
            next = row.getLong(1);
        }
        rig.execute("create table shared (n int); insert into shared values (1)");
        try (Connection one = rig.connect();
                Connection other = rig.connect()) {
            for (Connection connection : List.of(one, other)) {
                connection.setAutoCommit(false);
                connection.createStatement().execute("select from shared for share");
            }
        }
        // A hundred million a day: forced in under two days, stopped in three weeks.
        rig.measurements.with(CheckRig.NOW.minus(Duration.ofDays(2)), "transactions_used", "", next - 200_000_000.0);
        Review review = rig.review(new WraparoundCheck(NEXT_TO_NOTHING, Ratio.percent(60)));
        ReviewFinding used = review.findings().stream()
                .filter(one ->
                        one.code().equals("transactionIds") && one.message().contains("database " + rig.name))
                .findFirst()
                .orElseThrow();
        assertThat(used.status()).isEqualTo(ReviewStatus.WARN);
        assertThat(used.message()).contains("no more writes in 21 d ");
        assertThat(used.remedy()).startsWith("VACUUM (FREEZE, VERBOSE) ");
        rig.execute(used.remedy().replaceFirst(" --.*", ""));
        assertThat(review.summary())
                .containsPattern("autovacuum forces a freeze in (1 d 23 h|2 d), .* writes would stop in 21 d");
        assertThat(CheckRig.codes(review)).contains("multixactIds");
    }

    @Test
    void sequenceNearItsEndIsNamedWithTheColumnThatEndsFirst() throws Exception {
        try (CheckRig own = CheckRig.on(server)) {
            own.execute("""
                    create table "Odd 1" (id serial, big bigserial, small int);
                    create sequence plain as smallint; select setval('plain', 32000);
                    create sequence hidden; alter table "Odd 1" alter small set default nextval('hidden');
                    select setval('hidden', 2147480000);
                    create sequence turns maxvalue 10 cycle; select setval('turns', 10);
                    create sequence down increment -1 minvalue -1000 start -1; select setval('down', -990);
                    select setval('"Odd 1_big_seq"', 5000000000)""");
            Review review = own.review(SequenceCheck.USUAL);
            assertThat(review.findings())
                    .extracting(one -> one.message().replaceFirst("^sequence (\\S+) .*", "$1"))
                    .containsExactlyInAnyOrder("public.plain", "public.hidden", "public.down");
            ReviewFinding hidden = CheckRig.finding(review, "smallColumn");
            assertThat(hidden.message())
                    .contains("2147480000 of 2147483647, where integer column \"Odd 1\".small ends");
            assertThat(hidden.status()).isEqualTo(ReviewStatus.FAIL);
            assertThat(review.summary()).startsWith("5 sequences, the fullest is public.hidden with 100.0 %");
            review.remedy().forEach(remedy -> own.execute(remedy.replaceFirst(" --.*", "")));
            assertThat(own.review(SequenceCheck.USUAL).status()).isEqualTo("ok");
        }
    }

    @Test
    void sequenceSaysWhenItEnds() throws Exception {
        try (CheckRig own = CheckRig.on(server)) {
            own.execute("create sequence counting as integer; select setval('counting', 2000000000)");
            own.measurements.with(
                    CheckRig.NOW.minus(Duration.ofDays(1)), "sequence_value", "public.counting", 1_900_000_000);
            assertThat(CheckRig.finding(own.review(SequenceCheck.USUAL), "nearEnd")
                            .message())
                    .endsWith("at the present rate in 1 d 11 h");
        }
    }

    @Test
    void manySequencesAreReadSomeAtEachLookAndThoseToldOfAgain() throws Exception {
        try (CheckRig own = CheckRig.on(server)) {
            for (int from = 1; from <= 2000; from += 250) {
                own.execute("do $$ begin for i in " + from + ".." + (from + 249)
                        + " loop execute format('create sequence s_%s as smallint', i);"
                        + " perform setval(format('s_%s', i), i); end loop; end $$");
            }
            own.execute("select setval('s_3', 32000); select setval('s_1999', 31000)");
            Review first = own.review(SequenceCheck.USUAL);
            assertThat(first.summary())
                    .startsWith(
                            "1000 of 2000 sequences looked at, the next look goes on with the others, the fullest is"
                                    + " public.s_3 with 97.");
            assertThat(sequences(first)).containsExactly("public.s_3");

            Review second = own.review(SequenceCheck.USUAL, CheckRig.NOW.plusSeconds(3600));
            assertThat(sequences(second)).containsExactly("public.s_3", "public.s_1999");
            assertThat(second.rows())
                    .hasSize(20)
                    .last()
                    .satisfies(row -> assertThat(row).containsEntry("sequence", "public.s_1982"));

            // Nothing stands after the last one: begins again.
            Review third = own.review(SequenceCheck.USUAL, CheckRig.NOW.plusSeconds(7200));
            assertThat(sequences(third)).containsExactly("public.s_3", "public.s_1999");
        }
    }

    private static List<@Nullable Object> sequences(Review review) {
        return review.findings().stream()
                .<@Nullable Object>map(one -> one.evidence().get("sequence"))
                .toList();
    }

    @Test
    void roleThatMayNotReadASequenceIsToldWhatToGrant() throws Exception {
        try (CheckRig own = CheckRig.on(server)) {
            own.execute("create sequence secret");
            try (CheckRig blind = own.as("blind_sequences")) {
                ReviewFinding unreadable = CheckRig.finding(blind.review(SequenceCheck.USUAL), "unreadable");
                assertThat(unreadable.message()).contains("blind_sequences may not read 1 of 1 sequences");
                own.execute(unreadable.remedy());
                assertThat(blind.review(SequenceCheck.USUAL).status()).isEqualTo("ok");
            }
        }
    }

    @Test
    void archiverThatFailsIsFoundAndOneWithoutACommandToo() throws Exception {
        rig.execute("create table logged (n int); select pg_switch_wal()");
        rig.await("(select failed_count > 0 from pg_stat_archiver)");
        Review review = rig.review(new ArchiverCheck(Duration.ofMillis(1), Duration.ofHours(1)));
        assertThat(CheckRig.finding(review, "failing").message()).contains("nothing was ever archived");
        assertThat(CheckRig.finding(review, "behind").message()).contains("archive_command fails");
        assertThat(review.status()).isEqualTo("fail");

        try (CheckRig blind = rig.as("blind_archiver")) {
            assertThat(CheckRig.finding(blind.review(ArchiverCheck.USUAL), "unreadable")
                            .remedy())
                    .isEqualTo("GRANT pg_monitor TO blind_archiver;");
        }

        rig.execute("alter system set archive_command = ''");
        rig.execute("select pg_reload_conf()");
        rig.await("current_setting('archive_command') = '(disabled)' or current_setting('archive_command') = ''");
        assertThat(CheckRig.codes(rig.review(ArchiverCheck.USUAL))).contains("noCommand");
    }

    @Test
    void serverThatDoesNotArchiveIsNoProblem() throws Exception {
        try (CheckRig other = CheckRig.on(TestServers.shore())) {
            Review review = other.review(ArchiverCheck.USUAL);
            assertThat(review.status()).isEqualTo("ok");
            assertThat(review.summary()).startsWith("archive_mode is off");
        }
    }

    @Test
    void checkpointsThatDidNotComeByTheClockAreFound() throws Exception {
        CheckpointCheck check = CheckpointCheck.USUAL;
        rig.review(check, CheckRig.NOW.minus(Duration.ofHours(2)));
        for (int i = 0; i < 6; i++) {
            rig.execute("create table written_" + i + " (n int)");
            rig.execute("checkpoint");
        }
        Review review = rig.review(check);
        assertThat(CheckRig.finding(review, "requested").message())
                .startsWith("100 % of ")
                .contains("max_wal_size = 512 MB");
        assertThat(review.remedy().get(0)).startsWith("ALTER SYSTEM SET max_wal_size = '1024MB'");
        assertThat(review.summary()).contains("in the last 2 h");

        assertThat(rig.review(check, CheckRig.NOW.plus(Duration.ofHours(25))).status())
                .as("what came before the last look is over")
                .isEqualTo("ok");
    }

    @Test
    void statementsThatCannotBeReadAreNoFailureOfTheCheck() throws Exception {
        try (CheckRig own = CheckRig.on(server)) {
            own.execute("create extension pg_stat_statements version '1.7'");
            String update = "ALTER EXTENSION pg_stat_statements UPDATE;";
            assertThat(CheckRig.finding(own.review(SlowQueryCheck.USUAL), "noStatistics")
                            .message())
                    .endsWith("pg_stat_statements is of an old version here: " + update);
            own.execute(update);
            assertThat(CheckRig.codes(own.review(SlowQueryCheck.USUAL))).doesNotContain("noStatistics");

            own.execute("revoke select on pg_stat_statements from public");
            try (CheckRig blind = own.as("blind_statements")) {
                String message = CheckRig.finding(blind.review(SlowQueryCheck.USUAL), "noStatistics")
                        .message();
                assertThat(message).contains("may not be read by role blind_statements: GRANT ");
                own.execute(message.replaceFirst(".*: (?=GRANT )", ""));
                assertThat(CheckRig.codes(blind.review(SlowQueryCheck.USUAL))).doesNotContain("noStatistics");
            }
        }
    }

    @Test
    void statementsThatTakeTheMostTimeAreListedWhereTheyAreCounted() throws Exception {
        assertThat(CheckRig.codes(rig.review(SlowQueryCheck.USUAL))).contains("noStatistics");
        rig.execute("create schema \"Stats\"; create extension pg_stat_statements schema \"Stats\"");
        for (int i = 0; i < 12; i++) {
            rig.execute("select count(*), 'a secret' from generate_series(1, 20000)");
        }
        SlowQueryCheck check = new SlowQueryCheck(
                Duration.ofSeconds(5),
                Duration.ofMinutes(1),
                Duration.ofMinutes(30),
                Duration.ofNanos(1000),
                List.of());
        Review review = rig.review(check);
        assertThat(review.rows())
                .anySatisfy(row -> assertThat(row)
                        .containsEntry("kind", "statement")
                        .containsEntry("calls", 12L)
                        .containsEntry("statement", "select count(*), $1 from generate_series($2, $3)"));
        assertThat(CheckRig.finding(review, "slowOnAverage").remedy()).startsWith("EXPLAIN (ANALYZE, BUFFERS) ");
        assertThat(review.fields().toString()).doesNotContain("a secret");
        assertThat(review.summary()).contains("% of all time went into");
        assertThat(rig.measurements.subjects("statement_ms")).isNotEmpty();
    }
}
