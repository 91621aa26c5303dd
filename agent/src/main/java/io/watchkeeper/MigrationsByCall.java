package io.watchkeeper;

import io.watchkeeper.config.AgentConfig;
import io.watchkeeper.dsl.MetaTools;
import io.watchkeeper.http.MigrationMaker;
import io.watchkeeper.postgres.DatabasePools;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.toolkit.migrate.MigrationPlan;
import io.watchkeeper.toolkit.migrate.MigrationRunsException;
import io.watchkeeper.toolkit.migrate.MigrationWish;
import io.watchkeeper.toolkit.migrate.Migrator;
import io.watchkeeper.toolkit.migrate.UnknownRevisionException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Clock;
import java.util.List;

/** The migrations that are asked for over HTTP: of the configured database, and everything that is wrong is said at once. */
record MigrationsByCall(AgentConfig config, DatabasePools databases, MetaTools tools, Clock clock)
        implements MigrationMaker {

    @Override
    public Migration migration(String revision, boolean revert) {
        MigrationRequest request = MigrationRequest.of(revision, revert);
        MigrationWish wish = request.wish(tools);
        Path project = tools.migrations().project();
        if (project == null) {
            throw new OperatorException(
                    "no folder of migrations is configured",
                    "name a Sqitch project in the configuration: meta: { database: " + wish.database()
                            + ", migrations: /etc/watchkeeper/migrations }.");
        }
        Migrator migrator = new Migrator(
                project,
                config.postgres().bin(),
                tools.migrations().avoided(),
                clock,
                Work.unattended("watchkeeper migrate"));
        try {
            MigrationPlan plan = migrator.requirePossible(wish, List.of(databases.database(wish.database())));
            return new Migration(
                    request.runbook(config, tools, clock), plan.subject(), plan.digest(), plan.approvers());
        } catch (UnknownRevisionException e) {
            throw new UnknownRevision(String.valueOf(e.getMessage()), e.hint());
        } catch (MigrationRunsException e) {
            throw new Busy(String.valueOf(e.getMessage()), e.hint());
        } catch (SQLException e) {
            throw new OperatorException(
                    "the migration of database '" + wish.database() + "' cannot be planned: " + e.getMessage(),
                    "the agent must be able to reach it, and to read its schema sqitch.",
                    e);
        }
    }
}
