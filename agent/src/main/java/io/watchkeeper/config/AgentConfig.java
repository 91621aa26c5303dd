package io.watchkeeper.config;

import io.watchkeeper.access.Scope;
import io.watchkeeper.postgres.DatabaseSettings;
import io.watchkeeper.postgres.TableName;
import io.watchkeeper.runbook.Checklist;
import io.watchkeeper.runbook.Schedule;
import io.watchkeeper.trust.MinisignKey;
import io.watchkeeper.units.Bytes;
import io.watchkeeper.units.Secret;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneId;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import javax.security.auth.x500.X500Principal;
import org.jspecify.annotations.Nullable;

/**
 * The configuration file, checked and typed. See docs/configuration.md for every key.
 *
 * @param file where it was read from
 * @param databases in the order of the file
 * @param cluster null where this agent shares no runbooks with others
 * @param meta null where this host looks after no metadata database
 * @param audit null where the audit trail is kept on this host only
 */
public record AgentConfig(
        Path file,
        Host host,
        List<DatabaseSettings> databases,
        Path runbooks,
        Path state,
        Backups backups,
        Http http,
        Postgres postgres,
        Copying copying,
        Alerts alerts,
        Replication replication,
        Promises slo,
        Heavy heavy,
        History history,
        Shutdown shutdown,
        @Nullable Cluster cluster,
        @Nullable Meta meta,
        Trust trust,
        @Nullable Audit audit) {

    public AgentConfig {
        databases = List.copyOf(databases);
    }

    /** @param role primary, ship, or any word runbooks select on */
    public record Host(String name, String role) {}

    /**
     * @param repository where backups are kept; null when this host keeps none
     * @param encryption null for backups that are not encrypted
     */
    public record Backups(
            @Nullable Path repository, @Nullable Encryption encryption) {}

    /**
     * @param recipients public keys of age, at least one
     * @param identityFile of the secret key; null on hosts that never restore
     */
    public record Encryption(
            List<String> recipients, @Nullable Path identityFile) {
        public Encryption {
            recipients = List.copyOf(recipients);
        }
    }

    /**
     * @param token what its holder may do everything with; null for none
     * @param tokensFile where tokens with names and scopes are; null for none. The file may be absent
     * @param tls null for plain HTTP; off loopback that is warned about
     * @param openMetrics whether /metrics is served without a token off loopback too
     * @param readWithoutToken whether reading is free where the agent listens on loopback
     * @param maxBody in bytes
     */
    public record Http(
            InetSocketAddress listen,
            @Nullable Secret token,
            @Nullable Path tokensFile,
            @Nullable Tls tls,
            boolean openMetrics,
            boolean readWithoutToken,
            int maxBody,
            HttpBounds bounds) {

        /** With one token at most, and the usual bounds. */
        public Http(
                InetSocketAddress listen, @Nullable Secret token, @Nullable Tls tls, boolean openMetrics, int maxBody) {
            this(listen, token, null, tls, openMetrics, true, maxBody, HttpBounds.USUAL);
        }
    }

    /**
     * What one client, and all together, may take of the agent.
     *
     * @param maxHeaders of one request, in bytes, its first line included
     * @param maxConnections open at once
     * @param rateLimit requests a second from one address, for long; twice as many at once. 0 for no limit
     */
    public record HttpBounds(int maxHeaders, int maxConnections, int rateLimit) {
        public static final HttpBounds USUAL = new HttpBounds(8 * 1024, 1_024, 10_000);
    }

    /**
     * PEM files.
     *
     * @param clientCa when set, client certificates of this authority count as tokens
     * @param clientCrl lists of the certificates that were taken back; null where none are looked at
     * @param clients what holders of such certificates may do, by the whole name of the subject; null for everything, whoever it is
     */
    public record Tls(
            Path certificate,
            Path key,
            @Nullable Path clientCa,
            @Nullable Path clientCrl,
            @Nullable Map<X500Principal, Set<Scope>> clients) {
        public Tls {
            clients = clients == null ? null : Map.copyOf(clients);
        }

        public Tls(Path certificate, Path key, @Nullable Path clientCa) {
            this(certificate, key, clientCa, null, null);
        }
    }

    /** @param bin where psql, pg_dump and the like are; null to look for them */
    public record Postgres(@Nullable Path bin) {}

    /** @param workers streams of a copy that does not say how many, from WATCHKEEPER_WORKERS; null for as many as pay */
    public record Copying(@Nullable Integer workers) {}

    /** @param repeatEvery an alert still firing is sent again after this long, never sooner */
    public record Alerts(
            @Nullable URI alertmanager,
            @Nullable Webhook webhook,
            @Nullable Mail mail,
            Duration repeatEvery) {}

    /** @param token sent as bearer; null for none */
    public record Webhook(URI url, @Nullable Secret token) {}

    /**
     * @param password null for a server that wants none
     * @param reports the checklists whose reports are mailed
     */
    public record Mail(
            String host,
            int port,
            boolean startTls,
            @Nullable String user,
            @Nullable Secret password,
            String from,
            List<String> to,
            Set<Checklist> reports) {
        public Mail {
            to = List.copyOf(to);
            reports = Set.copyOf(reports);
        }

        /** With the reports of all checklists. */
        public Mail(
                String host,
                int port,
                boolean startTls,
                @Nullable String user,
                @Nullable Secret password,
                String from,
                List<String> to) {
            this(host, port, startTls, user, password, from, to, EnumSet.allOf(Checklist.class));
        }
    }

    /**
     * When a replica is too far behind, for all who look; a runbook may draw its own lines.
     *
     * @param every how often the agent looks at the servers that replicate
     * @param warnAfter a replica this far behind should be looked at
     * @param alertAfter one this far behind needs somebody
     */
    public record Replication(Duration every, Duration warnAfter, Duration alertAfter) {}

    /**
     * How much heavy work this host does at once, and when it gives way.
     *
     * @param atOnce null for as many as fit this host's processors
     * @param aging who has waited so long becomes one step more urgent
     * @param patience how long work that yields waits at most
     * @param maxLag of a replica, above which work yields
     * @param maxActive busy sessions of users, above which work yields; null for as many as fit this host's processors
     * @param rate bytes per second that all share; null for as fast as it goes
     */
    public record Heavy(
            @Nullable Integer atOnce,
            Duration aging,
            Duration patience,
            Duration maxLag,
            @Nullable Integer maxActive,
            @Nullable Bytes rate) {}

    /**
     * @param keepRuns runs older than this are forgotten, the newest of each runbook excepted
     * @param keepAudit entries of the audit trail older than this are cut off; null to keep all
     */
    public record History(Duration keepRuns, @Nullable Duration keepAudit) {}

    /** @param grace how long running runs may go on after a stop was asked for; then they are cancelled */
    public record Shutdown(Duration grace) {}

    /**
     * Agents that share runbooks: those whose configuration names the same database here.
     *
     * @param database the configured name of the database that holds the job store
     * @param takeOver an agent that was not heard of for so long is taken for dead, and its runs are done by others
     */
    public record Cluster(String database, Duration takeOver) {}

    /** How a tenant's rows are kept apart from others': a schema of its own, or row-level security. */
    public enum Tenancy {
        SCHEMA,
        RLS
    }

    /**
     * The metadata database, with its tenants and migrations.
     *
     * @param database its configured name
     * @param migrations the folder of a Sqitch project; null for none
     * @param plans how the tenants of a plan are kept apart
     * @param avoid when no migration begins
     * @param zone of those times
     * @param maxLag no replica may be further behind when a migration begins
     */
    public record Meta(
            String database,
            @Nullable Path migrations,
            Map<String, Tenancy> plans,
            List<Schedule.Blackout> avoid,
            ZoneId zone,
            Bytes maxLag) {

        public static final Bytes MAX_LAG = Bytes.megabytes(64);

        public Meta {
            plans = Map.copyOf(plans);
            avoid = List.copyOf(avoid);
        }

        /** That may be migrated at any time. */
        public Meta(String database, @Nullable Path migrations, Map<String, Tenancy> plans) {
            this(database, migrations, plans, List.of(), ZoneId.of("UTC"), MAX_LAG);
        }
    }

    /**
     * What runbooks must be vouched for by, beside owner and mode.
     *
     * @param requireChecksums whether a runbook must be in the list of checksums of its folder
     * @param minisignKey who signs that list; null for nobody
     * @param sshAllowedSigners the file of those who sign it with a key of OpenSSH; null for nobody
     */
    public record Trust(
            boolean requireChecksums,
            @Nullable MinisignKey minisignKey,
            @Nullable Path sshAllowedSigners) {}

    /**
     * Where the audit trail is copied to.
     *
     * @param database its configured name
     * @param table made there when it is absent
     */
    public record Audit(String database, TableName table) {}

    public Optional<DatabaseSettings> database(String name) {
        return databases.stream().filter(d -> d.name().equals(name)).findFirst();
    }
}
