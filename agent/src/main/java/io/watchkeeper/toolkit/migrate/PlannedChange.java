package io.watchkeeper.toolkit.migrate;

import io.watchkeeper.postgres.PlannedAction;
import io.watchkeeper.units.Bytes;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A change that is to be deployed to a database, or taken back, as far as its scripts tell.
 *
 * @param position in the plan, from 0
 * @param reference as Sqitch is told that this one is meant
 * @param reversible whether it can be taken back afterwards
 * @param inTransaction whether its script is one transaction; else it is one statement that allows none
 * @param actions its statements
 * @param rewritten bytes of tables that are written anew
 * @param estimate how long that, building indexes and reading all rows take
 */
public record PlannedChange(
        int position,
        String name,
        String reference,
        Phase phase,
        boolean reversible,
        boolean inTransaction,
        List<PlannedAction> actions,
        List<MigrationFinding> findings,
        Bytes rewritten,
        Duration estimate) {

    public PlannedChange {
        actions = List.copyOf(actions);
        findings = List.copyOf(findings);
    }

    /** For documents. */
    public Map<String, Object> fields() {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("change", reference);
        fields.put("phase", phase.word());
        fields.put("reversible", reversible);
        fields.put("rewrittenBytes", rewritten.count());
        fields.put("estimateMs", estimate.toMillis());
        fields.put("findings", findings.stream().map(MigrationFinding::fields).toList());
        return fields;
    }
}
