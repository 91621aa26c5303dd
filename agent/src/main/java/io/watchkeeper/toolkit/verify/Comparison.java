package io.watchkeeper.toolkit.verify;

import io.watchkeeper.postgres.Lsn;
import io.watchkeeper.postgres.SessionPair;
import io.watchkeeper.toolkit.copy.RateLimit;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The first look at all rows: in one view where that is done soon, else in ranges of the key, each in a view of its own. After each
 * range it is recorded how far it is; who dies is gone on with there.
 */
final class Comparison {

    private final SessionPair pair;
    private final PreparedVerification plan;
    private final RateLimit limit;
    private final VerifyProgress progress;
    private final Path working;

    private @Nullable Checkpoints checkpoints;
    private @Nullable DifferenceFile differing;
    private @Nullable Lsn lsn;
    private long rowsHere;
    private long rowsThere;
    private int chunks;
    private boolean resumed;

    Comparison(SessionPair pair, PreparedVerification plan, RateLimit limit, VerifyProgress progress, Path working) {
        this.pair = pair;
        this.plan = plan;
        this.limit = limit;
        this.progress = progress;
        this.working = working;
    }

    static boolean inRanges(PreparedVerification plan) {
        return plan.inRanges()
                && plan.plan().options().by() != VerifyBy.COUNT
                && plan.estimatedRows()
                        > RangeWalk.firstSize(plan.plan().options().chunkTime());
    }

    void whole() throws SQLException {
        differing = DifferenceFile.begin(working);
        Views.look(pair, plan, views -> {
            lsn = views.source();
            return compare(new RangeWalk.Range(null, null));
        });
    }

    void inRanges(Checkpoints records, Optional<Checkpoint> unfinished) throws SQLException {
        checkpoints = records;
        Checkpoint from = unfinished.filter(this::takeOver).orElse(null);
        if (from == null) {
            differing = DifferenceFile.begin(working);
        } else if (from.compared()) {
            return;
        }
        RangeWalk walk = Views.look(pair, plan, views -> {
            if (lsn == null) {
                lsn = views.source();
            }
            return RangeWalk.of(pair.source(), plan, from);
        });
        for (RangeWalk.Range range = walk.next(); range != null; range = walk.next()) {
            long start = System.nanoTime();
            RangeWalk.Range one = range;
            Views.look(pair, plan, views -> compare(one));
            walk.took(Duration.ofNanos(System.nanoTime() - start));
            records.save(checkpoint(range.upTo(), walk.inRange()));
        }
    }

    private long compare(RangeWalk.Range range) throws SQLException {
        Views.Both<Long> rows = new Narrowing(pair, plan, limit, differing()::add)
                .compare(
                        plan.here().range(range.after(), range.upTo()),
                        plan.there().range(range.after(), range.upTo()));
        rowsHere += rows.here();
        rowsThere += rows.there();
        chunks++;
        progress.compared(rowsHere);
        return rows.here();
    }

    private Checkpoint checkpoint(@Nullable List<String> position, double inRange) {
        TableSide.Sample sample = plan.here().sample();
        // The file first: a record of rows that are not in it would lose them.
        long length = differing().sync();
        return new Checkpoint(
                position,
                position == null,
                rowsHere,
                rowsThere,
                differing().lines(),
                differing().path().toString(),
                length,
                inRange,
                chunks,
                progress.sinceBegin().toNanos() / 1e9,
                lsn == null ? 0 : lsn.position(),
                sample == null ? 0 : sample.seed());
    }

    /** @return false when the earlier one's file is not here any more */
    private boolean takeOver(Checkpoint from) {
        Path old = Path.of(from.file());
        if (from.fileLength() > 0) {
            boolean there = DifferenceFile.io(() -> Files.isRegularFile(old) && Files.size(old) >= from.fileLength());
            if (!there) {
                return false;
            }
            if (!old.equals(working)) {
                DifferenceFile.io(() -> {
                    Files.createDirectories(working.toAbsolutePath().getParent());
                    return Files.copy(old, working, StandardCopyOption.REPLACE_EXISTING);
                });
            }
        }
        differing = DifferenceFile.goOn(working, from.fileLength(), from.differences());
        lsn = new Lsn(from.lsn());
        rowsHere = from.rowsHere();
        rowsThere = from.rowsThere();
        chunks = from.chunks();
        resumed = true;
        return true;
    }

    /** Nobody has to go on with this any more. */
    void forget() throws SQLException {
        if (checkpoints != null) {
            checkpoints.forget();
        }
    }

    /** As it was compared: with the sample that was chosen. */
    PreparedVerification plan() {
        return plan;
    }

    DifferenceFile differing() {
        if (differing == null) {
            throw new IllegalStateException("nothing was compared");
        }
        return differing;
    }

    Lsn lsn() {
        return lsn == null ? new Lsn(0) : lsn;
    }

    long rowsHere() {
        return rowsHere;
    }

    long rowsThere() {
        return rowsThere;
    }

    int chunks() {
        return chunks;
    }

    boolean resumed() {
        return resumed;
    }
}
