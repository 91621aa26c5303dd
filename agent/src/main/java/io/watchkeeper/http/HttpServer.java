package io.watchkeeper.http;

import io.javalin.Javalin;
import io.javalin.config.JavalinConfig;
import io.javalin.http.Context;
import io.watchkeeper.audit.AuditSearch;
import io.watchkeeper.config.AgentConfig;
import io.watchkeeper.metrics.MetricsPage;
import io.watchkeeper.postgres.ServerUpkeep;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.protection.Protection;
import io.watchkeeper.replicas.ReplicationBoard;
import io.watchkeeper.replicas.ReplicationLimits;
import io.watchkeeper.runbook.RunbookRegistry;
import io.watchkeeper.runbook.TableState;
import java.net.BindException;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.function.Supplier;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.SecureRequestCustomizer;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.jspecify.annotations.Nullable;

/** Serves the API, the metrics and the status page. */
public final class HttpServer implements AutoCloseable {

    private static final Duration HEARTBEAT = Duration.ofSeconds(15);
    private static final int MOST_THREADS = 16;

    /** Nothing from elsewhere, no inline script or style: what a runbook's text might smuggle into the page cannot run. */
    private static final String CONTENT_POLICY =
            "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'";

    /**
     * Who is asked. None of these is called before the first request that needs it.
     *
     * @param protection throws OperatorException where the repository of backups cannot be read
     * @param tables as the store knows them
     * @param trail who did what on this host
     * @param upkeep as the servers were found last; asks none
     * @param limits of how far replicas may be behind
     * @param live must be among the runner's listeners, after the history
     */
    public record Parts(
            About about,
            AgentConfig.Http settings,
            RunbookRegistry registry,
            RunControl control,
            RunArchive archive,
            Timetable timetable,
            MetricsPage metrics,
            Supplier<Protection> protection,
            Supplier<List<TableState>> tables,
            AuditSearch trail,
            ReplicationBoard replication,
            ReplicationLimits limits,
            Supplier<List<ServerUpkeep>> upkeep,
            DrillMaker drills,
            Readiness readiness,
            LiveEvents live,
            Clock clock) {}

    /** Which agent this is. @param configFile null before there is one. @param runbookFolder where runbook files belong */
    public record About(
            String host,
            String role,
            String version,
            Instant startedAt,
            @Nullable String configFile,
            String runbookFolder) {}

    private final Parts parts;
    private final EventStreams streams;
    private final Access access;
    private final PageSessions sessions;
    private final Javalin javalin;

    public HttpServer(Parts parts) {
        this(parts, HEARTBEAT);
    }

    HttpServer(Parts parts, Duration heartbeat) {
        this.parts = parts;
        this.streams = new EventStreams(heartbeat);
        this.sessions = new PageSessions(parts.clock());
        this.access = new Access(parts.settings(), parts.about().host(), sessions);
        this.javalin = Javalin.create(this::configure);
    }

    /** @throws OperatorException when the address is taken or the TLS files are wrong */
    public void start() {
        try {
            javalin.start();
        } catch (RuntimeException e) {
            throw refused(e);
        }
    }

    /** The port listened on, also when the configuration left it to the system. */
    public int port() {
        return javalin.port();
    }

    /** Where a browser on this host finds the page. */
    public URI address() {
        String host = parts.settings().listen().getHostString();
        String reachable = host.equals("0.0.0.0") || host.equals("::") ? "127.0.0.1" : host;
        String scheme = parts.settings().tls() == null ? "http" : "https";
        return URI.create(
                scheme + "://" + (reachable.contains(":") ? "[" + reachable + "]" : reachable) + ":" + port());
    }

    @Override
    public void close() {
        parts.live().closeAll();
        streams.close();
        javalin.stop();
    }

    private void configure(JavalinConfig config) {
        config.startup.showJavalinBanner = false;
        config.startup.showOldJavalinVersionWarning = false;
        config.startup.startupWatcherEnabled = false;
        config.http.prefer405over404 = true;
        config.http.generateEtags = false;
        config.http.defaultContentType = "text/plain";
        QueuedThreadPool threads = new QueuedThreadPool(MOST_THREADS, 2, 30_000);
        threads.setName("http");
        config.jetty.threadPool = threads;
        config.jetty.addConnector(this::connector);
        config.jetty.modifyServer(server -> {
            server.setErrorHandler(new ErrorAnswers.BeforeRouting());
            // Waiting would be for idle keep-alive connections of clients, which never end by themselves.
            server.setStopTimeout(0);
        });
        config.jetty.modifyHttpConfiguration(http -> {
            http.setSendServerVersion(false);
            http.setSendDateHeader(true);
        });

        RunLookup runs = new RunLookup(parts.control(), parts.archive(), parts.live());
        Assets assets = new Assets();
        Overview overview = new Overview(parts, runs, assets.version());
        config.routes.before(this::protect);
        config.routes.post("/v1/session", ctx -> {
            sessions.begin(ctx);
            ctx.status(204);
        });
        new StatusRoutes(parts, overview, streams).register(config.routes);
        new RunbookRoutes(parts, runs).register(config.routes);
        ClusterRoutes cluster = new ClusterRoutes(parts.timetable());
        cluster.register(config.routes);
        new RunRoutes(parts.control(), runs, parts.live(), streams, cluster).register(config.routes);
        new AuditRoutes(parts.trail()).register(config.routes);
        new ChecklistRoutes(parts.archive()).register(config.routes);
        new ProtectionRoutes(parts.protection()).register(config.routes);
        new ReplicationRoutes(parts).register(config.routes);
        new HeavyWorkRoutes(parts.control()::heavy).register(config.routes);
        new MetaHealthRoutes(parts).register(config.routes);
        new PitrRoutes(parts).register(config.routes);
        PageRoutes pages = new PageRoutes(parts, runs, overview, assets);
        pages.register(config.routes);
        new ErrorAnswers(pages).register(config.routes);
    }

    private void protect(Context ctx) {
        ctx.header("Content-Security-Policy", CONTENT_POLICY)
                .header("X-Content-Type-Options", "nosniff")
                .header("X-Frame-Options", "DENY")
                .header("Referrer-Policy", "no-referrer")
                .header("Cross-Origin-Resource-Policy", "same-origin")
                .header("Cache-Control", "no-store");
        access.check(ctx);
    }

    private Connector connector(Server server, HttpConfiguration http) {
        AgentConfig.Tls tls = parts.settings().tls();
        ServerConnector connector;
        if (tls == null) {
            connector = new ServerConnector(server, 1, 1, new HttpConnectionFactory(http));
        } else {
            // The host names in the certificate are for clients to check; agents are also reached by address.
            http.addCustomizer(new SecureRequestCustomizer(false));
            connector = new ServerConnector(
                    server,
                    1,
                    1,
                    new SslConnectionFactory(certificates(tls), "http/1.1"),
                    new HttpConnectionFactory(http));
        }
        connector.setHost(parts.settings().listen().getHostString());
        connector.setPort(parts.settings().listen().getPort());
        connector.setIdleTimeout(HEARTBEAT.multipliedBy(2).toMillis());
        return connector;
    }

    private static SslContextFactory.Server certificates(AgentConfig.Tls tls) {
        SslContextFactory.Server certificates = new SslContextFactory.Server();
        String password = UUID.randomUUID().toString();
        certificates.setKeyStore(PemFiles.identity(tls, password));
        certificates.setKeyStorePassword(password);
        if (tls.clientCa() != null) {
            certificates.setTrustStore(PemFiles.authorities(tls.clientCa()));
            certificates.setWantClientAuth(true);
        }
        return certificates;
    }

    private RuntimeException refused(RuntimeException e) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof OperatorException known) {
                return known;
            }
            if (cause instanceof BindException) {
                String listen = parts.settings().listen().getHostString() + ":"
                        + parts.settings().listen().getPort();
                return new OperatorException(
                        "cannot listen on " + listen + ": " + cause.getMessage(),
                        "Another agent may be running ('ss -ltnp' says who), or set http.listen to another address.",
                        e);
            }
        }
        return e;
    }
}
