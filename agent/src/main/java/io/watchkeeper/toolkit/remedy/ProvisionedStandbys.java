package io.watchkeeper.toolkit.remedy;

import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.toolkit.failover.FailoverProbe;
import io.watchkeeper.toolkit.standby.StandbyProvisioner;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Clock;
import java.util.function.Function;

/** Standbys that {@code provisionStandby} has made on this host: copied again as they were made, unless a failover manager owns them. */
public final class ProvisionedStandbys implements StandbyRebuild {

    private final Database primary;
    private final Function<String, Database> databases;
    private final Path state;
    private final Work work;
    private final Clock clock;

    /** @param databases the configured ones, by name @param state the agent's folder */
    public ProvisionedStandbys(
            Database primary, Function<String, Database> databases, Path state, Work work, Clock clock) {
        this.primary = primary;
        this.databases = databases;
        this.state = state;
        this.work = work;
        this.clock = clock;
    }

    @Override
    public boolean canRebuild(String standby) {
        return provisioner(work).hasMade(standby);
    }

    @Override
    public String rebuild(String standby, Work by) throws SQLException {
        return provisioner(by).renew(standby).words();
    }

    private StandbyProvisioner provisioner(Work by) {
        return new StandbyProvisioner(primary, state, by, clock).asking(new FailoverProbe(databases, by));
    }
}
