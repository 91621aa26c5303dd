package io.watchkeeper.config;

import io.watchkeeper.postgres.DatabaseSettings;
import io.watchkeeper.postgres.TableName;
import io.watchkeeper.runbook.Checklist;
import io.watchkeeper.units.Bytes;
import io.watchkeeper.units.Secret;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
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
        Heavy heavy,
        History history,
        Shutdown shutdown,
        @Nullable Cluster cluster,
        @Nullable Meta meta,
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
     * @param token what mutating calls must present; null when none is configured, and then none of them is served
     * @param tls null for plain HTTP; off loopback that is warned about
     * @param openMetrics whether /metrics is served without a token off loopback too
     * @param maxBody in bytes
     */
    public record Http(
            InetSocketAddress listen,
            @Nullable Secret token,
            @Nullable Tls tls,
            boolean openMetrics,
            int maxBody) {}

    /**
     * PEM files.
     *
     * @param clientCa when set, a client certificate of this authority counts as a token
     */
    public record Tls(Path certificate, Path key, @Nullable Path clientCa) {}

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
     */
    public record Meta(String database, @Nullable Path migrations, Map<String, Tenancy> plans) {
        public Meta {
            plans = Map.copyOf(plans);
        }
    }

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
