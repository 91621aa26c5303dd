package io.watchkeeper.toolkit.slo;

import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.PlannedAction;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.review.Review;
import io.watchkeeper.review.ReviewFinding;
import io.watchkeeper.review.ReviewStatus;
import io.watchkeeper.units.DurationText;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Measures once whether a database keeps what was promised of it, adds that to what is known, and judges it. */
public final class SloLook {

    /** A look that has to wait longer for the agent's own connections than this says nothing about the server. */
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final Database database;
    private final Work work;
    private final SloLedger ledger;
    private final Clock clock;

    /** @param state the agent's folder, which keeps what was counted */
    public SloLook(Database database, Work work, Path state, Clock clock) {
        this.database = database;
        this.work = work;
        this.ledger = new SloLedger(state, database.name());
        this.clock = clock;
    }

    /** What {@link #look} would do to the server. Asks nobody. */
    public List<PlannedAction> describe(SloObjectives objectives) {
        return objectives.probe() ? SloProbe.describe(database.name(), objectives) : List.of();
    }

    /** What is known from before. Asks nobody. */
    public Review known(SloObjectives objectives) {
        return new SloVerdict(database.name(), objectives, ledger.read(), clock.instant()).review(List.of());
    }

    /**
     * A server that does not answer is a failed probe and a finding.
     *
     * @throws OperatorException when it could not be measured, for a reason that is not the server's; nothing was counted then
     */
    public Review look(SloObjectives objectives) throws SQLException {
        Seen seen = ask(objectives);
        Instant now = clock.instant();
        SloLedger.Contents known = ledger.add(now, objectives, seen.slice(), seen.counts());
        return new SloVerdict(database.name(), objectives, known, now).review(seen.findings());
    }

    private record Seen(SloSlice slice, @Nullable ServerCounts counts, List<ReviewFinding> findings) {}

    private Seen ask(SloObjectives objectives) throws SQLException {
        Optional<Seen> seen;
        try {
            seen = askInTurn(objectives);
        } catch (SQLException | OperatorException e) {
            work.throwIfCancelled();
            boolean reachable = isReachable();
            if (e instanceof OperatorException && reachable) {
                throw e;
            }
            // Whoever had asked meanwhile would have failed as well.
            SloSlice slice = new SloSlice();
            slice.addFailed(2L * objectives.probes());
            return new Seen(
                    slice,
                    null,
                    List.of(new ReviewFinding(
                            reachable ? "probeFailed" : "unreachable",
                            ReviewStatus.FAIL,
                            "database '" + database.name() + (reachable ? "' refused: " : "' did not answer: ")
                                    + e.getMessage(),
                            "")));
        }
        return seen.orElseThrow(this::noTurn);
    }

    private Optional<Seen> askInTurn(SloObjectives objectives) throws SQLException {
        Optional<Session> opened = database.tryOpen(work, PATIENCE);
        if (opened.isEmpty()) {
            return Optional.empty();
        }
        try (Session session = opened.get()) {
            return Optional.of(objectives.probe() ? probe(session, objectives) : estimate(session, objectives));
        }
    }

    private boolean isReachable() {
        Optional<Session> opened;
        try {
            opened = database.tryOpen(work, PATIENCE);
            if (opened.isPresent()) {
                try (Session session = opened.get()) {
                    return session.isUsable();
                }
            }
        } catch (SQLException | OperatorException e) {
            return false;
        }
        throw noTurn();
    }

    /** The agent's own limit was met, which is no failure of the server. */
    private OperatorException noTurn() {
        return new OperatorException(
                "all " + database.settings().maxConnections() + " connections that Watchkeeper may have to database '"
                        + database.name() + "' were in use for " + DurationText.say(PATIENCE),
                "raise databases." + database.name() + ".maxConnections, or let fewer runbooks run at once.");
    }

    private static Seen probe(Session session, SloObjectives objectives) throws SQLException {
        SloProbe probe = new SloProbe(session, objectives);
        SloSlice slice = probe.run();
        String failure = probe.failure();
        List<ReviewFinding> findings = failure == null
                ? List.of()
                : List.of(new ReviewFinding(
                        "probeFailed",
                        ReviewStatus.WARN,
                        slice.failed() + " of " + 2 * objectives.probes() + " probes failed, the last one: " + failure,
                        ""));
        return new Seen(slice, session.isUsable() ? ServerCounts.read(session) : null, findings);
    }

    private static Seen estimate(Session session, SloObjectives objectives) throws SQLException {
        ServerCounts counts = ServerCounts.read(session);
        Optional<List<StatementEstimate>> estimates = StatementEstimate.read(session);
        if (estimates.isEmpty()) {
            return new Seen(
                    new SloSlice(),
                    counts,
                    List.of(
                            new ReviewFinding(
                                    "noStatements",
                                    ReviewStatus.WARN,
                                    "how long statements take is not known: pg_stat_statements is not installed, and probe is false",
                                    "CREATE EXTENSION pg_stat_statements; -- it must be in shared_preload_libraries; or: probe true")));
        }
        return new Seen(
                new SloSlice(),
                counts,
                estimates.get().stream().map(one -> finding(one, objectives)).toList());
    }

    private static ReviewFinding finding(StatementEstimate one, SloObjectives objectives) {
        double promised = (one.kind().equals("read") ? objectives.readP95() : objectives.writeP95()).toNanos() / 1e9;
        return new ReviewFinding(
                one.kind() + "Estimate",
                one.p95Seconds() > promised ? ReviewStatus.WARN : ReviewStatus.OK,
                "95 of 100 " + one.kind() + "s are estimated to take up to " + SloVerdict.time(one.p95Seconds())
                        + " in the server (" + SloVerdict.time(promised) + " promised), from mean and deviation of "
                        + one.calls() + " calls in pg_stat_statements; a measurement needs probe true",
                "");
    }
}
