package io.watchkeeper.dsl;

import groovy.lang.Closure;
import io.watchkeeper.postgres.Database;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.runbook.VerbResult;
import io.watchkeeper.toolkit.backup.BackupSettings;
import io.watchkeeper.toolkit.failover.FailoverProbe;
import io.watchkeeper.toolkit.standby.StandbyPlan;
import io.watchkeeper.toolkit.standby.StandbyProvisioner;
import io.watchkeeper.toolkit.standby.StandbyResult;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** {@code provisionStandby}. */
record StandbyVerbs(Action action) {

    private static final String VERB = "provisionStandby";

    StandbyResult provision(String name, Closure<?> block) throws SQLException {
        ProvisionStandbySpec spec = new ProvisionStandbySpec(action.texts());
        Closures.run(block, spec);
        Database standby = action.database(name);
        BackupSettings host = action.toolbox().backups();
        StandbyPlan plan = spec.plan(standby.settings(), host.bin());
        Database primary = action.database(primary(standby, spec.primary()));
        StandbyProvisioner provisioner = new StandbyProvisioner(
                        primary,
                        host.state(),
                        action.context().work(),
                        action.toolbox().clock())
                .asking(new FailoverProbe(
                        action.context()::database, action.context().work()));
        if (action.dryRun()) {
            action.plan(
                    VERB,
                    primary.name() + " → " + name,
                    () -> spec.undoes() ? provisioner.describeUndo(plan) : provisioner.describe(plan));
            return provisioner.planned(plan);
        }
        StandbyResult result = spec.undoes() ? provisioner.undo(plan) : provisioner.provision(plan);
        result.notes().forEach(spec.undoes() ? action.context()::info : action.context()::warn);
        result.steps().forEach((step, words) -> action.context().info(step + ": " + words));
        action.context().record(new VerbResult(VERB, result.fields()));
        return result;
    }

    private static String primary(Database standby, @Nullable String from) {
        String name = standby.name();
        if (!standby.settings().local()) {
            throw new OperatorException(
                    "'" + name + "' is at " + standby.settings().address() + ", and a standby is made on its own host",
                    "run this there; if that is this host, say so in the configuration: databases: { " + name
                            + ": { local: true } }.");
        }
        String configured = standby.settings().standbyOf();
        if (from == null && configured == null) {
            throw new OperatorException(
                    "'" + VERB + "' needs 'from'",
                    VERB + "('" + name + "') { from 'shore'; dataDirectory '/var/lib/postgresql/15/" + name + "' }");
        }
        if (from != null && configured != null && !from.equals(configured)) {
            throw new OperatorException(
                    "the configuration says that '" + name + "' is a standby of '" + configured
                            + "', and the runbook of '" + from + "'",
                    "correct one of them: from, or databases." + name + ".standbyOf.");
        }
        String primary = from == null ? configured : from;
        if (name.equals(primary)) {
            throw new OperatorException(
                    "'" + VERB + "' would make '" + name + "' a standby of itself", "name another database with from.");
        }
        return java.util.Objects.requireNonNull(primary);
    }
}
