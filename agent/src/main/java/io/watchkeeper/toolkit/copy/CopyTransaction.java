package io.watchkeeper.toolkit.copy;

import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.TableName;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;

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
     * @param turn when the transaction may end
     */
    List<CopyResult> run(List<PreparedCopy> copies, TargetTurn turn) {
        List<CopyProgress> progress = copies.stream()
                .map(copy -> new CopyProgress(target.work(), copy))
                .toList();
        List<TableName> suspended = copies.stream()
                .filter(PreparedCopy::suspendsAutovacuum)
                .flatMap(copy -> SuspendedAutovacuum.filledBy(copy).stream())
                .toList();
        try {
            SuspendedAutovacuum.suspend(target, suspended);
            target.begin();
            ForeignServer foreign = ForeignServer.open(snapshot.session(), target, copies);
            prepareTarget(copies);
            List<StandIn> standIns = makeStandIns(copies);
            List<CopyResult> results = new ArrayList<>();
            // What ends a single table's transaction is asked together with its digest, for each question is a round
            // trip.
            Supplier<TargetQuestions> atOnce =
                    () -> copies.size() == 1 && !copies.get(0).isSwap() && turn.hasCome()
                            ? TargetQuestions.ofEnd(copies, turn.later())
                            : TargetQuestions.NONE;
            boolean ended = false;
            for (int i = 0; i < copies.size(); i++) {
                TableLoad load = new TableLoad(
                        snapshot.session(),
                        target,
                        limit,
                        copies.get(i),
                        progress.get(i),
                        standIns.isEmpty() ? null : standIns.get(i),
                        foreign);
                results.add(load.run(atOnce));
                ended = load.hasAskedMore();
                progress.get(i).stage("commit");
            }
            if (foreign != null) {
                foreign.drop();
            }
            putIntoPlace(standIns);
            if (!ended) {
                turn.await();
                TargetQuestions.ofEnd(copies, turn.later()).ask(target);
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
            SuspendedAutovacuum.release(target, suspended);
            progress.forEach(CopyProgress::close);
        }
    }

    private void prepareTarget(List<PreparedCopy> copies) throws SQLException {
        List<String> statements = new ArrayList<>();
        // Before a new table takes its settings over from the old one. What an agent that died has left suspended is
        // not
        // to stay.
        List<TableName> tables = copies.stream()
                .filter(copy -> !copy.suspendsAutovacuum())
                .flatMap(copy -> SuspendedAutovacuum.filledBy(copy).stream())
                .toList();
        statements.add(SuspendedAutovacuum.restore(tables));
        statements.add(CopySql.pinnedSettings(namesObjects(copies)));
        statements.addAll(CopySql.silence(copies));
        statements.addAll(CopySql.empty(copies));
        // A copy in chunks that was never finished must not go on among other rows.
        copies.stream()
                .filter(PreparedCopy::replacesAll)
                .forEach(copy -> statements.add(CopyLedger.discard(copy.target().name())));
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
                if (copies.get(0).plan().options().strategy() == CopyStrategy.SWAP) {
                    StandIn.refuse(target, name);
                }
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
        TargetQuestions.ofEnd(List.of(copy), later).ask(target);
    }
}
