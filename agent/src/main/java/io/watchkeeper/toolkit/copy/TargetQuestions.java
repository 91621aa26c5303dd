package io.watchkeeper.toolkit.copy;

import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.TableName;
import io.watchkeeper.postgres.TableShape;
import java.math.BigDecimal;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * What is done and asked in the target before a table's transaction commits, sent together: triggers are enabled again, foreign
 * keys looked at, sequences moved on.
 */
public final class TargetQuestions {

    /** Nothing. */
    public static final TargetQuestions NONE = new TargetQuestions(List.of(), List.of(), List.of());

    private final List<String> before;
    private final List<TableShape.ForeignKey> keys;
    private final List<String> after;
    private final List<Runnable> verdicts = new ArrayList<>();

    private TargetQuestions(List<String> before, List<TableShape.ForeignKey> keys, List<String> after) {
        this.before = before;
        this.keys = keys;
        this.after = after;
    }

    /** What ends the transaction of these tables. */
    public static TargetQuestions ofEnd(List<PreparedCopy> copies, Set<TableName> later) {
        TargetQuestions all = new TargetQuestions(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
        copies.forEach(copy -> all.add(copy, later));
        return all;
    }

    private void add(PreparedCopy copy, Set<TableName> later) {
        if (!copy.triggersToDisable().isEmpty()) {
            // A table with checks still to come cannot be altered.
            before.add("SET CONSTRAINTS ALL IMMEDIATE");
            copy.triggersToDisable().forEach(trigger -> before.add(CopySql.enable(copy.target(), trigger)));
        }
        if (copy.silent() && !copy.isSwap()) {
            keys.addAll(ForeignKeyCheck.keys(copy, later));
        }
        for (TableShape.Sequence sequence : copy.target().sequences()) {
            if (copy.columnNames().contains(sequence.column())) {
                // Not undone by a rollback, and harmless then: last before the commit all the same.
                after.add(CopySql.advance(copy.target(), sequence));
            }
        }
    }

    /** @throws io.watchkeeper.problem.OperatorException when rows refer to rows that are not there */
    public void ask(Session target) throws SQLException {
        if (!statements().isEmpty()) {
            keep(target, target.lists(statements(), TargetQuestions::numbers));
            judge();
        }
    }

    /** Asks, and for the digest too. What else came out is told by {@link #judge}. */
    public Digest askWithDigest(Session target, String digest) throws SQLException {
        List<String> all = new ArrayList<>(List.of(digest));
        all.addAll(statements());
        List<List<List<BigDecimal>>> answers = target.lists(all, TargetQuestions::numbers);
        keep(target, answers.subList(1, answers.size()));
        List<BigDecimal> rowsAndSum = answers.get(0).get(0);
        return new Digest(rowsAndSum.get(0).longValueExact(), rowsAndSum.get(1));
    }

    /** @throws io.watchkeeper.problem.OperatorException when rows refer to rows that are not there */
    public void judge() {
        verdicts.forEach(Runnable::run);
    }

    private List<String> statements() {
        List<String> all = new ArrayList<>(before);
        keys.forEach(key -> all.add(CopySql.orphans(key)));
        all.addAll(after);
        return all;
    }

    private void keep(Session target, List<List<List<BigDecimal>>> answers) {
        for (int i = 0; i < keys.size(); i++) {
            TableShape.ForeignKey key = keys.get(i);
            long orphans = answers.get(i).get(0).get(0).longValueExact();
            verdicts.add(() -> ForeignKeyCheck.requireNone(target, key, orphans));
        }
    }

    private static List<BigDecimal> numbers(ResultSet row) throws SQLException {
        List<BigDecimal> numbers = new ArrayList<>();
        for (int i = 1; i <= row.getMetaData().getColumnCount(); i++) {
            numbers.add(row.getBigDecimal(i));
        }
        return numbers;
    }
}
