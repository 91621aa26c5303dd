package io.watchkeeper.toolkit.settings;

import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.review.Review;
import io.watchkeeper.review.ReviewFinding;
import io.watchkeeper.review.ReviewStatus;
import io.watchkeeper.toolkit.settings.LogPositions.Reading;
import io.watchkeeper.units.Bytes;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Reads what is new in a server's own log and counts what somebody may have to look at, by class. The log is read as csvlog, jsonlog or plain
 * text: as a file of this host where it may be read here, else through the server.
 */
public final class LogErrors {

    private static final String SUBJECT = "log";

    private final Database database;
    private final Work work;
    private final Path state;
    private final Clock clock;

    /** @param state the agent's folder, which keeps how far the log was read */
    public LogErrors(Database database, Work work, Path state, Clock clock) {
        this.database = database;
        this.work = work;
        this.state = state;
        this.clock = clock;
    }

    /** @throws OperatorException when the log cannot be read to its end, or how far it was read cannot be kept */
    public Review read(LogPlan plan) throws SQLException {
        try (Session session = database.open(work)) {
            LogSource.Located located = LogSource.find(session, database, plan.file());
            LogSource source = located.source();
            if (source == null) {
                List<ReviewFinding> missing = located.missing() == null ? List.of() : List.of(located.missing());
                return new Review(SUBJECT, database.name(), "not read", missing, List.of());
            }
            return read(plan, source);
        }
    }

    private Review read(LogPlan plan, LogSource source) throws SQLException {
        LogPositions positions = new LogPositions(state, database.name(), plan.reader());
        Optional<Reading> before = positions.begin(plan.run());
        Instant now = clock.instant();
        Instant since = before.map(Reading::at).orElse(now.minus(plan.firstLook()));
        LogTally tally = new LogTally(database.name(), plan, before.isPresent() ? null : since);
        UnzippedLogFolder folder = new UnzippedLogFolder(source.folder(), since);
        LogReader reader = new LogReader(folder, work);
        try {
            reader.read(
                    before,
                    since,
                    plan.atMost().count(),
                    source.format().parser(source.prefix(), source.zone(), tally::add));
        } catch (IOException e) {
            throw new OperatorException(
                    "the log in " + source.folder().words() + " cannot be read: " + e.getMessage(),
                    "see that the agent's user may read it, and that its disk is well.",
                    e);
        }
        List<ReviewFinding> findings = new ArrayList<>(tally.findings());
        if (reader.skipped() > 0) {
            findings.add(
                    new ReviewFinding(
                            "skipped",
                            ReviewStatus.WARN,
                            Bytes.of(reader.skipped()) + " of log were passed over: only the newest " + plan.atMost()
                                    + " were read",
                            "see what writes so much: log_min_duration_statement and log_statement; or read more often, or atMost more"));
        }
        if (!folder.passedOver().isEmpty()) {
            findings.add(
                    new ReviewFinding(
                            "skipped",
                            ReviewStatus.WARN,
                            "of the compressed log these were passed over: " + String.join(", ", folder.passedOver()),
                            "look into them by hand: zcat … | grep -E 'ERROR|FATAL|PANIC'; smaller files are read: rotate them by size as well"));
        }
        String summary = tally.words() + ", in " + Bytes.of(reader.bytes()) + " since " + since;
        Review review = new Review(SUBJECT, database.name(), summary, findings, tally.rows());
        // Last: what was read counts as read only when there is something to tell of it.
        if (plan.keeps()) {
            positions.keep(plan.run(), before, new Reading(now, reader.reached()));
        }
        return review;
    }
}
