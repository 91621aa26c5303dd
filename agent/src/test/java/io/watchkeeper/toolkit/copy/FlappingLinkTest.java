package io.watchkeeper.toolkit.copy;

import static org.assertj.core.api.Assertions.assertThat;

import io.watchkeeper.postgres.DatabasePools;
import io.watchkeeper.postgres.ShortPatience;
import io.watchkeeper.postgres.TableName;
import io.watchkeeper.testing.FlakyLink;
import io.watchkeeper.testing.FlakyLink.Fault;
import io.watchkeeper.testing.TestServers;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A link that is up for a twentieth of the 20 s of the real one, and limits that are as much shorter. */
class FlappingLinkTest {

    private static final Duration UP = Duration.ofSeconds(1);
    private static final int ROWS = 30_000;
    private static final String CONTENTS = "select md5(string_agg(t::text, ' ' order by id)) from t";

    private final String shore = TestServers.freshDatabase(TestServers.shore());
    private final String ship = TestServers.freshDatabase(TestServers.ship());
    private final FlakyLink link = FlakyLink.to(TestServers.shore());
    private final DatabasePools pools =
            ShortPatience.pools(link.settings("shore", shore), TestServers.settings("ship", TestServers.ship(), ship));

    @BeforeEach
    void fill() {
        TestServers.execute(TestServers.shore(), shore, "create table t (id int primary key, v text)");
        TestServers.execute(TestServers.ship(), ship, "create table t (id int primary key, v text)");
        TestServers.execute(
                TestServers.shore(),
                shore,
                "insert into t select i, repeat(md5(i::text), 6) from generate_series(1, " + ROWS + ") i; analyze t");
    }

    @AfterEach
    void close() {
        link.close();
        pools.close();
    }

    /** All of it takes three times as long as the link is up, and so does the first chunk. */
    @ParameterizedTest
    @Tag("campaign")
    @EnumSource(
            value = Fault.class,
            names = {"CUT", "LOSE"})
    @Timeout(120)
    void aTableIsCopiedOverALinkThatIsNeverUpForLongEnough(Fault fault) throws Exception {
        link.bytesPerSecond(2_000_000);
        link.flap(fault, UP, Duration.ofMillis(400));
        CopyResult copied = copy(CopyOptions.DEFAULT.withResume(true));
        assertThat(link.downs()).isGreaterThan(2);
        assertThat(copied.chunks()).isGreaterThan(2);
        assertSame();
    }

    @Test
    @Tag("campaign") // as slow as the one above, which is tried with every fault
    @Timeout(120)
    void chunksOfASizeThatWasAskedForAreCutWhereTheLinkCannotCarryThem() throws Exception {
        link.bytesPerSecond(2_000_000);
        link.flap(Fault.CUT, UP, Duration.ofMillis(400));
        copy(CopyOptions.DEFAULT.withResume(true).withPace(Pace.FREE.withBatch((long) ROWS)));
        assertSame();
    }

    @Test
    @Timeout(60)
    void aLinkThatComesBackSoonEnoughDoesNotCostAConnection() throws Exception {
        link.bytesPerSecond(2_000_000);
        link.flap(Fault.FREEZE, UP, Duration.ofMillis(500));
        CopyResult copied = copy(CopyOptions.DEFAULT);
        assertThat(link.downs()).isGreaterThan(1);
        assertThat(copied.chunks()).isLessThanOrEqualTo(1);
        assertSame();
    }

    /** Every attempt is refused at once, so that attempts alone would be used up in no time. */
    @Test
    @Tag("campaign") // a minute of waiting
    @Timeout(400)
    void aLinkThatIsDownForLongerThanTheAttemptsTakeIsWaitedFor() throws Exception {
        link.bytesPerSecond(2_000_000);
        link.flap(Fault.CUT, Duration.ofSeconds(2), Duration.ofSeconds(12));
        copy(CopyOptions.DEFAULT.withResume(true));
        assertSame();
    }

    private CopyResult copy(CopyOptions options) throws Exception {
        TableName t = TableName.parse("public.t");
        return new TableCopier(pools.database("shore"), pools.database("ship"), Fleet.WORK)
                .copy(new CopyPlan(t, t, options));
    }

    private void assertSame() throws Exception {
        try (Connection from = TestServers.connect(TestServers.shore(), shore);
                Connection to = TestServers.connect(TestServers.ship(), ship)) {
            assertThat(ask(to, CONTENTS)).isEqualTo(ask(from, CONTENTS));
        }
    }

    private static String ask(Connection connection, String sql) throws Exception {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getString(1);
        }
    }
}
