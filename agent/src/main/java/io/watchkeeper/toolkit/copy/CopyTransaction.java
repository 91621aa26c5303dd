package io.watchkeeper.toolkit.copy;

import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.TableName;
import io.watchkeeper.postgres.TableShape;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

/**
 * One transaction of the target: empties tables, loads, verifies, checks foreign keys, moves sequences, commits. Until the
 * commit the target's readers see the old rows or wait, and whatever fails or dies leaves the old rows behind.
 */
final class CopyTransaction {

    private final SourceSnapshot snapshot;
    private final Session target;
    private final RateLimit limit;

    CopyTransaction(SourceSnapshot snapshot, Session target, RateLimit limit) {
        this.snapshot = snapshot;
        this.target = target;
        this.limit = limit;
    }

    /**
     * Copies the tables and commits.
     *
     * @param copies referenced tables first
     * @param later tables another transaction is going to replace after this one; foreign keys to and from them are checked then
     */
    List<CopyResult> run(List<PreparedCopy> copies, Set<TableName> later) {
        List<CopyProgress> progress = copies.stream()
                .map(copy -> new CopyProgress(target.work(), copy))
                .toList();
        try {
            target.begin();
            ForeignServer foreign = ForeignServer.open(snapshot.session(), target, copies);
            prepareTarget(copies);
            List<StandIn> standIns = makeStandIns(copies);
            List<CopyResult> results = new ArrayList<>();
            for (int i = 0; i < copies.size(); i++) {
                TableLoad load = new TableLoad(
                        snapshot.session(),
                        target,
                        limit,
                        copies.get(i),
                        progress.get(i),
                        standIns.isEmpty() ? null : standIns.get(i),
                        foreign);
                results.add(load.run());
                progress.get(i).stage("commit");
            }
            if (foreign != null) {
                foreign.drop();
            }
            putIntoPlace(standIns);
            for (PreparedCopy copy : copies) {
                complete(target, copy, later);
            }
            target.commit();
            return results;
        } catch (SQLException e) {
            target.rollback();
            throw CopyFailure.explain(snapshot.session(), target, copies, e);
        } catch (RuntimeException e) {
            target.rollback();
            throw e;
        } finally {
            progress.forEach(CopyProgress::close);
        }
    }

    private void prepareTarget(List<PreparedCopy> copies) throws SQLException {
        boolean silent = copies.get(0).silent();
        List<String> statements = new ArrayList<>();
        statements.add(CopySql.pinnedSettings(namesObjects(copies)));
        statements.add(
                silent
                        ? "select set_config('session_replication_role', 'replica', true)"
                        : "SET CONSTRAINTS ALL DEFERRED");
        for (PreparedCopy copy : copies) {
            copy.triggersToDisable().forEach(trigger -> statements.add(CopySql.disable(copy.target(), trigger)));
        }
        statements.addAll(CopySql.empty(copies));
        target.update(String.join("; ", statements));
        ShapeCheck.require(target, copies.stream().map(PreparedCopy::target).toList());
    }

    /** One for each table, or none. All tables of a transaction are copied the same way. */
    private List<StandIn> makeStandIns(List<PreparedCopy> copies) throws SQLException {
        List<StandIn> standIns = new ArrayList<>();
        if (copies.get(0).isSwap()) {
            List<TableName> names =
                    copies.stream().map(copy -> copy.target().name()).toList();
            for (TableName name : names) {
                target.runVerbatim(StandIn.hold(name));
            }
            for (TableName name : names) {
                // Once more, because what was looked at before was not held.
                StandIn.refuse(target, name);
                standIns.add(StandIn.read(target, name, names));
            }
            runAll(standIns, StandIn::create);
        }
        return standIns;
    }

    private void putIntoPlace(List<StandIn> standIns) throws SQLException {
        runAll(standIns, StandIn::link);
        runAll(standIns, StandIn::release);
        runAll(standIns, StandIn::replace);
    }

    private void runAll(List<StandIn> standIns, Function<StandIn, List<String>> step) throws SQLException {
        for (StandIn standIn : standIns) {
            for (String statement : step.apply(standIn)) {
                target.runVerbatim(statement);
            }
        }
    }

    static boolean namesObjects(List<PreparedCopy> copies) {
        return copies.stream().anyMatch(PreparedCopy::holdsObjectNames);
    }

    /** What is left to do once the rows are in, before the commit. */
    static void complete(Session target, PreparedCopy copy, Set<TableName> later) throws SQLException {
        if (!copy.triggersToDisable().isEmpty()) {
            // A table with checks still to come cannot be altered.
            List<String> statements = new ArrayList<>(List.of("SET CONSTRAINTS ALL IMMEDIATE"));
            copy.triggersToDisable().forEach(trigger -> statements.add(CopySql.enable(copy.target(), trigger)));
            target.update(String.join("; ", statements));
        }
        if (copy.silent() && !copy.isSwap()) {
            ForeignKeyCheck.require(target, copy, later);
        }
        for (TableShape.Sequence sequence : copy.target().sequences()) {
            if (copy.columnNames().contains(sequence.column())) {
                // Not undone by a rollback, and harmless then: last before the commit all the same.
                target.query(CopySql.advance(copy.target(), sequence));
            }
        }
    }
}
