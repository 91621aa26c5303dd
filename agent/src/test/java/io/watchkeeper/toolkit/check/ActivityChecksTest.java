package io.watchkeeper.toolkit.check;

import static org.assertj.core.api.Assertions.assertThat;

import io.watchkeeper.review.Review;
import io.watchkeeper.review.ReviewFinding;
import io.watchkeeper.review.ReviewStatus;
import io.watchkeeper.testing.TestServers;
import io.watchkeeper.units.Ratio;
import java.sql.Connection;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What sessions do, on a real server in which they do it. */
class ActivityChecksTest {

    private static final Duration AT_ONCE = Duration.ofMillis(1);
    private static final Duration NEVER = Duration.ofDays(1);

    private CheckRig rig;

    @BeforeEach
    void start() {
        rig = CheckRig.on(TestServers.shore());
    }

    @AfterEach
    void end() {
        rig.close();
    }

    @Test
    void usualConnectionsAreFine() throws Exception {
        Review review = rig.review(ConnectionCheck.USUAL);
        assertThat(review.status()).isEqualTo("ok");
        assertThat(review.summary()).matches("\\d+ of 60 connections, .* left open in a transaction");
        assertThat(review.rows()).isNotEmpty().allSatisfy(row -> assertThat(row).containsKeys("state", "connections"));
    }

    @Test
    void everyCheckHasAWordForAnEmptyDatabase() throws Exception {
        for (Check check : UsualChecks.all()) {
            assertThat(rig.review(check).summary()).as(check.verb()).isNotEmpty();
        }
    }

    @Test
    void connectionsNearTheMaximumFail() throws Exception {
        Review review = rig.review(new ConnectionCheck(Ratio.percent(0.1), Ratio.percent(1), NEVER, NEVER));
        ReviewFinding near = CheckRig.finding(review, "nearMaximum");
        assertThat(near.status()).isEqualTo(ReviewStatus.FAIL);
        assertThat(near.message()).contains(" of 57 connections").contains("max_connections = 60");
        assertThat(near.remedy()).contains("pg_terminate_backend");
    }

    @Test
    void connectionsThatTheRoleMayNotSeeCountToo() throws Exception {
        String role = "counts_" + rig.name;
        try (CheckRig blind = rig.as(role);
                Connection one = rig.connect();
                Connection other = rig.connect()) {
            assertThat(CheckRig.pid(one)).isNotEqualTo(CheckRig.pid(other));
            assertThat(blind.review(ConnectionCheck.USUAL).rows())
                    .filteredOn(row -> rig.name.equals(row.get("database")) && "postgres".equals(row.get("user")))
                    .anySatisfy(row -> assertThat(row).containsEntry("state", "unknown"))
                    .extracting(row -> row.get("connections"))
                    .containsExactly(2L);
        } finally {
            rig.execute("drop role " + role);
        }
    }

    @Test
    void transactionLeftOpenIsNamedWithoutItsValues() throws Exception {
        try (Connection forgotten = rig.connect()) {
            forgotten.setAutoCommit(false);
            forgotten.createStatement().execute("set application_name = 'billing'");
            forgotten.createStatement().execute("select 'a secret'");
            int pid = CheckRig.pid(forgotten);
            forgotten.createStatement().execute("select 'a secret'");

            Review review = rig.review(new ConnectionCheck(Ratio.percent(80), Ratio.percent(95), AT_ONCE, NEVER));
            ReviewFinding idle = review.findings().stream()
                    .filter(one -> one.message().contains("session " + pid))
                    .findFirst()
                    .orElseThrow();
            assertThat(idle.code()).isEqualTo("idleInTransaction");
            assertThat(idle.message())
                    .contains("of postgres (billing) in " + rig.name)
                    .contains("select ?");
            assertThat(idle.remedy()).contains("pg_terminate_backend(" + pid + ")");
            assertThat(review.fields().toString()).doesNotContain("a secret");
        }
    }

    @Test
    void preparedTransactionIsATransactionLeftOpen() throws Exception {
        rig.execute("create table t (n int)");
        try (Connection connection = rig.connect()) {
            connection.setAutoCommit(false);
            connection.createStatement().execute("insert into t values (1)");
            connection.createStatement().execute("prepare transaction 'left it''s " + rig.name + "'");
        }
        ConnectionCheck check = new ConnectionCheck(Ratio.percent(80), Ratio.percent(95), AT_ONCE, AT_ONCE);
        ReviewFinding prepared = CheckRig.finding(rig.review(check), "preparedTransaction");
        assertThat(prepared.status()).isEqualTo(ReviewStatus.FAIL);
        rig.execute(prepared.remedy().replaceFirst(" --.*", ""));
        assertThat(CheckRig.codes(rig.review(check))).doesNotContain("preparedTransaction");
    }

    @Test
    void nobodyWaitsForALock() throws Exception {
        assertThat(rig.review(LockWaitCheck.USUAL).status()).isEqualTo("ok");
    }

    @Test
    void whoIsAtTheRootOfAChainOfWaitsIsNamed() throws Exception {
        rig.execute("create schema \"Odd\"; create table \"Odd\".\"T 1\" (n int)");
        try (Connection holder = rig.connect();
                Connection second = rig.connect();
                Connection third = rig.connect()) {
            holder.setAutoCommit(false);
            holder.createStatement().execute("lock table \"Odd\".\"T 1\" in share mode");
            int root = CheckRig.pid(holder);
            int middle = CheckRig.pid(second);
            int last = CheckRig.pid(third);
            CheckRig.begin(second, "alter table \"Odd\".\"T 1\" add m int");
            rig.await("exists (select from pg_locks where not granted and pid = " + middle + ")");
            CheckRig.begin(third, "select count(*) from \"Odd\".\"T 1\"");
            rig.await("exists (select from pg_locks where not granted and pid = " + last + ")");

            Review review = rig.review(new LockWaitCheck(AT_ONCE, NEVER));
            ReviewFinding blocked = review.findings().stream()
                    .filter(one -> Long.valueOf(root).equals(one.evidence().get("root")))
                    .findFirst()
                    .orElseThrow();
            assertThat(blocked.message())
                    .contains("session " + root + " of postgres")
                    .contains("holds up 2 sessions")
                    .contains("AccessExclusiveLock on \"Odd\".\"T 1\"");
            assertThat(blocked.remedy()).isEqualTo("SELECT pg_terminate_backend(" + root + ");");
            assertThat(review.rows())
                    .filteredOn(row -> Integer.valueOf(last).equals(row.get("pid")))
                    .singleElement()
                    .satisfies(row -> assertThat(row)
                            .containsEntry("root", (long) root)
                            .containsEntry("depth", 2)
                            .containsEntry("blockedBy", "[" + middle + "]"));
        }
    }

    @Test
    void preparedTransactionThatHoldsALockIsNamed() throws Exception {
        rig.execute("create table held (n int)");
        String gid = "held " + rig.name;
        try (Connection connection = rig.connect();
                Connection waiter = rig.connect()) {
            connection.setAutoCommit(false);
            connection.createStatement().execute("lock table held");
            connection.createStatement().execute("prepare transaction '" + gid + "'");
            int pid = CheckRig.pid(waiter);
            CheckRig.begin(waiter, "select count(*) from held");
            rig.await("exists (select from pg_locks where not granted and pid = " + pid + ")");

            ReviewFinding blocked = CheckRig.finding(rig.review(new LockWaitCheck(AT_ONCE, AT_ONCE)), "blocked");
            assertThat(blocked.message()).contains("the prepared transaction '" + gid + "'");
            assertThat(blocked.remedy()).isEqualTo("ROLLBACK PREPARED '" + gid + "';");
        } finally {
            rig.execute("rollback prepared '" + gid + "'");
        }
    }

    @Test
    void longStatementIsNamedWithoutItsValues() throws Exception {
        try (Connection busy = rig.connect()) {
            busy.createStatement().execute("set application_name = 'report'");
            int pid = CheckRig.pid(busy);
            CheckRig.begin(busy, "select pg_sleep(600), 'a secret'");
            rig.await("exists (select from pg_stat_activity where pid = " + pid + " and wait_event = 'PgSleep')");

            Review review = rig.review(slow(List.of()));
            assertThat(CheckRig.finding(review, "running").message())
                    .contains("session " + pid + " of postgres (report) in " + rig.name)
                    .endsWith("select pg_sleep(?), ?");
            assertThat(review.remedy()).contains("SELECT pg_cancel_backend(" + pid + ");");
            assertThat(review.fields().toString()).doesNotContain("a secret");
            assertThat(CheckRig.codes(rig.review(slow(List.of("rep*t"))))).doesNotContain("running");
        }
    }

    private static SlowQueryCheck slow(List<String> except) {
        return new SlowQueryCheck(AT_ONCE, AT_ONCE, NEVER, null, except);
    }

    @Test
    void roleThatMayNotSeeOthersIsToldWhatToGrant() throws Exception {
        String role = "watch_" + rig.name;
        try (CheckRig blind = rig.as(role)) {
            for (Check check : List.of(ConnectionCheck.USUAL, SlowQueryCheck.USUAL)) {
                ReviewFinding unreadable = CheckRig.finding(blind.review(check), "unreadable");
                assertThat(unreadable.status()).isEqualTo(ReviewStatus.WARN);
                assertThat(unreadable.remedy()).isEqualTo("GRANT pg_monitor TO " + role + ";");
                rig.execute(unreadable.remedy());
                assertThat(CheckRig.codes(blind.review(check))).doesNotContain("unreadable");
                rig.execute("revoke pg_monitor from " + role);
            }
        } finally {
            rig.execute("drop role " + role);
        }
    }
}
