package io.watchkeeper.dsl;

import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.toolkit.copy.TableSetPlan;
import java.util.ArrayList;
import java.util.List;

/** {@code copyTables('public.*') { … }} */
@Block(
        name = "copyTables",
        value = "How several tables are copied.",
        needs = {"from", "to"},
        words = {
            "from",
            "to",
            "except",
            "columns",
            "where",
            "strategy",
            "key",
            "createKeyIndex",
            "format",
            "method",
            "sourceAddress",
            "workers",
            "batch",
            "rateLimit",
            "resume",
            "maxReplicationLag",
            "maxActiveSessions",
            "rebuildIndexes",
            "verify",
            "analyze",
            "suspendAutovacuum",
            "alertWhen"
        })
public final class CopyTablesSpec extends CopySpec {

    private final List<String> except = new ArrayList<>();

    CopyTablesSpec(TextChecks texts) {
        super("copyTables", texts);
    }

    @Word(
            value = "Tables that are left out after all. May be given several times.",
            example = "except 'public.audit_*', 'public.scratch'",
            byDefault = "none")
    public void except(@Checked(TextKind.TABLE_PATTERN) String... patterns) {
        for (String pattern : patterns) {
            except.add(texts().require(TextKind.TABLE_PATTERN, pattern));
        }
    }

    TableSetPlan plan(List<String> patterns) {
        if (source().equals(target())) {
            throw new OperatorException(
                    "'copyTables' would copy the tables of '" + source() + "' onto themselves",
                    "'from' and 'to' name two databases.");
        }
        return new TableSetPlan(patterns, except, options());
    }
}
