package io.watchkeeper.toolkit.maintenance;

import io.watchkeeper.units.Ratio;

/**
 * What autovacuum's settings of a table should be.
 *
 * @param vacuumScale share of dead rows at which a table is vacuumed
 * @param analyzeScale share of changed rows at which it is analyzed
 * @param leastRows smaller tables are well served by the server's settings
 * @param hugeRows from here on the shares are those of a table of this size, as fixed numbers
 * @param fillfactor of tables whose updates do not find room beside the row; 0 to leave it alone
 * @param overwrite whether values that a person has set are changed too
 */
public record AutovacuumRules(
        Ratio vacuumScale, Ratio analyzeScale, long leastRows, long hugeRows, int fillfactor, boolean overwrite) {

    public static final AutovacuumRules DEFAULT =
            new AutovacuumRules(Ratio.percent(5), Ratio.percent(2), 10_000, 20_000_000, 80, false);
}
