package io.watchkeeper;

import io.watchkeeper.doctor.Finding;
import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.review.Review;
import io.watchkeeper.review.ReviewFinding;
import io.watchkeeper.review.ReviewStatus;
import io.watchkeeper.toolkit.failover.AuthenticationReview;
import io.watchkeeper.toolkit.failover.FailoverCluster;
import io.watchkeeper.toolkit.failover.FailoverProbe;
import io.watchkeeper.toolkit.failover.Switchover;
import io.watchkeeper.toolkit.failover.SynchronousStandbys;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

/** What the doctor says of who leads, of what commits wait for, and of who may log in; what is well is not mentioned. */
final class FailoverFindings {

    /** What most hosts have, and what a role with few rights always meets. */
    private static final Set<String> USUAL = Set.of("localTrust", "unreadable");

    private final Path state;
    private final Function<String, Database> databases;
    private final Work work = Work.unattended("watchkeeper doctor");

    /**
     * @param state the agent's folder
     * @param databases the configured ones, by name
     */
    FailoverFindings(Path state, Function<String, Database> databases) {
        this.state = state;
        this.databases = databases;
    }

    /** Nothing of a server that cannot be reached: that is said already. */
    List<Finding> of(Database database) throws SQLException {
        List<Finding> findings = new ArrayList<>();
        Switchover.unfinished(state, database.name())
                .ifPresent(step -> findings.add(new Finding(
                        Finding.Level.RED,
                        database.name(),
                        "a switchover from here is not over: " + step,
                        "the agent's start ends it, or the same command: watchkeeper switchover.")));
        FailoverProbe probe = new FailoverProbe(databases, work);
        try {
            probe.look(database).map(cluster -> manager(database, cluster)).ifPresent(findings::add);
            add(findings, new AuthenticationReview(database, work).review().accepting(USUAL));
        } catch (OperatorException e) {
            return findings;
        }
        try {
            add(findings, new SynchronousStandbys(database, probe, work, state).advise());
        } catch (OperatorException e) {
            // A standby has no commits that wait.
        }
        return findings;
    }

    private static Finding manager(Database database, FailoverCluster cluster) {
        boolean asked = cluster.problem() == null;
        return new Finding(
                asked ? Finding.Level.GREEN : Finding.Level.AMBER,
                database.name(),
                "looked after by " + cluster.words(),
                asked ? null : "see docs/failover.md: what it owns stays refused meanwhile.");
    }

    private static void add(List<Finding> findings, Review review) {
        List<ReviewFinding> bad = review.findings().stream()
                .filter(one -> one.status() != ReviewStatus.OK)
                .toList();
        if (!bad.isEmpty()) {
            ReviewFinding worst = bad.get(0);
            findings.add(new Finding(
                    worst.status() == ReviewStatus.FAIL ? Finding.Level.RED : Finding.Level.AMBER,
                    review.database(),
                    review.subject() + ": " + worst.message()
                            + (bad.size() == 1 ? "" : "; and " + (bad.size() - 1) + " more findings"),
                    worst.remedy().isEmpty() ? null : worst.remedy()));
        }
    }
}
