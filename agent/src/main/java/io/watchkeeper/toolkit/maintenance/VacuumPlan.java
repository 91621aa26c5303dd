package io.watchkeeper.toolkit.maintenance;

import java.util.List;

/**
 * What to vacuum, and how.
 *
 * @param tables names or patterns; empty for every table of the database
 */
public record VacuumPlan(List<String> tables, VacuumHow how, VacuumWhen when, TimeFrame time) {

    public VacuumPlan {
        tables = List.copyOf(tables);
    }

    /** An ordinary VACUUM. */
    public static VacuumPlan of(List<String> tables) {
        return new VacuumPlan(tables, VacuumHow.plain(), VacuumWhen.always(), TimeFrame.always());
    }
}
