package io.watchkeeper.toolkit.standby;

import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.FailureClass;
import io.watchkeeper.postgres.Identifiers;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.SqlStates;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.units.Secret;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.UnknownHostException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Finds out why a standby does not get log from its primary: each thing that has to be right is tested by itself, from this host, in the
 * order in which a connection needs it.
 */
public final class Triage {

    private static final int TIMEOUT_MS = 5_000;
    private static final int SSL_REQUEST = 80_877_103;

    private final Database primary;
    private final PrimaryAddress address;
    private final String role;
    private final Optional<Secret> secret;
    private final String standby;
    private final @Nullable String slot;
    private final String hbaFrom;
    private final Work work;

    /** What is tested. */
    public enum Check {
        NAME("name resolution"),
        PORT("port"),
        TLS("TLS"),
        HBA("pg_hba"),
        ROLE("role"),
        SLOT("slot");

        private final String words;

        Check(String words) {
            this.words = words;
        }

        @Override
        public String toString() {
            return words;
        }
    }

    /** How a test ended. */
    public enum Outcome {
        OK,
        FAILED,
        /** Something before it failed, or the role may not look. */
        UNKNOWN
    }

    /**
     * @param evidence what was found, in a sentence
     * @param remedy what to do; empty where nothing is to be done
     */
    public record Finding(Check check, Outcome outcome, String evidence, String remedy) {}

    /**
     * @param standby the name under which the standby asks for log
     * @param slot it reads; null for none
     * @param hbaFrom the address it comes from, as pg_hba.conf writes it
     */
    Triage(
            Database primary,
            PrimaryAddress address,
            String role,
            Optional<Secret> secret,
            String standby,
            @Nullable String slot,
            String hbaFrom,
            Work work) {
        this.primary = primary;
        this.address = address;
        this.role = role;
        this.secret = secret;
        this.standby = standby;
        this.slot = slot;
        this.hbaFrom = hbaFrom;
        this.work = work;
    }

    /** Tests all of it, in order. */
    public List<Finding> run() {
        List<Finding> findings = new ArrayList<>();
        PrimaryAddress.Host host = firstUsable();
        findings.add(name(host));
        if (failed(findings)) {
            unknown(findings, Check.PORT, Check.TLS, Check.HBA);
        } else {
            findings.add(port(host));
            if (failed(findings)) {
                unknown(findings, Check.TLS, Check.HBA);
            } else {
                login(findings, host);
            }
        }
        if (findings.stream().noneMatch(f -> f.check() == Check.ROLE)) {
            findings.add(role(null));
        }
        findings.add(slot());
        return findings;
    }

    /** The first one that failed. */
    public static Optional<Finding> cause(List<Finding> findings) {
        return findings.stream().filter(f -> f.outcome() == Outcome.FAILED).findFirst();
    }

    /** All of it in a line: {@code name resolution ok, port ok, TLS ok, pg_hba FAILED: …}. */
    public static String words(List<Finding> findings) {
        return findings.stream()
                .map(f -> f.check() + " "
                        + (f.outcome() == Outcome.FAILED
                                ? "FAILED"
                                : f.outcome().name().toLowerCase(java.util.Locale.ROOT)))
                .collect(Collectors.joining(", "));
    }

    /** As a failure: the cause, what was tested, and what to do. */
    OperatorException problem(String what, @Nullable Throwable why) {
        List<Finding> findings = run();
        Optional<Finding> cause = cause(findings);
        String evidence = cause.map(Finding::evidence)
                .orElseGet(() -> why == null ? "nothing was found" : Secret.redact(String.valueOf(why.getMessage())));
        return new OperatorException(
                what + ": " + evidence + " (" + words(findings) + ")",
                cause.map(Finding::remedy)
                        .orElse("look into the log of the standby's server and of '" + primary.name() + "'."),
                why);
    }

    /** With several hosts the first that answers is what the standby would use. */
    private PrimaryAddress.Host firstUsable() {
        return address.hosts().stream()
                .filter(host -> name(host).outcome() == Outcome.OK && port(host).outcome() == Outcome.OK)
                .findFirst()
                .orElse(address.hosts().get(0));
    }

    private static Finding name(PrimaryAddress.Host host) {
        try {
            InetAddress[] found = InetAddress.getAllByName(host.name());
            return ok(
                    Check.NAME,
                    host.name() + " is "
                            + Arrays.stream(found)
                                    .map(InetAddress::getHostAddress)
                                    .collect(Collectors.joining(", ")));
        } catch (UnknownHostException e) {
            return new Finding(
                    Check.NAME,
                    Outcome.FAILED,
                    "this host knows no '" + host.name() + "'",
                    "look at /etc/hosts, /etc/resolv.conf and the name in databases.…url; 'getent hosts " + host.name()
                            + "' asks the same.");
        }
    }

    private static Finding port(PrimaryAddress.Host host) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(host.name(), host.port()), TIMEOUT_MS);
            return ok(Check.PORT, host + " takes connections");
        } catch (ConnectException e) {
            return new Finding(
                    Check.PORT,
                    Outcome.FAILED,
                    "nothing listens at " + host + " (" + e.getMessage() + ")",
                    "see that the server runs, and that its listen_addresses and port are these.");
        } catch (IOException e) {
            return new Finding(
                    Check.PORT,
                    Outcome.FAILED,
                    host + " does not answer within " + TIMEOUT_MS / 1000 + " s (" + e.getMessage() + ")",
                    "a firewall drops it, or there is no route: look at both ends and between.");
        }
    }

    /** TLS first, because without an answer to that the login says nothing about pg_hba.conf. */
    private void login(List<Finding> findings, PrimaryAddress.Host host) {
        Finding tls = tls(host);
        if (tls.outcome() == Outcome.FAILED) {
            findings.add(tls);
            unknown(findings, Check.HBA);
            return;
        }
        try {
            new ReplicationLogin(address, role, secret).attempt(host);
            findings.add(tls);
            findings.add(ok(Check.HBA, "pg_hba.conf lets " + role + " in from here"));
        } catch (SQLException e) {
            explain(findings, tls, e);
        }
    }

    private void explain(List<Finding> findings, Finding tls, SQLException failure) {
        String words = Secret.redact(String.valueOf(failure.getMessage()));
        String state = FailureClass.sqlState(failure).orElse("");
        boolean noLine = words.contains("pg_hba.conf");
        boolean certificate = state.startsWith("08") && words.contains("SSL");
        if (certificate) {
            findings.add(new Finding(
                    Check.TLS,
                    Outcome.FAILED,
                    words,
                    "the server's certificate must be signed by what sslRootCert holds, and with sslMode 'verify-full' name "
                            + address + "."));
            unknown(findings, Check.HBA);
            return;
        }
        findings.add(tls);
        if (noLine) {
            findings.add(new Finding(
                    Check.HBA,
                    Outcome.FAILED,
                    words,
                    "add to pg_hba.conf on '" + primary.name() + "', above other lines for replication: "
                            + HbaBlock.line(role, hbaFrom, address.requiresTls()) + "; then SELECT pg_reload_conf()."));
        } else if (words.contains("no password was provided")
                || state.equals(SqlStates.INVALID_PASSWORD)
                || state.equals(SqlStates.INVALID_AUTHORIZATION)) {
            findings.add(ok(Check.HBA, "pg_hba.conf has a line for it"));
            findings.add(role(words));
        } else if (state.equals("53300") || words.contains("max_wal_senders")) {
            findings.add(ok(Check.HBA, "pg_hba.conf has a line for it"));
            findings.add(new Finding(
                    Check.ROLE,
                    Outcome.FAILED,
                    words,
                    "raise max_wal_senders there (it needs a restart), or end a receiver that nobody needs."));
        } else {
            findings.add(new Finding(Check.HBA, Outcome.UNKNOWN, words, ""));
        }
    }

    private Finding tls(PrimaryAddress.Host host) {
        if (address.sslMode().equals("disable")) {
            return ok(Check.TLS, "not asked for");
        }
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(host.name(), host.port()), TIMEOUT_MS);
            socket.setSoTimeout(TIMEOUT_MS);
            DataOutputStream out = new DataOutputStream(socket.getOutputStream());
            out.writeInt(8);
            out.writeInt(SSL_REQUEST);
            out.flush();
            int answer = socket.getInputStream().read();
            if (answer == 'S') {
                return ok(Check.TLS, "the server speaks TLS");
            }
            if (answer == 'N') {
                return address.requiresTls()
                        ? new Finding(
                                Check.TLS,
                                Outcome.FAILED,
                                "the server at " + host + " does not speak TLS, and sslMode is '" + address.sslMode()
                                        + "'",
                                "give it a certificate and ssl = on, or choose another sslMode.")
                        : ok(Check.TLS, "the server does not speak TLS, and need not");
            }
            return new Finding(
                    Check.TLS,
                    Outcome.FAILED,
                    "what listens at " + host + " is no PostgreSQL: it does not answer as one",
                    "see which program has that port: ss -ltnp.");
        } catch (IOException e) {
            return new Finding(
                    Check.TLS, Outcome.FAILED, host + " closed the connection (" + e.getMessage() + ")", "look there.");
        }
    }

    /** @param refused what the server said to the login; null when it was let in, or could not ask */
    private Finding role(@Nullable String refused) {
        try (Session session = primary.open(work)) {
            Optional<ReplicationRole.Found> found = new ReplicationRole(session, role).find();
            if (found.isEmpty()) {
                return new Finding(
                        Check.ROLE,
                        Outcome.FAILED,
                        "there is no role '" + role + "' on '" + primary.name() + "'",
                        "run provisionStandby again, which makes it, or name another role.");
            }
            String alter = "as a superuser there: ALTER ROLE " + Identifiers.quote(role);
            if (!found.get().login() || !found.get().replication()) {
                return new Finding(
                        Check.ROLE,
                        Outcome.FAILED,
                        "role '" + role + "' has no " + (found.get().login() ? "REPLICATION" : "LOGIN"),
                        alter + " LOGIN REPLICATION.");
            }
            if (found.get().expired()) {
                return new Finding(
                        Check.ROLE,
                        Outcome.FAILED,
                        "the password of '" + role + "' has expired",
                        alter + " VALID UNTIL 'infinity'.");
            }
            if (refused != null) {
                return new Finding(
                        Check.ROLE,
                        Outcome.FAILED,
                        refused,
                        secret.isEmpty()
                                ? "nobody told the password of '" + role
                                        + "': passwordFile '/path' names a file with it."
                                : "the password that is known is not the role's: name the right one with passwordFile '/path'.");
            }
            return ok(Check.ROLE, "role '" + role + "' may receive the log");
        } catch (SQLException | OperatorException e) {
            return unknown(Check.ROLE, e);
        }
    }

    private Finding slot() {
        if (slot == null) {
            return ok(Check.SLOT, "none is used");
        }
        try (Session session = primary.open(work)) {
            Optional<StandbySlot.Found> found = new StandbySlot(session, slot).find();
            if (found.isEmpty()) {
                return new Finding(
                        Check.SLOT,
                        Outcome.FAILED,
                        "there is no slot " + slot + " on '" + primary.name() + "'",
                        "run provisionStandby again, which makes it; if log is gone by then, with renew true.");
            }
            StandbySlot.Found is = found.get();
            if (!is.physical() || is.isLost()) {
                return new Finding(
                        Check.SLOT,
                        Outcome.FAILED,
                        "slot " + slot + (is.physical() ? " has lost log that the standby needs" : " is a logical one"),
                        is.physical() ? "copy the standby again: renew true." : "give the standby another: slot '…'.");
            }
            if (is.active() && !standby.equals(is.user())) {
                return new Finding(
                        Check.SLOT,
                        Outcome.FAILED,
                        "slot " + slot + " is in use by '" + is.user() + "' at " + is.address(),
                        "two standbys cannot share one: give this one a slot of its own.");
            }
            return ok(Check.SLOT, "slot " + slot + " is there");
        } catch (SQLException | OperatorException e) {
            return unknown(Check.SLOT, e);
        }
    }

    private static boolean failed(List<Finding> findings) {
        return cause(findings).isPresent();
    }

    private static Finding ok(Check check, String evidence) {
        return new Finding(check, Outcome.OK, evidence, "");
    }

    private static Finding unknown(Check check, Exception e) {
        return new Finding(check, Outcome.UNKNOWN, Secret.redact(String.valueOf(e.getMessage())), "");
    }

    private static void unknown(List<Finding> findings, Check... checks) {
        for (Check check : checks) {
            findings.add(new Finding(check, Outcome.UNKNOWN, "not reached", ""));
        }
    }
}
