package io.watchkeeper.toolkit.copy;

import io.watchkeeper.postgres.Progress;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.TableName;
import io.watchkeeper.postgres.TableShape;
import io.watchkeeper.problem.OperatorException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * One transaction of the target: empties tables, loads, verifies, checks foreign keys, moves sequences, commits. Until the
 * commit the target's readers see the old rows or wait, and whatever fails or dies leaves the old rows behind.
 *
 * <p>The next engine splits a table into chunks here: one transaction per chunk, with its own snapshot.
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
        try {
            target.begin();
            prepareTarget(copies);
            List<CopyResult> results = new ArrayList<>();
            for (PreparedCopy copy : copies) {
                results.add(copyOne(copy));
            }
            for (PreparedCopy copy : copies) {
                finish(copy, later);
            }
            target.commit();
            return results;
        } catch (SQLException e) {
            target.rollback();
            throw CopyFailure.explain(snapshot.session(), target, copies, e);
        } catch (RuntimeException e) {
            target.rollback();
            throw e;
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
    }

    static boolean namesObjects(List<PreparedCopy> copies) {
        return copies.stream().anyMatch(PreparedCopy::holdsObjectNames);
    }

    private CopyResult copyOne(PreparedCopy copy) throws SQLException {
        long start = System.nanoTime();
        RowStream stream = new RowStream(
                snapshot.session(),
                target,
                limit,
                copy.source().name(),
                copy.source().estimatedRows());
        IndexRebuild indexes = null;
        if (copy.rebuildsIndexes()) {
            indexes = IndexRebuild.of(target, copy);
            if (!indexes.drop().isEmpty()) {
                target.update(String.join("; ", indexes.drop()));
            }
        }
        for (TableName relation : copy.sourceRelations()) {
            stream.pump(CopySql.copyOut(copy, relation), CopySql.copyIn(copy));
        }
        Map<CopyResult.Stage, Duration> stages = new EnumMap<>(CopyResult.Stage.class);
        stages.put(CopyResult.Stage.EXTRACT, stream.extractTime());
        stages.put(CopyResult.Stage.LOAD, stream.loadTime());
        if (indexes != null) {
            stages.put(CopyResult.Stage.INDEX, buildIndexes(copy, stream, indexes));
        }
        if (copy.plan().options().verify()) {
            stages.put(CopyResult.Stage.VERIFY, verify(copy, stream));
        }
        return new CopyResult(
                copy.source().name(),
                copy.target().name(),
                snapshot.session().database().name(),
                target.database().name(),
                copy.plan().options().strategy(),
                copy.format(),
                stream.rowsRead(),
                stream.rowsWritten(),
                stream.bytes(),
                Duration.ofNanos(System.nanoTime() - start),
                stages,
                copy.plan().options().verify(),
                copy.notes());
    }

    private Duration buildIndexes(PreparedCopy copy, RowStream stream, IndexRebuild indexes) throws SQLException {
        long start = System.nanoTime();
        target.work()
                .progress(new Progress(
                        copy.source().name().toString(),
                        "index",
                        stream.rowsWritten(),
                        stream.rowsRead(),
                        stream.bytes()));
        for (String statement : indexes.build()) {
            target.runVerbatim(statement);
        }
        return Duration.ofNanos(System.nanoTime() - start);
    }

    /** Both servers count and hash at once. */
    private Duration verify(PreparedCopy copy, RowStream stream) throws SQLException {
        long start = System.nanoTime();
        target.work()
                .progress(new Progress(
                        copy.source().name().toString(),
                        "verify",
                        stream.rowsWritten(),
                        stream.rowsRead(),
                        stream.bytes()));
        SourceDigest reading = SourceDigest.start(snapshot.session(), CopySql.sourceDigest(copy));
        Digest there;
        try {
            there = Digest.read(target, CopySql.targetDigest(copy));
        } catch (SQLException | RuntimeException e) {
            reading.abandon();
            throw e;
        }
        Digest here = reading.await();
        if (!here.equals(there) || here.rows() != stream.rowsRead()) {
            throw mismatch(copy, here, there);
        }
        return Duration.ofNanos(System.nanoTime() - start);
    }

    private OperatorException mismatch(PreparedCopy copy, Digest here, Digest there) {
        String from = snapshot.session().database().name();
        String to = target.database().name();
        String difference = here.rows() == there.rows()
                ? "both have " + here.rows() + " rows, and their contents differ"
                : "'" + from + "' has " + here.rows() + " rows and '" + to + "' got " + there.rows();
        List<String> suspects = new ArrayList<>();
        copy.columns().stream()
                .filter(column -> column.fit().way() == TypeFit.Way.VERIFIED_TEXT)
                .forEach(column -> suspects.add(
                        "column " + column.name() + " is " + column.fit().reason()));
        if (!copy.target().triggers().isEmpty() && copy.triggersToDisable().isEmpty()) {
            suspects.add("triggers of the target change or drop rows");
        }
        suspects.add("someone else wrote to the target meanwhile");
        return new OperatorException(
                copy.target().name() + " does not match after copying: " + difference
                        + "; the target was left as it was",
                "possible reasons: " + String.join("; ", suspects) + ".");
    }

    private void finish(PreparedCopy copy, Set<TableName> later) throws SQLException {
        if (!copy.triggersToDisable().isEmpty()) {
            // A table with checks still to come cannot be altered.
            List<String> statements = new ArrayList<>(List.of("SET CONSTRAINTS ALL IMMEDIATE"));
            copy.triggersToDisable().forEach(trigger -> statements.add(CopySql.enable(copy.target(), trigger)));
            target.update(String.join("; ", statements));
        }
        if (copy.silent()) {
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
