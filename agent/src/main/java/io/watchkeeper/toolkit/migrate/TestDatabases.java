package io.watchkeeper.toolkit.migrate;

import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.toolkit.backup.BackupSettings;
import io.watchkeeper.toolkit.backup.SchemaCopy;
import io.watchkeeper.toolkit.pitr.RestoredCluster;
import java.sql.SQLException;
import java.util.List;

/** Makes databases like real ones, which are thrown away; what a process that died has left of them, the next one removes. */
final class TestDatabases {

    private final BackupSettings settings;

    TestDatabases(BackupSettings settings) {
        this.settings = settings;
    }

    /** A database that is gone when it is closed. */
    interface TestDatabase extends AutoCloseable {

        /** Under the name of the real one. */
        Database database();

        /** Whether its server is thrown away with it. */
        boolean isOwnServer();

        /** What it is, for people. */
        String words();

        @Override
        void close();
    }

    /** @throws OperatorException when none can be made */
    TestDatabase like(Database target, RevertTest how, Work work) throws SQLException {
        if (!RestoredCluster.isPossible(settings, target, work)) {
            return scratch(target, how, "", work);
        }
        return RestoredCluster.isCutOff(settings)
                ? restored(target, work)
                : scratch(
                        target,
                        how,
                        ", because this system lets no server be without a network, and a restored one might act on others",
                        work);
    }

    private TestDatabase restored(Database target, Work work) throws SQLException {
        String id = "revert-" + Long.toString(settings.clock().millis(), 36) + "-"
                + ProcessHandle.current().pid();
        RestoredCluster cluster = RestoredCluster.of(settings, target, work, id);
        return new TestDatabase() {
            @Override
            public Database database() {
                return cluster.database();
            }

            @Override
            public boolean isOwnServer() {
                return true;
            }

            @Override
            public String words() {
                return "backup " + cluster.backup() + " of '" + target.name() + "', restored to a server of its own";
            }

            @Override
            public void close() {
                cluster.close();
            }
        };
    }

    private TestDatabase scratch(Database target, RevertTest how, String why, Work work) throws SQLException {
        SchemaCopy copy = SchemaCopy.of(settings, target, how == RevertTest.ROWS, List.of(Registry.SCHEMA), work);
        return new TestDatabase() {
            @Override
            public Database database() {
                return copy.database();
            }

            @Override
            public boolean isOwnServer() {
                return false;
            }

            @Override
            public String words() {
                return "a scratch database on the server of '" + target.name() + "'" + why;
            }

            @Override
            public void close() {
                copy.close();
            }
        };
    }
}
