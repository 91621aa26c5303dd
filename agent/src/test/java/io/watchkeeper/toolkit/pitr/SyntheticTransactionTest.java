package io.watchkeeper.toolkit.pitr;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.testing.TestServers;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** What a synthetic transaction takes for done. */
class SyntheticTransactionTest {

    private static String run(String sql, Duration limit) throws SQLException {
        try (Connection connection = TestServers.connect(TestServers.shore(), "postgres")) {
            return new SyntheticTransaction(Path.of("work.sql"), sql, false).run(connection, limit);
        }
    }

    private static String run(String sql) throws SQLException {
        return run(sql, SyntheticTransaction.LIMIT);
    }

    @Test
    void passesOnTrueAndOnWhatIsNoBoolean() throws SQLException {
        assertThat(run("select 1; select count(*) > 0 as there from pg_class"))
                .isEqualTo("read there = t, rolled back");
        assertThat(run("select 'f'::text as flag")).isEqualTo("read flag = f, rolled back");
    }

    @Test
    void failsOnFalseAndOnUnknown() {
        assertThatThrownBy(() -> run("select false as paid"))
                .isInstanceOf(OperatorException.class)
                .hasMessageContaining("paid = f");
        assertThatThrownBy(() -> run("select sum(1) = 1 as paid from pg_class where false"))
                .isInstanceOf(OperatorException.class)
                .hasMessageContaining("paid = null");
    }

    @Test
    void hasItsTimeForAllStatementsTogether() {
        assertThatThrownBy(() -> run("select pg_sleep(0.3); select pg_sleep(0.3); select true", Duration.ofMillis(500)))
                .isInstanceOf(OperatorException.class)
                .hasMessageContaining("500 ms");
    }
}
