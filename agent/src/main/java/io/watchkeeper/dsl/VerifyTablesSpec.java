package io.watchkeeper.dsl;

import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.toolkit.verify.VerifySetPlan;
import java.util.ArrayList;
import java.util.List;

/** {@code verifyTables('public.*') { … }} */
@Block(
        name = "verifyTables",
        value = "How several tables are compared with others.",
        needs = {"from", "to"},
        words = {
            "from",
            "to",
            "except",
            "by",
            "sample",
            "repair",
            "onMismatch",
            "maxDeletes",
            "where",
            "columns",
            "key",
            "patience",
            "chunkTime",
            "workers",
            "rateLimit"
        })
public final class VerifyTablesSpec extends VerifySpec {

    private final List<String> except = new ArrayList<>();

    VerifyTablesSpec(TextChecks texts) {
        super("verifyTables", texts);
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

    VerifySetPlan plan(List<String> patterns) {
        if (source().equals(target())) {
            throw new OperatorException(
                    "'verifyTables' would compare the tables of '" + source() + "' with themselves",
                    "'from' and 'to' name two databases.");
        }
        return new VerifySetPlan(patterns, except, options());
    }
}
