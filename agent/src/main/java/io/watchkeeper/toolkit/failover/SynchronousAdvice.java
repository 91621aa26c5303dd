package io.watchkeeper.toolkit.failover;

import io.watchkeeper.postgres.Session;
import io.watchkeeper.review.Review;
import io.watchkeeper.review.ReviewFinding;
import io.watchkeeper.review.ReviewStatus;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What is to be said of a primary's synchronous_standby_names, with the standbys that are connected right now. */
final class SynchronousAdvice {

    /** What a standby is called whose primary_conninfo does not say. */
    private static final String NAMELESS = "walreceiver";

    private final String database;
    private final SynchronousNames names;
    private final String commit;
    private final long waiting;
    private final List<ConnectedStandby> standbys;
    private final List<ReviewFinding> findings = new ArrayList<>();

    private SynchronousAdvice(
            String database, SynchronousNames names, String commit, long waiting, List<ConnectedStandby> standbys) {
        this.database = database;
        this.names = names;
        this.commit = commit;
        this.waiting = waiting;
        this.standbys = standbys;
    }

    static Review of(String database, Session primary) throws SQLException {
        List<ConnectedStandby> standbys = ConnectedStandby.of(primary);
        return primary.oneVerbatim(
                        """
                select current_setting('synchronous_standby_names'), current_setting('synchronous_commit'),
                       (select count(*) from pg_stat_activity where wait_event = 'SyncRep')""",
                        row -> new SynchronousAdvice(
                                database,
                                SynchronousNames.parse(row.getString(1)),
                                row.getString(2),
                                row.getLong(3),
                                standbys))
                .review();
    }

    private Review review() {
        sharedNames();
        if (names.kind() == SynchronousNames.Kind.NONE) {
            asynchronous();
        } else {
            synchronous();
        }
        return new Review("synchronous standbys", database, findings);
    }

    private List<ConnectedStandby> streaming() {
        return standbys.stream().filter(ConnectedStandby::isStreaming).toList();
    }

    private void sharedNames() {
        Set<String> seen = new HashSet<>();
        for (ConnectedStandby standby : standbys) {
            if (!seen.add(standby.name()) || standby.name().equals(NAMELESS)) {
                add(
                        "sharedName",
                        ReviewStatus.WARN,
                        "standby '" + standby.name() + "' has a name that tells it from no other",
                        "on the standby: add application_name=… to primary_conninfo, or set cluster_name.");
                return;
            }
        }
    }

    private void asynchronous() {
        List<String> all =
                streaming().stream().map(ConnectedStandby::name).distinct().toList();
        String lost = "commits wait for no standby: what was not sent yet is lost with the primary's disk";
        if (all.size() >= 2) {
            add(
                    "asynchronous",
                    ReviewStatus.OK,
                    lost,
                    "where nothing may be lost: synchronousStandbys('" + database + "') { set any(1, '"
                            + String.join("', '", all) + "') }");
        } else {
            add(
                    "asynchronous",
                    ReviewStatus.OK,
                    lost + "; with " + all.size()
                            + " standbys connected, waiting for one would stop every commit when it is away",
                    "");
        }
    }

    private void synchronous() {
        List<ConnectedStandby> meant =
                streaming().stream().filter(s -> names.means(s.name())).toList();
        List<String> absent = names.names().stream()
                .filter(name -> !name.equals("*"))
                .filter(name -> meant.stream().noneMatch(s -> s.name().equalsIgnoreCase(name)))
                .toList();
        if (meant.size() < names.count()) {
            add(
                    "blocked",
                    ReviewStatus.FAIL,
                    "commits wait for " + names.count() + " standbys of " + names + ", and " + meant.size()
                            + " are streaming; " + waiting + " sessions wait",
                    "bring back " + String.join(", ", absent) + ", or let commits go on: synchronousStandbys('"
                            + database + "') { set none }");
        } else if (!absent.isEmpty()) {
            add(
                    "absent",
                    ReviewStatus.WARN,
                    "named and not streaming: " + String.join(", ", absent),
                    "bring them back, or name those there are.");
        }
        if (meant.size() == names.count()) {
            add(
                    "noSpare",
                    ReviewStatus.WARN,
                    "commits wait for " + names.count()
                            + " standbys, and no more than these are streaming: the next that goes"
                            + " away stops every commit",
                    "name one standby more than a commit waits for, by ANY.");
        }
        if (names.names().contains("*")) {
            add(
                    "anyStandby",
                    ReviewStatus.WARN,
                    "'*' counts every client that receives log, archive receivers too",
                    "name the standbys.");
        }
        if (commit.equals("off") || commit.equals("local")) {
            add(
                    "notWaited",
                    ReviewStatus.WARN,
                    "synchronous_commit is " + commit + ": no commit waits for the standbys named",
                    "ALTER SYSTEM SET synchronous_commit = 'on'; SELECT pg_reload_conf();");
        }
        if (findings.stream().noneMatch(f -> f.status() != ReviewStatus.OK)) {
            add(
                    "synchronous",
                    ReviewStatus.OK,
                    "commits wait for " + names + ", and " + meant.size() + " are streaming",
                    "");
        }
    }

    private void add(String code, ReviewStatus status, String message, String remedy) {
        findings.add(new ReviewFinding(
                code,
                status,
                message,
                Map.of(
                        "setting",
                        names.toString(),
                        "standbys",
                        standbys.stream().map(ConnectedStandby::fields).toList()),
                remedy));
    }
}
