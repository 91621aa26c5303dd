package io.watchkeeper;

import io.watchkeeper.config.AgentConfig;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.runbook.Policy;
import io.watchkeeper.runbook.Runbook;
import io.watchkeeper.runbook.StepContext;
import io.watchkeeper.runbook.VerbResult;
import io.watchkeeper.toolkit.backup.BackupSettings;
import io.watchkeeper.toolkit.failover.Switchover;
import io.watchkeeper.toolkit.failover.SwitchoverPlan;
import io.watchkeeper.toolkit.failover.SwitchoverResult;
import io.watchkeeper.units.Bytes;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A switchover asked for by a command instead of by a runbook's file.
 *
 * @param from the database that is the primary
 * @param to the standby that becomes it
 * @param confirmed whether a person has said that it is meant; without that it is only checked
 * @param back whether one that is under way is taken back instead
 * @param service the old primary's unit of systemd; null when pg_ctl stops and starts it
 * @param address where the old primary finds the new one; null for what the configuration says
 * @param repoint other standbys that are to follow
 */
public record SwitchoverRequest(
        String from,
        String to,
        boolean confirmed,
        boolean back,
        @Nullable String service,
        @Nullable String address,
        List<String> repoint,
        Bytes maxLag,
        Duration within,
        boolean dropLogicalSlots,
        boolean rewind,
        Duration timeout) {

    private static final String NAME = "switchover";

    /** @throws OperatorException when it cannot be meant */
    public SwitchoverRequest {
        plan(from, to, confirmed, service, address, repoint, maxLag, within, dropLogicalSlots, rewind);
    }

    /** The runbook {@code switchover} with one step, which does this. */
    public Runbook runbook(AgentConfig config, Clock clock) {
        BackupSettings host = ConfiguredToolkit.backups(config, clock);
        return PitrRunbook.of(
                NAME,
                "Hands the primary's role from " + from + " to " + to + ".",
                timeout,
                Policy.Overlap.SKIP,
                context -> switchOver(context, host));
    }

    private void switchOver(StepContext context, BackupSettings host) throws SQLException {
        SwitchoverPlan plan =
                plan(from, to, confirmed, service, address, repoint, maxLag, within, dropLogicalSlots, rewind);
        Switchover switchover = new Switchover(context::database, context.work(), host.state(), host.bin());
        if (context.dryRun()) {
            context.plan(NAME, plan.title(), switchover.describe(plan));
            return;
        }
        SwitchoverResult result = back ? switchover.back(from) : switchover.run(plan);
        result.notes().forEach(context::warn);
        context.record(new VerbResult(NAME, result.fields()));
    }

    private static SwitchoverPlan plan(
            String from,
            String to,
            boolean confirmed,
            @Nullable String service,
            @Nullable String address,
            List<String> repoint,
            Bytes maxLag,
            Duration within,
            boolean dropLogicalSlots,
            boolean rewind) {
        String word = confirmed ? from + "→" + to : null;
        return new SwitchoverPlan(from, to, word, maxLag, within, service, address, repoint, dropLogicalSlots, rewind);
    }
}
