package io.watchkeeper.toolkit.copy;

import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.TableName;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Brings one table's rows into the target and verifies them, inside a transaction that somebody else begins and commits. */
final class TableLoad {

    private final Session source;
    private final Session target;
    private final PreparedCopy copy;
    private final @Nullable StandIn standIn;
    private final CopyProgress progress;
    private final @Nullable ForeignServer foreign;
    private final RowStream stream;
    private final Map<CopyResult.Stage, Duration> stages = new EnumMap<>(CopyResult.Stage.class);

    private Supplier<TargetQuestions> more = () -> TargetQuestions.NONE;
    private boolean askedMore;

    /**
     * @param standIn a new table to fill instead of the target's; or null
     * @param foreign where the target's server reads the rows itself; null where they pass the agent
     */
    TableLoad(
            Session source,
            Session target,
            RateLimit limit,
            PreparedCopy copy,
            CopyProgress progress,
            @Nullable StandIn standIn,
            @Nullable ForeignServer foreign) {
        this.foreign = foreign;
        this.source = source;
        this.target = target;
        this.copy = copy;
        this.progress = progress;
        this.standIn = standIn;
        this.stream = new RowStream(source, target, limit, progress);
    }

    /** @param atOnce asked, once the rows are in, for what the target is to be asked together with its digest */
    CopyResult run(Supplier<TargetQuestions> atOnce) throws SQLException {
        more = atOnce;
        long start = System.nanoTime();
        long rowsWritten =
                standIn != null ? fill(standIn) : copy.mergeKey() != null ? merge(new MergeLoad(copy)) : load();
        return new CopyResult(
                copy.source().name(),
                copy.target().name(),
                source.database().name(),
                target.database().name(),
                copy.plan().options().strategy(),
                copy.format(),
                stream.rowsRead(),
                rowsWritten,
                stream.bytes(),
                1,
                Duration.ofNanos(System.nanoTime() - start),
                stages,
                copy.plan().options().verify(),
                notes());
    }

    private List<String> notes() {
        List<String> notes = new ArrayList<>(copy.notes());
        if (foreign != null) {
            notes.addAll(foreign.notes(copy));
        }
        return notes;
    }

    /** Whether there was something to ask together with the digest, and nothing wrong with the answers. */
    boolean hasAskedMore() {
        return askedMore;
    }

    private long load() throws SQLException {
        IndexRebuild indexes = null;
        if (copy.rebuildsIndexes()) {
            indexes = IndexRebuild.of(target, copy);
            if (!indexes.drop().isEmpty()) {
                target.update(String.join("; ", indexes.drop()));
            }
        }
        pump(CopySql.copyIn(copy));
        if (indexes != null) {
            buildIndexes(indexes.build());
        }
        verify(CopySql.targetDigest(copy));
        return stream.rowsWritten();
    }

    private long fill(StandIn table) throws SQLException {
        PreparedCopy into = copy.into(table.name());
        pump(CopySql.copyIn(into));
        buildIndexes(table.build());
        verify(CopySql.targetDigest(into));
        return stream.rowsWritten();
    }

    private long merge(MergeLoad merge) throws SQLException {
        target.runVerbatim(String.join("; ", merge.createStaging()));
        pump(merge.copyIn());
        long start = System.nanoTime();
        progress.stage("merge");
        long written = merge.apply(target);
        stages.put(CopyResult.Stage.MERGE, Duration.ofNanos(System.nanoTime() - start));
        verify(merge.digest());
        target.runVerbatim(merge.dropStaging());
        return written;
    }

    private void pump(String copyIn) throws SQLException {
        for (TableName relation : copy.sourceRelations()) {
            if (foreign == null) {
                stream.pump(CopySql.copyOut(copy, relation), copyIn);
            } else {
                stream.fetch(foreign, copy, relation);
            }
        }
        stages.put(CopyResult.Stage.EXTRACT, stream.extractTime());
        stages.put(CopyResult.Stage.LOAD, stream.loadTime());
    }

    private void buildIndexes(List<String> statements) throws SQLException {
        long start = System.nanoTime();
        progress.stage("index");
        for (String statement : statements) {
            target.runVerbatim(statement);
        }
        stages.put(CopyResult.Stage.INDEX, Duration.ofNanos(System.nanoTime() - start));
    }

    private void verify(String targetDigest) throws SQLException {
        if (!copy.plan().options().verify()) {
            return;
        }
        long start = System.nanoTime();
        progress.stage("verify");
        DigestCheck check = new DigestCheck(source, target, copy);
        TargetQuestions questions = more.get();
        DigestCheck.Outcome outcome = check.compare(targetDigest, questions);
        if (foreign != null && !outcome.isMatch()) {
            // The target's server has a snapshot of its own, a moment younger than this one: equal rows prove that
            // nothing changed in between, others must be looked for in that one.
            outcome = new DigestCheck.Outcome(foreign.digest(copy), outcome.there());
        }
        if (!outcome.isMatch() || outcome.here().rows() != stream.rowsRead()) {
            throw check.mismatch(outcome, "the target was left as it was");
        }
        questions.judge();
        askedMore = questions != TargetQuestions.NONE;
        stages.put(CopyResult.Stage.VERIFY, Duration.ofNanos(System.nanoTime() - start));
    }
}
