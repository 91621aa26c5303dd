package io.watchkeeper.toolkit.verify;

import io.watchkeeper.postgres.Lsn;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.SessionPair;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.toolkit.copy.CopyFailure;
import io.watchkeeper.toolkit.copy.Fingerprint;
import io.watchkeeper.toolkit.copy.PreparedCopy;
import io.watchkeeper.toolkit.copy.RateLimit;
import io.watchkeeper.units.Ratio;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/** The verification of one table, from its preparation to its result. */
final class TableVerification {

    private final SessionPair pair;
    private final VerifyPlan plan;
    private final @Nullable Path reports;
    private final InFlight knowledge;
    private final RateLimit limit;
    private final VerifyProgress progress;
    private final List<String> notes = new ArrayList<>();

    TableVerification(
            SessionPair pair, VerifyPlan plan, @Nullable Path reports, InFlight knowledge, VerifyProgress progress) {
        this.pair = pair;
        this.plan = plan;
        this.reports = reports;
        this.knowledge = knowledge;
        this.progress = progress;
        this.limit =
                new RateLimit(plan.options().pace().rateLimit(), pair.source().work());
    }

    VerifyResult run() throws SQLException {
        PreparedVerification prepared = VerifyPreparation.prepare(plan, pair);
        notes.addAll(prepared.notes());
        progress.expect(prepared.estimatedRows());
        if (plan.options().by() == VerifyBy.COUNT) {
            return count(sampled(prepared, newSeed()));
        }
        PreparedCopy repair =
                plan.options().repair() == Repair.APPLY ? RepairPreparation.prepare(prepared, pair) : null;
        if (plan.options().repair() == Repair.PLAN) {
            RepairPreparation.requireScript(prepared, pair.target().database());
        }
        String fingerprint = fingerprint(prepared);
        VerifyFiles files =
                VerifyFiles.of(reports, prepared, pair.target().database().name(), fingerprint);
        Path working = files.working();
        boolean done = false;
        try {
            Comparison comparison = compare(prepared, files, working, fingerprint);
            VerifyResult result = settle(comparison, files, working, repair);
            done = true;
            return result;
        } finally {
            // Who is interrupted in ranges is gone on with, and that needs the file.
            files.tidy(working, !done && Comparison.inRanges(prepared));
        }
    }

    private VerifyResult count(PreparedVerification prepared) throws SQLException {
        progress.stage(VerifyResult.Stage.VERIFY, 0);
        CountCheck.Outcome outcome = new CountCheck(pair, prepared).count();
        progress.end();
        long differences = outcome.differences();
        return result(
                outcome.lsn(),
                outcome.here(),
                outcome.there(),
                new Listing(differences, 0, List.of()),
                differences,
                null,
                outcome.inFlight(),
                1,
                false,
                RepairOutcome.NONE);
    }

    private Comparison compare(PreparedVerification prepared, VerifyFiles files, Path working, String fingerprint)
            throws SQLException {
        progress.stage(VerifyResult.Stage.VERIFY, 0);
        Comparison comparison;
        if (Comparison.inRanges(prepared)) {
            Checkpoints records = Checkpoints.of(pair.target(), fingerprint, files.unfinished());
            Optional<Checkpoint> unfinished = records.load();
            long seed = unfinished.map(Checkpoint::sampleSeed).orElseGet(TableVerification::newSeed);
            comparison = new Comparison(pair, sampled(prepared, seed), limit, progress, working);
            comparison.inRanges(records, unfinished);
        } else {
            comparison = new Comparison(pair, sampled(prepared, newSeed()), limit, progress, working);
            comparison.whole();
        }
        return comparison;
    }

    private VerifyResult settle(Comparison comparison, VerifyFiles files, Path working, @Nullable PreparedCopy repair)
            throws SQLException {
        PreparedVerification prepared = comparison.plan();
        DifferenceFile left = comparison.differing();
        long inFlight = 0;
        if (left.lines() > 0 && plan.options().rechecks() > 0) {
            progress.stage(VerifyResult.Stage.RECHECK, left.lines());
            Recheck recheck = new Recheck(pair, prepared, knowledge);
            left = recheck.run(left, working);
            inFlight = recheck.inFlight();
        }
        // Whatever becomes of a repair, the next verification is to look at all rows again.
        comparison.forget();
        Listing listing = list(prepared, left);
        long found = listing.differences;
        RepairOutcome outcome = RepairOutcome.NONE;
        if (found > 0 && plan.options().repair() != Repair.NONE) {
            progress.stage(VerifyResult.Stage.REPAIR, found);
            outcome = repair(comparison, files, left, listing, repair);
            if (outcome.left != null) {
                if (left != comparison.differing()) {
                    left.close();
                }
                left = outcome.left;
                listing = list(prepared, left);
            }
        }
        progress.end();
        notes.addAll(SequenceCheck.notes(pair.target(), prepared.there().shape()));
        Path keys = files.keys();
        if (keys != null && left.lines() > 0) {
            left.export(keys, prepared.keyNames(), prepared.here().hasKey());
        }
        long rows = left.lines();
        if (left != comparison.differing()) {
            left.close();
        }
        return result(
                comparison.lsn(),
                comparison.rowsHere(),
                comparison.rowsThere(),
                listing,
                found,
                rows > 0 ? keys : null,
                inFlight,
                comparison.chunks(),
                comparison.resumed(),
                outcome);
    }

    /** What a repair did, and what is left of the differences. */
    private record RepairOutcome(
            long repaired,
            List<String> sql,
            @Nullable Path file,
            @Nullable DifferenceFile left) {
        static final RepairOutcome NONE = new RepairOutcome(0, List.of(), null, null);
    }

    private RepairOutcome repair(
            Comparison comparison,
            VerifyFiles files,
            DifferenceFile differing,
            Listing listing,
            @Nullable PreparedCopy copy)
            throws SQLException {
        PreparedVerification prepared = comparison.plan();
        if (copy == null) {
            Path file = files.repair();
            List<String> sql = new RepairScript(pair, prepared).write(differing, file);
            return new RepairOutcome(0, sql, file, null);
        }
        RepairRun run = new RepairRun(pair, prepared, copy, limit, knowledge);
        run.requireBrake(listing.extra, comparison.rowsThere());
        notes.addAll(copy.notes());
        long repaired;
        try {
            repaired = run.apply(differing);
        } catch (SQLException e) {
            throw new OperatorException(
                    "repairing " + plan.to() + " in database '"
                            + pair.target().database().name() + "' failed: " + CopyFailure.words(e),
                    CopyFailure.hint(e, pair.target().database().name(), List.of(copy)),
                    e);
        }
        Recheck again = new Recheck(pair, prepared, knowledge);
        DifferenceFile left = again.run(differing, differing.path().resolveSibling(files.name() + ".repaired"));
        return new RepairOutcome(repaired, List.of(), null, left);
    }

    /** How many differ, how many of them only the target has, and the first ones. */
    private record Listing(long differences, long extra, List<DifferingKey> keys) {}

    private Listing list(PreparedVerification prepared, DifferenceFile file) throws SQLException {
        long[] counts = new long[2];
        List<DifferingKey> keys = new ArrayList<>();
        List<String> names = prepared.keyNames();
        file.read(1_000, batch -> {
            for (Difference difference : batch) {
                counts[0] += difference.count();
                counts[1] += difference.kind() == DifferenceKind.EXTRA ? difference.count() : 0;
                if (keys.size() < plan.options().listedKeys()) {
                    Map<String, String> key = new LinkedHashMap<>();
                    for (int i = 0; i < names.size(); i++) {
                        key.put(names.get(i), difference.key().get(i));
                    }
                    keys.add(new DifferingKey(difference.kind(), key));
                }
            }
        });
        return new Listing(counts[0], counts[1], keys);
    }

    private VerifyResult result(
            Lsn lsn,
            long rowsHere,
            long rowsThere,
            Listing listing,
            long found,
            @Nullable Path keys,
            long inFlight,
            int chunks,
            boolean resumed,
            RepairOutcome outcome) {
        Session from = pair.source();
        progress.end();
        return new VerifyResult(
                plan.from(),
                plan.to(),
                from.database().name(),
                pair.target().database().name(),
                plan.options().by(),
                rowsHere,
                rowsThere,
                listing.differences,
                found,
                listing.keys,
                keys,
                inFlight,
                lsn,
                plan.options().sample(),
                chunks,
                resumed,
                progress.sinceBegin(),
                progress.times(),
                plan.options().repair(),
                outcome.repaired,
                outcome.sql,
                outcome.file,
                notes);
    }

    private PreparedVerification sampled(PreparedVerification prepared, long seed) {
        Ratio sample = plan.options().sample();
        if (sample == null || sample.share() >= 1) {
            return prepared;
        }
        int parts = (int) Math.max(1, Math.round(sample.share() * TableSide.Sample.ALL));
        return prepared.with(new TableSide.Sample(parts, seed));
    }

    /** Never that of the buckets, whose rows would all fall into a few of them. */
    private static long newSeed() {
        return ThreadLocalRandom.current().nextLong(1, Integer.MAX_VALUE);
    }

    /** A text that tells this plan from every other: what goes on with an earlier one must be the same in all of it. */
    private String fingerprint(PreparedVerification prepared) {
        VerifyOptions options = plan.options();
        List<String> parts = new ArrayList<>();
        parts.add(prepared.source().systemIdentifier() + " " + prepared.source().databaseId());
        parts.add(prepared.target().systemIdentifier() + " " + prepared.target().databaseId());
        parts.add(plan.from() + " " + plan.to());
        prepared.here().columns().forEach(c -> parts.add(c.name() + " " + c.type()));
        prepared.there().columns().forEach(c -> parts.add(c.name() + " " + c.type()));
        parts.addAll(prepared.keyNames());
        parts.add(String.valueOf(options.where()));
        parts.add(options.by() + " " + options.sample());
        return Fingerprint.of(parts);
    }
}
