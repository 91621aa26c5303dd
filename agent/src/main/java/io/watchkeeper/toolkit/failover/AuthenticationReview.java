package io.watchkeeper.toolkit.failover;

import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.Identifiers;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.review.Review;
import io.watchkeeper.review.ReviewFinding;
import io.watchkeeper.review.ReviewStatus;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Looks at who may log in to a server how: pg_hba.conf as the server reads it, how passwords are stored, TLS, and who is connected
 * without it. Changes nothing. What the role may not see is said, not taken for well.
 */
public final class AuthenticationReview {

    /** Every code that a finding can have. */
    public static final Set<String> CODES = Set.of(
            "hbaError",
            "trust",
            "localTrust",
            "plaintextPassword",
            "md5",
            "ident",
            "noTls",
            "anyAddress",
            "ssl",
            "oldTls",
            "passwordEncryption",
            "md5Passwords",
            "unencryptedNow",
            "unreadable");

    private static final String FACTS = """
            select current_setting('ssl') = 'on', current_setting('password_encryption'),
                   coalesce((select setting from pg_settings where name = 'ssl_min_protocol_version'), 'unknown'), current_setting('server_version_num')::int >= 160000,
                   has_table_privilege('pg_hba_file_rules', 'select')
                       and has_function_privilege('pg_hba_file_rules()', 'execute'),
                   has_table_privilege('pg_authid', 'select'), pg_has_role('pg_read_all_stats', 'usage'), quote_ident(current_user),
                   array(select a.usename || '@' || host(a.client_addr)
                                || case when a.application_name = '' then '' else ' (' || a.application_name || ')' end
                           from pg_stat_ssl s join pg_stat_activity a using (pid)
                          where not s.ssl and a.client_addr is not null
                            and not (a.client_addr <<= inet '127.0.0.0/8' or a.client_addr = inet '::1')
                            and a.client_addr is distinct from inet_server_addr()
                          group by 1 order by 1 limit 20)""";

    private static final String MD5_ROLES =
            "select rolname::text from pg_authid where rolpassword like 'md5%' and rolcanlogin order by 1";

    private final Database database;
    private final Work work;
    private final List<ReviewFinding> findings = new ArrayList<>();

    /** @param open sessions of other hosts without TLS, as far as the role sees them */
    private record Facts(
            boolean ssl,
            String encryption,
            String minTls,
            boolean included,
            boolean seesRules,
            boolean seesPasswords,
            boolean seesSessions,
            String role,
            List<String> open) {}

    public AuthenticationReview(Database database, Work work) {
        this.database = database;
        this.work = work;
    }

    /** Looks once. */
    public Review review() throws SQLException {
        findings.clear();
        try (Session session = database.open(work)) {
            Facts facts = session.oneVerbatim(
                    FACTS,
                    row -> new Facts(
                            row.getBoolean(1),
                            row.getString(2),
                            row.getString(3),
                            row.getBoolean(4),
                            row.getBoolean(5),
                            row.getBoolean(6),
                            row.getBoolean(7),
                            row.getString(8),
                            List.of((String[]) row.getArray(9).getArray())));
            boolean reachable = rules(session, facts);
            passwords(session, facts);
            tls(facts, reachable);
        }
        return new Review("authentication", database.name(), findings);
    }

    /** @return whether other hosts may log in; true where nobody may know */
    private boolean rules(Session session, Facts facts) throws SQLException {
        if (!facts.seesRules()) {
            unreadable(
                    "role " + facts.role() + " may not read pg_hba_file_rules",
                    "GRANT SELECT ON pg_hba_file_rules TO " + facts.role()
                            + "; GRANT EXECUTE ON FUNCTION pg_hba_file_rules() TO " + facts.role() + ";");
            return true;
        }
        List<HbaRule> rules = session.listVerbatim(facts.included() ? HbaRule.SQL_16 : HbaRule.SQL, HbaRule::read);
        boolean reachable = false;
        for (HbaRule rule : rules) {
            error(rule);
            if (!rule.type().isEmpty() && !rule.method().equals("reject")) {
                reachable |= !rule.staysOnHost();
                method(rule);
                transport(rule);
            }
        }
        return reachable;
    }

    /** A line for TLS where TLS is off has an error too, and is read all the same. */
    private void error(HbaRule rule) {
        if (rule.error() != null) {
            boolean unread = rule.type().isEmpty();
            add(
                    "hbaError",
                    unread ? ReviewStatus.FAIL : ReviewStatus.WARN,
                    rule.place() + ": " + rule.error()
                            + (unread ? "; the server goes on with the rules it had before" : ""),
                    Map.of("place", rule.place()),
                    "mend the line, then SELECT pg_reload_conf();");
        }
    }

    private void method(HbaRule rule) {
        switch (rule.method()) {
            case "trust" -> {
                if (rule.staysOnHost()) {
                    add(rule, "localTrust", ReviewStatus.WARN, "lets everybody on the host be any role", scram(rule));
                } else if (!rule.needsCertificate()) {
                    add(rule, "trust", ReviewStatus.FAIL, "asks other hosts for no proof of who they are", scram(rule));
                }
            }
            case "password" -> {
                boolean open = rule.takesPlaintext() && !rule.staysOnHost();
                add(
                        rule,
                        "plaintextPassword",
                        open ? ReviewStatus.FAIL : ReviewStatus.WARN,
                        open ? "takes passwords as plain text over the network" : "hands plain passwords to the server",
                        scram(rule));
            }
            case "md5" -> add(rule, "md5", ReviewStatus.WARN, "still takes MD5 passwords", scram(rule));
            case "ident" -> {
                if (!rule.staysOnHost()) {
                    add(rule, "ident", ReviewStatus.FAIL, "believes what other hosts say who they are", scram(rule));
                }
            }
            default -> {
                // Of the rest it is not known to be weak.
            }
        }
    }

    private void transport(HbaRule rule) {
        if (rule.staysOnHost()) {
            return;
        }
        if (rule.takesPlaintext()) {
            add(
                    rule,
                    "noTls",
                    ReviewStatus.WARN,
                    "lets other hosts in without TLS",
                    "write hostssl in " + rule.place() + ", then SELECT pg_reload_conf();");
        }
        if (rule.takesEveryAddress() && rule.takesEverybody()) {
            add(
                    rule,
                    "anyAddress",
                    ReviewStatus.WARN,
                    "lets every role into every database from every address",
                    "name roles, databases and networks in " + rule.place() + ", then SELECT pg_reload_conf();");
        }
    }

    private static String scram(HbaRule rule) {
        return (rule.isLocal() ? "write peer or scram-sha-256" : "write scram-sha-256") + " in " + rule.place()
                + (rule.method().equals("md5") ? " once no role has an MD5 password" : "")
                + ", then SELECT pg_reload_conf();";
    }

    private void passwords(Session session, Facts facts) throws SQLException {
        if (!facts.encryption().equals("scram-sha-256")) {
            add(
                    "passwordEncryption",
                    ReviewStatus.WARN,
                    "password_encryption is " + facts.encryption() + ": new passwords are stored as MD5",
                    Map.of("setting", facts.encryption()),
                    "ALTER SYSTEM SET password_encryption = 'scram-sha-256'; SELECT pg_reload_conf();");
        }
        if (!facts.seesPasswords()) {
            unreadable(
                    "role " + facts.role() + " may not see how passwords are stored",
                    "as a superuser: " + MD5_ROLES + ";");
            return;
        }
        List<String> roles = session.listVerbatim(MD5_ROLES, row -> row.getString(1));
        if (!roles.isEmpty()) {
            add(
                    "md5Passwords",
                    ReviewStatus.WARN,
                    roles.size() + " roles have MD5 passwords: " + String.join(", ", roles),
                    Map.of("roles", roles),
                    "with password_encryption = 'scram-sha-256', in psql: \\password "
                            + Identifiers.quote(roles.get(0)));
        }
    }

    private void tls(Facts facts, boolean reachable) {
        if (!facts.ssl() && reachable) {
            add(
                    "ssl",
                    ReviewStatus.WARN,
                    "ssl is off, and other hosts may log in",
                    Map.of("setting", "off"),
                    "set ssl_cert_file and ssl_key_file, then ALTER SYSTEM SET ssl = on; SELECT pg_reload_conf();");
        }
        if (facts.ssl() && Set.of("", "TLSv1", "TLSv1.1").contains(facts.minTls())) {
            add(
                    "oldTls",
                    ReviewStatus.WARN,
                    "TLS older than 1.2 is taken",
                    Map.of("ssl_min_protocol_version", facts.minTls()),
                    "ALTER SYSTEM SET ssl_min_protocol_version = 'TLSv1.2'; SELECT pg_reload_conf();");
        }
        if (!facts.seesSessions()) {
            unreadable(
                    "role " + facts.role() + " may not see who is connected without TLS",
                    "GRANT pg_monitor TO " + facts.role() + ";");
            return;
        }
        List<String> open = facts.open();
        if (!open.isEmpty()) {
            add(
                    "unencryptedNow",
                    ReviewStatus.WARN,
                    open.size() + (open.size() == 1 ? " client is" : " clients are") + " connected without TLS: "
                            + String.join(", ", open),
                    Map.of("clients", open),
                    "let them connect with sslmode=require or better.");
        }
    }

    private void unreadable(String message, String remedy) {
        add("unreadable", ReviewStatus.WARN, message, Map.of(), remedy);
    }

    private void add(HbaRule rule, String code, ReviewStatus status, String what, String remedy) {
        add(code, status, rule.place() + " " + what + ": " + rule.text(), rule.evidence(), remedy);
    }

    private void add(String code, ReviewStatus status, String message, Map<String, Object> evidence, String remedy) {
        findings.add(new ReviewFinding(code, status, message, evidence, remedy));
    }
}
