package io.watchkeeper.checklist;

import java.util.List;
import java.util.Map;

/**
 * One thing that an item looked at or did.
 *
 * @param database as configured; empty where it is about none
 * @param summary what is so, or what was done, in one line
 * @param did whether it changed something
 * @param evidence what was measured, each row flat; empty when the summary says all
 */
public record Look(
        String database,
        ItemState state,
        String summary,
        boolean did,
        List<Need> needs,
        List<Map<String, Object>> evidence) {

    public Look {
        needs = List.copyOf(needs);
        evidence = List.copyOf(evidence);
    }
}
