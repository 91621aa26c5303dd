package io.watchkeeper.toolkit.copy;

import static org.assertj.core.api.Assertions.assertThat;

import io.watchkeeper.postgres.DatabasePools;
import io.watchkeeper.postgres.DatabaseSettings;
import io.watchkeeper.postgres.TableName;
import io.watchkeeper.testing.OtherProcess;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class CopiesOfTwoProcessesTest {

    private static final int COPIES = 15;

    @TempDir
    Path state;

    @Test
    @Tag("campaign")
    @Timeout(60)
    void goInOppositeDirectionsOverOneConnectionEach() throws Exception {
        try (Fleet fleet = new Fleet()) {
            fleet.both("create table up (id int primary key); create table down (id int primary key)");
            fleet.on("shore", "insert into down select generate_series(1, 1000)");
            fleet.on("ship", "insert into up select generate_series(1, 1000)");
            DatabaseSettings shore = withOneConnection(fleet.login("shore"));
            DatabaseSettings ship = withOneConnection(fleet.login("ship"));
            try (OtherProcess other =
                    OtherProcess.start(CopiesOfTwoProcessesTest.class, state.toString(), shore.url(), ship.url())) {
                copyAllTheTime(shore, ship, "down", state);

                assertThat(other.readLine()).isEqualTo("copied");
            }
            assertThat(fleet.value("ship", "select count(*) from down")).isEqualTo("1000");
            assertThat(fleet.value("shore", "select count(*) from up")).isEqualTo("1000");
        }
    }

    /** The second process copies up. Arguments: state directory, the shore's URL, the ship's. */
    public static void main(String[] arguments) throws SQLException {
        System.out.println("ready");
        copyAllTheTime(settings("ship", arguments[2]), settings("shore", arguments[1]), "up", Path.of(arguments[0]));
        System.out.println("copied");
    }

    private static void copyAllTheTime(DatabaseSettings source, DatabaseSettings target, String table, Path state)
            throws SQLException {
        try (DatabasePools pools = new DatabasePools(List.of(source, target), state)) {
            for (int i = 0; i < COPIES; i++) {
                new TableCopier(pools.database(source.name()), pools.database(target.name()), Fleet.WORK)
                        .copy(CopyPlan.of(TableName.parse(table)));
            }
        }
    }

    private static DatabaseSettings withOneConnection(DatabaseSettings login) {
        return settings(login.name(), login.url());
    }

    private static DatabaseSettings settings(String name, String url) {
        return new DatabaseSettings(name, url, "postgres", null, 1, null, true);
    }
}
