package io.watchkeeper.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.testing.TestServers;
import java.sql.ResultSet;
import java.sql.Statement;
import org.junit.jupiter.api.Test;

class DatabaseTest {

    @Test
    void sessionCarriesTheNameOfItsWork() throws Exception {
        try (DatabasePools pools = TestServers.freshFleet();
                Session session = pools.database("shore").open(Work.unattended("watchkeeper nightly 01ABC"));
                Statement statement = session.connection().createStatement();
                ResultSet rows = statement.executeQuery("show application_name")) {
            rows.next();
            assertThat(rows.getString(1)).isEqualTo("watchkeeper nightly 01ABC");
        }
    }

    @Test
    void unknownDatabaseNamesTheNearestOne() {
        try (DatabasePools pools = TestServers.freshFleet()) {
            assertThatThrownBy(() -> pools.database("shroe"))
                    .isInstanceOfSatisfying(
                            OperatorException.class,
                            e -> assertThat(e.hint()).isEqualTo("did you mean 'shore'? Configured: shore, ship."));
        }
    }
}
