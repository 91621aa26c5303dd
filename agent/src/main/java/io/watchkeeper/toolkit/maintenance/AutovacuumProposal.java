package io.watchkeeper.toolkit.maintenance;

import io.watchkeeper.postgres.TableName;
import io.watchkeeper.units.Ratio;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiPredicate;
import java.util.stream.Collectors;

/**
 * What should be set for one table.
 *
 * @param values option to value; empty when all is well
 * @param reasons one for each thing that is to change
 * @param kept options that a person has set otherwise, which stay
 */
record AutovacuumProposal(AutovacuumTable table, Map<String, String> values, List<String> reasons, List<String> kept) {

    private static final long LEAST_UPDATES = 10_000;
    private static final double FEW_HOT = 0.8;
    private static final double MANY_MOVED = 0.1;
    private static final double DEFAULT_FILLFACTOR = 100;

    /**
     * Decides on a table.
     *
     * @param server option to value, as the server has them for all tables
     * @param ours whether a value of an option is one that the agent has set
     */
    static AutovacuumProposal of(
            AutovacuumTable table,
            AutovacuumRules rules,
            Map<String, String> server,
            BiPredicate<String, String> ours) {
        AutovacuumProposal proposal =
                new AutovacuumProposal(table, new LinkedHashMap<>(), new ArrayList<>(), new ArrayList<>());
        if (table.rows() < rules.leastRows()) {
            return proposal;
        }
        proposal.pair("autovacuum_vacuum", rules.vacuumScale(), rules, server, ours);
        proposal.pair("autovacuum_analyze", rules.analyzeScale(), rules, server, ours);
        proposal.fillfactor(rules, ours);
        return proposal;
    }

    private void pair(
            String option,
            Ratio scale,
            AutovacuumRules rules,
            Map<String, String> server,
            BiPredicate<String, String> ours) {
        String factor = option + "_scale_factor";
        String threshold = option + "_threshold";
        double rowsNow = effective(threshold, server) + effective(factor, server) * table.rows();
        boolean huge = table.rows() >= rules.hugeRows();
        double base = Double.parseDouble(server.getOrDefault(threshold, "50"));
        double rowsThen = huge ? rules.hugeRows() * scale.share() : base + table.rows() * scale.share();
        if (rowsNow <= rowsThen * 1.01) {
            return;
        }
        List<String> persons = List.of(factor, threshold).stream()
                .filter(name -> table.options().containsKey(name)
                        && !ours.test(name, String.valueOf(table.options().get(name))))
                .toList();
        if (!persons.isEmpty() && !rules.overwrite()) {
            persons.forEach(name -> kept.add(name + "=" + table.options().get(name)));
            return;
        }
        values.put(factor, huge ? "0" : plain(scale.share()));
        if (huge) {
            values.put(threshold, Long.toString(Math.round(rowsThen)));
        } else if (table.options().containsKey(threshold)) {
            values.put(threshold, Long.toString(Math.round(base)));
        }
        reasons.add((option.endsWith("vacuum") ? "vacuumed" : "analyzed") + " after "
                + VacuumNeed.count(Math.round(rowsNow)) + (option.endsWith("vacuum") ? " dead" : " changed")
                + " rows of " + VacuumNeed.count(table.rows()) + ", better after "
                + VacuumNeed.count(Math.round(rowsThen)));
    }

    private double effective(String option, Map<String, String> server) {
        return Double.parseDouble(table.options().getOrDefault(option, server.getOrDefault(option, "0")));
    }

    /** Room on each page lets an update stay beside its row, and then no index has to be written. */
    private void fillfactor(AutovacuumRules rules, BiPredicate<String, String> ours) {
        if (rules.fillfactor() == 0 || table.updates() < LEAST_UPDATES) {
            return;
        }
        double hot = (double) table.hot() / table.updates();
        boolean wanting = table.moved() >= 0 ? (double) table.moved() / table.updates() >= MANY_MOVED : hot < FEW_HOT;
        String set = table.options().get("fillfactor");
        double now = set == null ? DEFAULT_FILLFACTOR : Double.parseDouble(set);
        if (!wanting || now <= rules.fillfactor()) {
            return;
        }
        if (set != null && !ours.test("fillfactor", set) && !rules.overwrite()) {
            kept.add("fillfactor=" + set);
            return;
        }
        values.put("fillfactor", Integer.toString(rules.fillfactor()));
        String updates = VacuumNeed.count(table.updates()) + " updates";
        reasons.add(
                table.moved() >= 0
                        ? percent(table.moved()) + " of " + updates + " found no room on the row's page"
                        : "only " + percent(table.hot()) + " of " + updates
                                + " stayed beside their row; it helps unless they change indexed columns");
    }

    private Ratio percent(long part) {
        return new Ratio(Math.round(1000.0 * part / table.updates()) / 1000.0);
    }

    TableName name() {
        return table.name();
    }

    boolean isEmpty() {
        return values.isEmpty();
    }

    String sql() {
        return set(table.name(), values);
    }

    String why() {
        return String.join("; ", reasons);
    }

    static String set(TableName table, Map<String, String> values) {
        return "ALTER TABLE " + table.quoted() + " SET ("
                + values.entrySet().stream()
                        .map(one -> one.getKey() + " = " + one.getValue())
                        .collect(Collectors.joining(", "))
                + ")";
    }

    private static String plain(double value) {
        return BigDecimal.valueOf(value).stripTrailingZeros().toPlainString();
    }
}
