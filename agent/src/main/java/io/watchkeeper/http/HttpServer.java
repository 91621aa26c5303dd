package io.watchkeeper.http;

import io.javalin.Javalin;
import io.javalin.config.JavalinConfig;
import io.javalin.http.Context;
import io.watchkeeper.approval.Approvals;
import io.watchkeeper.audit.Audit;
import io.watchkeeper.audit.AuditSearch;
import io.watchkeeper.config.AgentConfig;
import io.watchkeeper.measures.Measurements;
import io.watchkeeper.metrics.MetricsPage;
import io.watchkeeper.postgres.ServerUpkeep;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.protection.Protection;
import io.watchkeeper.replicas.ReplicationBoard;
import io.watchkeeper.replicas.ReplicationLimits;
import io.watchkeeper.review.Review;
import io.watchkeeper.runbook.RunbookRegistry;
import io.watchkeeper.runbook.TableState;
import java.net.BindException;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.NetworkConnectionLimit;
import org.eclipse.jetty.server.SecureRequestCustomizer;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.jspecify.annotations.Nullable;

/** Serves the API, the metrics and the status page. */
public final class HttpServer implements AutoCloseable {

    private static final Duration HEARTBEAT = Duration.ofSeconds(15);
    private static final int MOST_THREADS = 24;

    /**
     * Requests worked on at once. The other threads accept connections, and say that the agent lives; with many more at work than
     * there are processors they would have a thread, and wait for a processor.
     */
    private static final int MOST_AT_ONCE =
            Math.min(16, Math.max(4, 2 * Runtime.getRuntime().availableProcessors()));

    /** Clients slower than any line get so long. */
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    /**
     * What the system holds of an answer. It takes more only when a third has gone: of the megabytes that it would hold otherwise, a third
     * takes so long over a slow line that its client would seem to take nothing.
     */
    private static final int SEND_BUFFER = 128 * 1024;

    /** What this process holds of answers, in bytes: so slow clients of long ones keep no thread waiting. */
    private static final long MOST_HELD = 24L << 20;

    private static final Duration CERTIFICATE_CHECK = Duration.ofSeconds(10);

    /** Idle connections are cut after so long while no more are accepted. */
    private static final Duration IDLE_WHEN_FULL = Duration.ofSeconds(1);

    private static final Pattern BROKEN_ESCAPE = Pattern.compile("%(?![0-9A-Fa-f]{2})");

    private static final long HSTS_SECONDS = Duration.ofDays(730).toSeconds();

    /** How often and how long things are waited for. */
    record Waits(Duration heartbeat, Duration patience, Duration certificateCheck) {}

    /**
     * Who is asked. None of these is called before the first request that needs it.
     *
     * @param protection throws OperatorException where the repository of backups cannot be read
     * @param tables as the store knows them
     * @param measures figures over time, in the same store
     * @param trail who did what on this host
     * @param upkeep as the servers were found last; asks none
     * @param objectives whether databases keep what is promised of them, as it was measured last; asks none
     * @param limits of how far replicas may be behind
     * @param live must be among the runner's listeners, after the history
     * @param audit has every change that is asked for before it is done, and who was refused
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
            Measurements measures,
            AuditSearch trail,
            ReplicationBoard replication,
            ReplicationLimits limits,
            Supplier<List<ServerUpkeep>> upkeep,
            Supplier<List<Review>> objectives,
            DrillMaker drills,
            TenantMaker tenants,
            MigrationMaker migrations,
            Approvals approvals,
            Readiness readiness,
            LiveEvents live,
            Audit audit,
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
    private final CallRecord record;
    private final Access access;
    private final SlowClients slowClients;
    private final HeldAnswer.Memory answers = new HeldAnswer.Memory(MOST_HELD);
    private final @Nullable CertificateWatch certificates;
    private final Javalin javalin;

    /** @throws OperatorException when the TLS files are wrong */
    public HttpServer(Parts parts) {
        this(parts, new Waits(HEARTBEAT, PATIENCE, CERTIFICATE_CHECK), System::nanoTime);
    }

    /** @param nanos as {@link System#nanoTime}, what lockouts and the like are measured by */
    HttpServer(Parts parts, Waits waits, LongSupplier nanos) {
        this.parts = parts;
        AgentConfig.Tls tls = parts.settings().tls();
        this.certificates = tls == null ? null : new CertificateWatch(tls, waits.certificateCheck(), parts.clock());
        this.slowClients = new SlowClients(waits.patience());
        this.record = new CallRecord(parts.audit(), nanos);
        this.access = new Access(
                parts.settings(),
                new OurNames(parts.settings().listen(), parts.about().host()),
                () -> certificates == null ? Revocations.NONE : certificates.revocations(),
                record,
                parts.clock(),
                nanos);
        this.streams = new EventStreams(waits.heartbeat(), access::staysGood);
        this.javalin = Javalin.create(this::configure);
    }

    /** @throws OperatorException when the address is taken */
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

    /** What is held now of answers that their clients have not taken yet, in bytes. */
    long heldOfAnswers() {
        return answers.held();
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
        slowClients.close();
        if (certificates != null) {
            certificates.close();
        }
        javalin.stop();
        record.close();
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
            server.setHandler(new RequestGate(MOST_AT_ONCE, slowClients, answers));
            // Waiting would be for idle keep-alive connections of clients, which never end by themselves.
            server.setStopTimeout(0);
        });
        config.jetty.modifyHttpConfiguration(http -> {
            http.setSendServerVersion(false);
            http.setSendDateHeader(true);
            http.setRequestHeaderSize(parts.settings().bounds().maxHeaders());
        });

        RunLookup runs = new RunLookup(parts.control(), parts.archive(), parts.live());
        Assets assets = new Assets();
        Overview overview = new Overview(parts, runs, assets.version());
        config.routes.before(this::protect);
        config.routes.beforeMatched(access::note);
        config.routes.post(Access.SESSION, ctx -> {
            access.beginSession(ctx);
            ctx.status(204);
        });
        new StatusRoutes(parts, overview, streams).register(config.routes);
        new RunbookRoutes(parts, runs, overview).register(config.routes);
        ClusterRoutes cluster = new ClusterRoutes(parts.timetable());
        cluster.register(config.routes);
        new RunRoutes(parts.control(), runs, parts.live(), streams, cluster, record).register(config.routes);
        new AuditRoutes(parts.trail()).register(config.routes);
        new ChecklistRoutes(parts.archive()).register(config.routes);
        new ProtectionRoutes(parts.protection()).register(config.routes);
        new ReplicationRoutes(parts).register(config.routes);
        new HeavyWorkRoutes(parts.control()::heavy).register(config.routes);
        new MetaHealthRoutes(parts).register(config.routes);
        new ObjectiveRoutes(parts.objectives()).register(config.routes);
        new PitrRoutes(parts).register(config.routes);
        new TenantRoutes(parts).register(config.routes);
        new MigrateRoutes(parts, runs).register(config.routes);
        new ApprovalRoutes(parts, runs).register(config.routes);
        PageRoutes pages = new PageRoutes(parts, runs, overview, assets);
        pages.register(config.routes);
        new TableRoutes(parts, overview).register(config.routes);
        new AuditPageRoutes(parts, overview).register(config.routes);
        new ErrorAnswers(pages, record).register(config.routes);
    }

    private void protect(Context ctx) {
        RequestId.noteIn(ctx);
        SecurityHeaders.ALL.forEach(ctx::header);
        if (BROKEN_ESCAPE.matcher(ctx.path()).find()) {
            // Behind a semicolon the server lets it pass, and whoever decodes it fails.
            throw ApiException.badRequest("the address holds a broken escape", "A percent sign is written %25.");
        }
        access.check(ctx);
    }

    private Connector connector(Server server, HttpConfiguration http) {
        ServerConnector connector;
        if (certificates == null) {
            connector = new ServerConnector(server, 1, 1, new HttpConnectionFactory(http));
        } else {
            // The host names in the certificate are for clients to check; agents are also reached by address.
            SecureRequestCustomizer customizer = new SecureRequestCustomizer(false);
            customizer.setStsMaxAge(HSTS_SECONDS);
            http.addCustomizer(customizer);
            connector = new ServerConnector(
                    server,
                    1,
                    1,
                    new SslConnectionFactory(certificates.factory(), "http/1.1"),
                    new HttpConnectionFactory(http));
        }
        connector.addBean(slowClients);
        connector.setAcceptedSendBufferSize(SEND_BUFFER);
        NetworkConnectionLimit limit =
                new NetworkConnectionLimit(parts.settings().bounds().maxConnections(), connector);
        limit.setEndPointIdleTimeout(IDLE_WHEN_FULL.toMillis());
        server.addBean(limit);
        connector.setHost(parts.settings().listen().getHostString());
        connector.setPort(parts.settings().listen().getPort());
        connector.setIdleTimeout(HEARTBEAT.multipliedBy(2).toMillis());
        return connector;
    }

    private RuntimeException refused(RuntimeException e) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof OperatorException known) {
                return known;
            }
            if (cause instanceof BindException) {
                String listen = parts.settings().listen().getHostString() + ":"
                        + parts.settings().listen().getPort();
                boolean elsewhere = String.valueOf(cause.getMessage()).contains("assign requested address");
                return new OperatorException(
                        "cannot listen on " + listen + ": " + cause.getMessage(),
                        elsewhere
                                ? "This host does not have the address, or does not have it yet ('ip address' says which it has):"
                                        + " bring its interface up, or set http.listen to another address."
                                : "Another agent may be running ('ss -ltnp' says who), or set http.listen to another address.",
                        e);
            }
        }
        return e;
    }
}
