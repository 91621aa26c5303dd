package io.watchkeeper.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.watchkeeper.testing.TestServers;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ReadOnlyWorkTest {

    private static final class ReadOnly implements Work {
        @Override
        public String applicationName() {
            return "watchkeeper dry run";
        }

        @Override
        public Optional<Instant> deadline() {
            return Optional.empty();
        }

        @Override
        public void throwIfCancelled() {}

        @Override
        public Registration onCancel(Runnable action) {
            return () -> {};
        }

        @Override
        public void progress(Progress progress) {}

        @Override
        public boolean readOnly() {
            return true;
        }
    }

    @Test
    void theServerRefusesChangesForTheSessionAndNoLonger() throws Exception {
        try (DatabasePools pools = TestServers.freshFleet()) {
            Database shore = pools.database("shore");
            try (Session session = shore.open(new ReadOnly());
                    Statement statement = session.connection().createStatement()) {
                assertThatThrownBy(() -> statement.execute("create table t (i int)"))
                        .isInstanceOfSatisfying(
                                SQLException.class,
                                e -> assertThat(e.getSQLState()).isEqualTo("25006"));
            }
            try (Session session = shore.open(Work.unattended("watchkeeper test"));
                    Statement statement = session.connection().createStatement()) {
                statement.execute("create table t (i int)");
                try (ResultSet rows = statement.executeQuery("show default_transaction_read_only")) {
                    rows.next();
                    assertThat(rows.getString(1)).isEqualTo("off");
                }
            }
        }
    }
}
