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
import java.util.Map;
import java.util.Optional;

/** Collects what pgaudit has written into a server's own log since the last time: who did what with which object, without values. */
public final class AuditLog {

    private static final String EXTENSION = "select exists (select from pg_extension where extname = 'pgaudit')";
    private static final String SUBJECT = "audit log";

    /** Beside what others remember of the same log; no runbook can have such a name. */
    private static final String READER = " (pgaudit)";

    private final Database database;
    private final Work work;
    private final Path state;
    private final Clock clock;

    /** @param state the agent's folder, which keeps how far the log was read */
    public AuditLog(Database database, Work work, Path state, Clock clock) {
        this.database = database;
        this.work = work;
        this.state = state;
        this.clock = clock;
    }

    /** @throws OperatorException when the log cannot be read to its end, or how far it was read cannot be kept */
    public Review read(AuditLogPlan plan) throws SQLException {
        try (Session session = database.open(work)) {
            List<ReviewFinding> findings = new ArrayList<>(loaded(session));
            LogSource.Located located = LogSource.find(session, database, plan.file());
            LogSource source = located.source();
            if (source == null) {
                if (located.missing() != null) {
                    findings.add(located.missing());
                }
                return new Review(SUBJECT, database.name(), "not read", findings, List.of());
            }
            return read(plan, source, findings);
        }
    }

    private static List<ReviewFinding> loaded(Session session) throws SQLException {
        Optional<String> classes =
                session
                        .list("select setting from pg_settings where name = 'pgaudit.log'", row -> row.getString(1))
                        .stream()
                        .findFirst();
        if (classes.isEmpty()) {
            return List.of(new ReviewFinding(
                    "pgAuditAbsent",
                    ReviewStatus.WARN,
                    "pgaudit is not loaded: who did what in this server is not recorded",
                    "install postgresql-NN-pgaudit; ALTER SYSTEM SET shared_preload_libraries = 'pgaudit'; with what is there"
                            + " already; restart; CREATE EXTENSION pgaudit; ALTER SYSTEM SET pgaudit.log = 'ddl, role';"
                            + " SELECT pg_reload_conf();"));
        }
        ServerSettings settings = ServerSettings.read(session);
        SettingFindings findings = new SettingFindings(settings);
        PgAuditRules.examine(settings, findings);
        if (!session.oneVerbatim(EXTENSION, row -> row.getBoolean(1))) {
            findings.say(
                    ReviewStatus.WARN,
                    "pgAuditExtension",
                    "the extension pgaudit is not created in this database: changes of definitions are audited without the"
                            + " names of what was changed",
                    Map.of("extension", "pgaudit"),
                    "CREATE EXTENSION pgaudit;");
        }
        return findings.all();
    }

    private Review read(AuditLogPlan plan, LogSource source, List<ReviewFinding> findings) throws SQLException {
        LogPositions positions = new LogPositions(state, database.name(), plan.reader() + READER);
        Optional<Reading> before = positions.begin(plan.run());
        Instant now = clock.instant();
        Instant since = before.map(Reading::at).orElse(now.minus(plan.firstLook()));
        PgAuditTally tally = new PgAuditTally(before.isPresent() ? null : since);
        LogReader reader = new LogReader(source.folder(), work);
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
        tally.leftOut()
                .forEach(words -> findings.add(new ReviewFinding(
                        "leftOut", ReviewStatus.OK, words, "read more often, or audit fewer classes: pgaudit.log")));
        if (reader.skipped() > 0) {
            findings.add(new ReviewFinding(
                    "skipped",
                    ReviewStatus.WARN,
                    Bytes.of(reader.skipped()) + " of log were passed over: only the newest " + plan.atMost()
                            + " were read",
                    "read more often, or atMost more"));
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
