package io.watchkeeper.doctor;

import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.units.DurationText;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** One database: whether it answers, what it is, who we are there, and its clock. */
final class DatabaseCheck implements HealthCheck {

    private static final Duration CLOCK_OFF = Duration.ofSeconds(2);
    private static final Duration CLOCK_WRONG = Duration.ofSeconds(30);

    private final Database database;
    private final ClientTools tools;
    private final Clock clock;

    DatabaseCheck(Database database, ClientTools tools, Clock clock) {
        this.database = database;
        this.tools = tools;
        this.clock = clock;
    }

    @Override
    public String subject() {
        return database.name();
    }

    @Override
    public List<Finding> examine() throws SQLException {
        try (Session session = database.open(Work.unattended("watchkeeper doctor"))) {
            Server server = Server.ask(session);
            // The first question also pays for what the connection had still to set up; the second one is the link
            // alone.
            Answer answer = time(session);
            List<Finding> findings = new ArrayList<>();
            findings.add(reachable(server, answer));
            addIfAny(findings, relation(server));
            addIfAny(findings, clock(answer));
            addIfAny(findings, encryption(server));
            findings.add(rights(server));
            addIfAny(
                    findings,
                    new SyncRightsReview(
                                    subject(),
                                    session,
                                    server.standby(),
                                    database.settings().local())
                            .examine());
            addIfAny(findings, dumpTool(server));
            if (server.monitor() && !server.standby()) {
                new ArchivingReview(subject(), session).examine().ifPresent(findings::add);
            }
            return findings;
        } catch (OperatorException e) {
            return List.of(new Finding(whenSilent(), subject(), String.valueOf(e.getMessage()), e.hint()));
        }
    }

    /** A ship without its link is not broken. */
    @Override
    public Finding.Level whenSilent() {
        return database.settings().local() ? Finding.Level.RED : Finding.Level.AMBER;
    }

    private Finding reachable(Server server, Answer answer) {
        return Finding.green(
                subject(),
                "reachable, PostgreSQL " + server.version() + ", " + (server.standby() ? "standby" : "primary") + ", "
                        + String.format(
                                Locale.ROOT,
                                "%.1f ms round trip",
                                answer.roundTrip().toNanos() / 1e6) + ", "
                        + (server.tls() == null ? "no TLS" : server.tls()) + ", clock off by "
                        + DurationText.say(answer.offset().abs()));
    }

    private @Nullable Finding relation(Server server) {
        String primary = database.settings().standbyOf();
        String key = "databases." + subject() + ".standbyOf";
        if (primary != null && !server.standby()) {
            return Finding.red(
                    subject(),
                    "configured as a standby of " + primary + ", but it takes writes by itself",
                    "after a failover, correct " + key + "; else find out who promoted it.");
        }
        if (primary == null && server.standby()) {
            return Finding.amber(
                    subject(), "is a standby, but the configuration does not say of what", "set " + key + ".");
        }
        return null;
    }

    private @Nullable Finding clock(Answer answer) {
        Duration off = answer.offset().abs();
        if (off.compareTo(CLOCK_OFF) <= 0) {
            return null;
        }
        String text = "its clock is " + DurationText.say(off) + (answer.offset().isNegative() ? " behind" : " ahead of")
                + " this host's";
        String hint = "one of the two is wrong: compare timedatectl on both.";
        return off.compareTo(CLOCK_WRONG) > 0
                ? Finding.red(subject(), text, hint)
                : Finding.amber(subject(), text, hint);
    }

    private @Nullable Finding encryption(Server server) {
        return server.tls() != null || database.settings().local()
                ? null
                : Finding.amber(
                        subject(),
                        "the connection is not encrypted",
                        "turn ssl on at the server, and add ?sslmode=require to databases." + subject() + ".url.");
    }

    private Finding rights(Server server) {
        if (server.superuser()) {
            return Finding.amber(
                    subject(),
                    "logs in as superuser " + server.user() + ": a slip in a runbook can do anything",
                    "use a role of its own, with pg_monitor and the rights its runbooks need.");
        }
        if (!server.monitor()) {
            return Finding.amber(
                    subject(),
                    "user " + server.user() + " does not see what other sessions and standbys do",
                    "as a superuser: GRANT pg_monitor TO " + server.quotedUser() + ";");
        }
        return Finding.green(subject(), "user " + server.user() + " has pg_monitor and is no superuser");
    }

    private @Nullable Finding dumpTool(Server server) {
        ClientTools.Tool dump = tools.found().get("pg_dump");
        return dump == null || dump.majorVersion() >= server.majorVersion()
                ? null
                : Finding.amber(
                        subject(),
                        "pg_dump " + dump.version() + " here refuses a server of version " + server.majorVersion(),
                        "apt install postgresql-client-" + server.majorVersion());
    }

    private Answer time(Session session) throws SQLException {
        Instant asked = clock.instant();
        long start = System.nanoTime();
        Instant theirs = session.one(
                "select clock_timestamp()", row -> row.getTimestamp(1).toInstant());
        Duration roundTrip = Duration.ofNanos(System.nanoTime() - start);
        return new Answer(roundTrip, Duration.between(asked.plus(roundTrip.dividedBy(2)), theirs));
    }

    private static void addIfAny(List<Finding> findings, @Nullable Finding finding) {
        if (finding != null) {
            findings.add(finding);
        }
    }

    /** @param offset how far the server's clock is ahead of this host's */
    private record Answer(Duration roundTrip, Duration offset) {}

    /**
     * What the server says of itself and of us.
     *
     * @param version for example {@code 15.18}
     * @param tls the protocol, for example {@code TLSv1.3}; null for none
     * @param monitor whether the user has the rights of pg_monitor
     */
    private record Server(
            String version,
            int majorVersion,
            boolean standby,
            @Nullable String tls,
            String user,
            String quotedUser,
            boolean superuser,
            boolean monitor) {

        static Server ask(Session session) throws SQLException {
            return session.one(
                    """
                    select split_part(current_setting('server_version'), ' ', 1),
                           current_setting('server_version_num')::int / 10000,
                           pg_is_in_recovery(),
                           (select version from pg_stat_ssl where pid = pg_backend_pid() and ssl),
                           current_user, quote_ident(current_user),
                           (select rolsuper from pg_roles where rolname = current_user),
                           pg_has_role('pg_monitor', 'usage')""",
                    row -> new Server(
                            row.getString(1),
                            row.getInt(2),
                            row.getBoolean(3),
                            row.getString(4),
                            row.getString(5),
                            row.getString(6),
                            row.getBoolean(7),
                            row.getBoolean(8)));
        }
    }
}
