package io.watchkeeper.toolkit.maintenance;

import io.watchkeeper.units.Ratio;
import org.jspecify.annotations.Nullable;

/**
 * From where on a table is vacuumed; one limit that is reached is enough, and without any every table is.
 *
 * @param deadTuples share of dead rows, in the table or its TOAST table; null for no limit
 * @param xidAge transactions since the oldest row that is not frozen; null for no limit
 * @param multixactAge the same in multixacts; null for no limit
 */
public record VacuumWhen(
        @Nullable Ratio deadTuples,
        @Nullable Long xidAge,
        @Nullable Long multixactAge) {

    /** Every table. */
    public static VacuumWhen always() {
        return new VacuumWhen(null, null, null);
    }

    boolean isAlways() {
        return deadTuples == null && xidAge == null && multixactAge == null;
    }
}
