package io.watchkeeper.toolkit.index;

import io.watchkeeper.postgres.TableName;
import io.watchkeeper.review.ReviewFinding;
import io.watchkeeper.review.ReviewStatus;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/** Finds what a table's foreign keys, merges and the house's rules need and no index gives. */
final class MissingIndexes {

    private final List<IndexRule> rules;
    private final AdvicePlan plan;
    private final List<ReviewFinding> findings = new ArrayList<>();

    MissingIndexes(List<IndexRule> rules, AdvicePlan plan) {
        this.rules = rules;
        this.plan = plan;
    }

    List<ReviewFinding> findings() {
        return findings;
    }

    void look(IndexedTable table) {
        table.foreignKeys().forEach(key -> foreignKey(table, key));
        mergeKey(table);
        rules.stream().filter(rule -> rule.isAbout(table)).forEach(rule -> rule(table, rule));
    }

    private void foreignKey(IndexedTable table, IndexedTable.ForeignKey key) {
        boolean large = table.rows() < 0 || table.rows() >= plan.leastRows();
        boolean covered = whole(table).anyMatch(index -> index.leadsWith(key.columns()));
        if (large && !covered) {
            add(
                    "missingForeignKey",
                    table,
                    "foreign key " + key.name() + " of " + table.table() + " (" + String.join(", ", key.columns())
                            + ") to "
                            + key.to() + " has no index: each row deleted there reads all of "
                            + (table.rows() < 0 ? "this table" : Math.round(table.rows()) + " rows here"),
                    table.create(false, key.columns(), IndexedTable.list(key.columns())));
        }
    }

    /** Valid ones over all rows, which can be asked for equal values. */
    private static Stream<IndexFacts> whole(IndexedTable table) {
        return table.indexes().stream()
                .filter(index -> index.valid()
                        && !index.partial()
                        && (index.isBtree() || index.method().equals("hash")));
    }

    private void mergeKey(IndexedTable table) {
        List<String> named = plan.mergeKeys().get(table.table());
        if (named != null) {
            boolean there = whole(table)
                    .anyMatch(index -> index.unique() && Set.copyOf(named).equals(Set.copyOf(index.keys())));
            if (!there) {
                add(
                        "missingMergeKey",
                        table,
                        "rows are merged into " + table.table() + " by (" + String.join(", ", named)
                                + "), and no unique index finds them: each batch reads the whole table",
                        table.create(true, named, IndexedTable.list(named)));
            }
        } else if (table.merged() && whole(table).noneMatch(IndexFacts::unique)) {
            add(
                    "missingMergeKey",
                    table,
                    "the agent merges rows into " + table.table() + ", which has no unique index to find them by",
                    "say by which columns: mergeKeys '" + table.table() + "', 'id'");
        }
    }

    private void rule(IndexedTable table, IndexRule rule) {
        String why = " (rule " + rule.name() + (rule.why().isEmpty() ? "" : ": " + rule.why()) + ")";
        for (IndexFacts index : table.indexes()) {
            if (rule.never().contains(index.method())) {
                add(
                        "rule",
                        table,
                        index.words() + " is a " + index.method() + " index" + why,
                        table.create(index.unique(), index.keys(), "USING btree " + IndexedTable.list(index.keys()))
                                + "\n"
                                + index.drop());
            }
        }
        if (rule.index().isEmpty()) {
            return;
        }
        List<IndexFacts> leading = table.indexes().stream()
                .filter(index -> index.valid() && !index.partial() && index.isBtree() && begins(index, rule.columns()))
                .toList();
        List<String> wanted = rule.includedOf(table);
        boolean fits = leading.stream().anyMatch(index -> holds(index, wanted));
        if (leading.isEmpty()) {
            add(
                    "rule",
                    table,
                    "no index of " + table.table() + " begins with (" + text(rule) + ")" + why,
                    table.create(false, rule.columns(), rule.sql(table)));
        } else if (!fits) {
            IndexFacts nearest = leading.get(0);
            add(
                    "rule",
                    table,
                    nearest.index() + " does not hold " + String.join(", ", wanted)
                            + ", for which queries have to read the table" + why,
                    table.create(false, rule.columns(), rule.sql(table))
                            + (nearest.isRule()
                                            || nearest.keys().size()
                                                    > rule.index().size()
                                    ? ""
                                    : "\n" + nearest.drop()));
        }
    }

    /** In either direction: PostgreSQL reads an index backwards as well, and the columns before the last are asked for by value. */
    private static boolean begins(IndexFacts index, List<String> columns) {
        return index.keys().size() >= columns.size()
                && index.keys().subList(0, columns.size()).equals(columns);
    }

    private static boolean holds(IndexFacts index, List<String> columns) {
        Set<String> all = new HashSet<>(index.keys());
        all.addAll(index.included());
        return all.containsAll(columns);
    }

    private static String text(IndexRule rule) {
        return String.join(
                ", ",
                rule.index().stream()
                        .map(key -> key.column() + (key.descending() ? " desc" : ""))
                        .toList());
    }

    private void add(String code, IndexedTable table, String message, String remedy) {
        TableName name = table.table();
        findings.add(new ReviewFinding(code, ReviewStatus.WARN, message, Map.of("table", name.toString()), remedy));
    }
}
