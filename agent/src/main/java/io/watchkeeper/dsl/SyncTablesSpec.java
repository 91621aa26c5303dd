package io.watchkeeper.dsl;

import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.toolkit.sync.SyncSetPlan;
import java.util.ArrayList;
import java.util.List;

/** {@code syncTables('public.*') { … }} */
@Block(
        name = "syncTables",
        value = "How several tables are kept the same as others.",
        needs = {"from", "to"},
        words = {
            "from",
            "to",
            "except",
            "oneSnapshot",
            "key",
            "mode",
            "watermark",
            "overlap",
            "proveEvery",
            "verifyEvery",
            "deletes",
            "maxDeletes",
            "localEdits",
            "where",
            "columns",
            "followColumns",
            "sourceXmin",
            "workers",
            "batch",
            "rateLimit",
            "verify"
        })
public final class SyncTablesSpec extends SyncSpec {

    private final List<String> except = new ArrayList<>();
    private boolean oneSnapshot;

    SyncTablesSpec(TextChecks texts) {
        super("syncTables", texts);
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

    @Word(
            value =
                    "Whether all tables are brought to one view of the source, in one transaction of the target. Tables that"
                            + " foreign keys tie together are in any case.",
            example = "oneSnapshot true",
            byDefault = "false")
    public void oneSnapshot(boolean yes) {
        oneSnapshot = yes;
    }

    SyncSetPlan plan(List<String> patterns) {
        if (source().equals(target())) {
            throw new OperatorException(
                    "'syncTables' would keep the tables of '" + source() + "' the same as themselves",
                    "'from' and 'to' name two databases.");
        }
        return new SyncSetPlan(patterns, except, options(), oneSnapshot);
    }
}
