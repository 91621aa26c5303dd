package io.watchkeeper.dsl;

import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.toolkit.maintenance.AutovacuumRules;
import io.watchkeeper.units.Ratio;

/** {@code autovacuumAdvice('shore', 'public.*') { … }} */
@Block(
        name = "autovacuumAdvice",
        value = "What autovacuum's settings of tables should be. Nothing is set without `apply`.",
        words = {
            "apply",
            "undo",
            "overwrite",
            "vacuumAt",
            "analyzeAt",
            "leastRows",
            "hugeRows",
            "fillfactor",
            "reportOnly"
        })
public final class AutovacuumAdviceSpec extends ReviewSpec {

    private static final int LEAST_FILLFACTOR = 10;
    private static final int FULL_PAGES = 100;

    private boolean apply;
    private boolean undo;
    private boolean overwrite;
    private Ratio vacuumAt = AutovacuumRules.DEFAULT.vacuumScale();
    private Ratio analyzeAt = AutovacuumRules.DEFAULT.analyzeScale();
    private long leastRows = AutovacuumRules.DEFAULT.leastRows();
    private long hugeRows = AutovacuumRules.DEFAULT.hugeRows();
    private int fillfactor = AutovacuumRules.DEFAULT.fillfactor();

    AutovacuumAdviceSpec() {}

    @Word(
            value = "Sets what is proposed. What was set before is recorded with it, for `undo`.",
            example = "apply true",
            byDefault = "false: it is only proposed")
    public void apply(boolean yes) {
        apply = yes;
    }

    @Word(
            value = "Puts back what was set before; what a person has changed since stays.",
            example = "undo true",
            byDefault = "false")
    public void undo(boolean yes) {
        undo = yes;
    }

    @Word(value = "Changes values too that a person has set.", example = "overwrite true", byDefault = "false")
    public void overwrite(boolean yes) {
        overwrite = yes;
    }

    @Word(
            value = "The share of dead rows at which autovacuum should vacuum a table.",
            example = "vacuumAt 5.percent",
            byDefault = "5.percent")
    public void vacuumAt(Ratio share) {
        vacuumAt = share;
    }

    @Word(
            value = "The share of changed rows at which autovacuum should analyze a table.",
            example = "analyzeAt 2.percent",
            byDefault = "2.percent")
    public void analyzeAt(Ratio share) {
        analyzeAt = share;
    }

    @Word(value = "Smaller tables keep the server's settings.", example = "leastRows 100_000", byDefault = "10_000")
    public void leastRows(long rows) {
        leastRows = rows;
    }

    @Word(
            value = "From here on a fixed number of rows takes the place of the share: that of a table of this size.",
            example = "hugeRows 50_000_000",
            byDefault = "20_000_000")
    public void hugeRows(long rows) {
        hugeRows = rows;
    }

    @Word(
            value =
                    "For tables whose updates find no room beside their row: how full a page is made, in percent. 0 leaves it alone.",
            example = "fillfactor 90",
            byDefault = "80")
    public void fillfactor(int percent) {
        if (percent != 0 && (percent < LEAST_FILLFACTOR || percent > FULL_PAGES)) {
            throw new OperatorException("'fillfactor' takes 10 to 100, or 0 to leave it alone, not " + percent, null);
        }
        fillfactor = percent;
    }

    boolean applies() {
        return apply;
    }

    boolean undoes() {
        return undo;
    }

    AutovacuumRules rules() {
        if (apply && undo) {
            throw new OperatorException("'apply' and 'undo' are opposites", "keep one of them.");
        }
        return new AutovacuumRules(vacuumAt, analyzeAt, leastRows, hugeRows, fillfactor, overwrite);
    }
}
