package io.watchkeeper.http;

import io.watchkeeper.audit.AuditEntry;
import io.watchkeeper.audit.AuditEvent;
import io.watchkeeper.audit.AuditQuery;
import io.watchkeeper.audit.AuditSearch;
import io.watchkeeper.audit.AuditState;
import io.watchkeeper.checklist.KeptReport;
import io.watchkeeper.config.AgentConfig;
import io.watchkeeper.engine.ArbiterState;
import io.watchkeeper.engine.LogLine;
import io.watchkeeper.engine.RunHandle;
import io.watchkeeper.engine.RunParameters;
import io.watchkeeper.engine.RunRequest;
import io.watchkeeper.history.RunHistory;
import io.watchkeeper.metrics.RunMetrics;
import io.watchkeeper.postgres.ServerUpkeep;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.problem.Problem;
import io.watchkeeper.protection.Protection;
import io.watchkeeper.replicas.ReplicationBoard;
import io.watchkeeper.replicas.ReplicationLimits;
import io.watchkeeper.review.Review;
import io.watchkeeper.runbook.Parameter;
import io.watchkeeper.runbook.Policy;
import io.watchkeeper.runbook.Requester;
import io.watchkeeper.runbook.RunOutcome;
import io.watchkeeper.runbook.RunState;
import io.watchkeeper.runbook.RunTicks;
import io.watchkeeper.runbook.RunTrigger;
import io.watchkeeper.runbook.Runbook;
import io.watchkeeper.runbook.RunbookRegistry;
import io.watchkeeper.runbook.Schedule;
import io.watchkeeper.runbook.SourceLocation;
import io.watchkeeper.runbook.Step;
import io.watchkeeper.runbook.TableState;
import io.watchkeeper.runbook.Timing;
import io.watchkeeper.units.Secret;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A real server on a port of its own, over runs, runbooks and fire times that a test sets by hand. */
final class AgentStandIn implements AutoCloseable {

    static final Secret TOKEN = Secret.of("correct-horse-battery-staple");
    static final Instant NOW = Instant.parse("2026-11-21T03:00:00Z");

    final RunbookRegistry registry = withoutRunbooks();
    final LiveEvents live = new LiveEvents(registry);
    final RunMetrics metrics = new RunMetrics(registry, "0.1.0-test", Map.of());
    final Map<String, RunOutcome> runs = new TreeMap<>(Comparator.reverseOrder());
    final Map<String, List<LogLine>> logs = new HashMap<>();
    final Map<String, String> verifications = new HashMap<>();
    final Map<String, String> reportPages = new HashMap<>();
    final List<KeptReport> checklists = new ArrayList<>();
    final List<RunRequest> started = new ArrayList<>();
    final List<String> cancelled = new ArrayList<>();
    final Set<String> paused = new HashSet<>();
    final List<String> notReadyBecause = new ArrayList<>();
    final List<String> warnings = new ArrayList<>();
    final HttpServer server;
    Protection protection = Protection.NONE;

    List<TableState> tables = List.of();
    final KeptMeasurements measures = new KeptMeasurements();
    final List<RunTicks> ticks = new ArrayList<>();
    final ReplicationBoard replication = new ReplicationBoard();
    List<ServerUpkeep> upkeep = List.of();
    List<Review> objectives = List.of();

    AuditSearch audit = AuditSearch.none();

    final List<String> drills = new ArrayList<>();
    final List<AuditEvent> audited = new CopyOnWriteArrayList<>();

    /** Stands still until a test moves it. */
    final MovableClock clock = new MovableClock(NOW);

    @Nullable
    OperatorException auditFailure;

    /** While it is not zero, nothing can be recorded, and whoever records waits. */
    volatile CountDownLatch auditHeld = new CountDownLatch(0);

    final List<TenantMaker.Wish> tenants = new ArrayList<>();

    @Nullable
    OperatorException refusal;

    @Nullable
    OperatorException drillRefusal;

    TenantMaker.@Nullable Refused tenantRefusal;
    final List<String> migrations = new ArrayList<>();
    final HeldApprovals approvals = new HeldApprovals();
    /** What is thrown where runs are asked for; null while the store can be read. */
    volatile @Nullable OperatorException storeFailure;

    int approvers;
    RunState dryRunsEnd = RunState.SUCCEEDED;

    @Nullable
    OperatorException migrationRefusal;

    private final HttpClient client;

    private AgentStandIn(AgentConfig.Http settings, HttpClient client, HttpServer.Waits waits) {
        this.client = client;
        this.server = new HttpServer(
                new HttpServer.Parts(
                        new HttpServer.About(
                                "shore-1",
                                "primary",
                                "0.1.0-test",
                                NOW.minus(Duration.ofHours(5)),
                                "/etc/watchkeeper/watchkeeper.yaml",
                                "/etc/watchkeeper/runbooks"),
                        settings,
                        registry,
                        new Control(),
                        new Archive(),
                        new Times(),
                        metrics,
                        () -> protection,
                        () -> tables,
                        measures,
                        new Trail(),
                        replication,
                        ReplicationLimits.USUAL,
                        () -> upkeep,
                        () -> objectives,
                        this::drill,
                        this::tenant,
                        this::migration,
                        approvals,
                        new Ready(),
                        live,
                        this::audited,
                        clock),
                waits,
                clock::nanos);
    }

    private void audited(AuditEvent event) {
        try {
            auditHeld.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (auditFailure != null) {
            throw auditFailure;
        }
        audited.add(event);
    }

    /** As the daemon makes it, of a run that does nothing. */
    private Runbook drill(@Nullable String database, @Nullable String timestamp, @Nullable String lsn) {
        if (drillRefusal != null) {
            throw drillRefusal;
        }
        drills.add(database + " " + timestamp + " " + lsn);
        return runbook("drill");
    }

    /** As the daemon makes it, of a run that does nothing. */
    private String tenant(TenantMaker.Wish wish, Function<Runbook, RunHandle> start) {
        tenants.add(wish);
        if (tenantRefusal != null) {
            throw tenantRefusal;
        }
        return start.apply(runbook("tenant")).runId();
    }

    /** Likewise. */
    private MigrationMaker.Migration migration(String revision, boolean revert) {
        if (migrationRefusal != null) {
            throw migrationRefusal;
        }
        migrations.add(revision + (revert ? " back" : ""));
        return new MigrationMaker.Migration(
                runbook("migrate"), "migrate shore to " + revision, "digest of " + revision, approvers);
    }

    /** As when the folder was read and nothing was in it. */
    private static RunbookRegistry withoutRunbooks() {
        RunbookRegistry registry = new RunbookRegistry();
        registry.swap(new RunbookRegistry.Contents(new TreeMap<>(), List.of()));
        return registry;
    }

    static AgentStandIn start() {
        return start(settings("127.0.0.1", TOKEN, null, false));
    }

    static AgentStandIn start(AgentConfig.Http settings) {
        return start(settings, HttpClient.newHttpClient());
    }

    static AgentStandIn start(AgentConfig.Http settings, HttpClient client) {
        return start(settings, client, Duration.ofSeconds(15));
    }

    static AgentStandIn start(AgentConfig.Http settings, HttpClient client, Duration heartbeat) {
        return start(settings, client, new HttpServer.Waits(heartbeat, Duration.ofSeconds(10), Duration.ofSeconds(10)));
    }

    static AgentStandIn start(AgentConfig.Http settings, HttpClient client, HttpServer.Waits waits) {
        AgentStandIn agent = new AgentStandIn(settings, client, waits);
        agent.server.start();
        return agent;
    }

    static AgentConfig.Http settings(
            String host, @Nullable Secret token, AgentConfig.@Nullable Tls tls, boolean openMetrics) {
        return new AgentConfig.Http(new InetSocketAddress(host, 0), token, tls, openMetrics, 4_096);
    }

    // ---- what the agent knows

    static Runbook runbook(String name, Parameter... parameters) {
        return runbook(name, "/etc/watchkeeper/runbooks/" + name + ".groovy", parameters);
    }

    static Runbook runbook(String name, String file, Parameter... parameters) {
        Schedule schedule = new Schedule(
                new Timing.Every(Duration.ofMinutes(15)),
                ZoneId.of("Asia/Seoul"),
                Duration.ZERO,
                Schedule.Missed.RUN_ONCE,
                null,
                List.of());
        return new Runbook(
                name,
                "Copies what changed ashore",
                "dba",
                Set.of("primary"),
                schedule,
                Policy.DEFAULT,
                List.of(),
                List.of(parameters),
                List.of(new Step("merge what changed", new SourceLocation(file, 3), context -> {})),
                null,
                null,
                new SourceLocation(file, 1),
                "f00d");
    }

    void load(Runbook... runbooks) {
        load(List.of(), runbooks);
    }

    void load(List<Problem> problems, Runbook... runbooks) {
        registry.swap(new RunbookRegistry.Contents(
                Arrays.stream(runbooks).collect(Collectors.toMap(Runbook::name, r -> r, (a, b) -> b, TreeMap::new)),
                problems));
    }

    static RunOutcome run(String id, String runbook, RunState state) {
        return new RunOutcome(
                id,
                runbook,
                "shore-1",
                state,
                NOW.minus(Duration.ofMinutes(10)),
                Duration.ofMillis(3_800),
                false,
                RunTrigger.SCHEDULE,
                Map.of(),
                List.of(),
                null);
    }

    /** The same, asked for by somebody. */
    static RunOutcome by(RunOutcome run, Requester who) {
        return new RunOutcome(
                run.runId(),
                run.runbook(),
                run.host(),
                run.state(),
                run.startedAt(),
                run.duration(),
                run.dryRun(),
                run.trigger(),
                run.params(),
                run.steps(),
                run.error(),
                run.checklist(),
                who);
    }

    /** A run id whose order is that of its number. */
    static String id(int number) {
        return String.format(Locale.ROOT, "01JD8%021d", number);
    }

    RunOutcome past(RunOutcome run) {
        runs.put(run.runId(), run);
        return run;
    }

    /** Announces the run as the engine does. */
    RunOutcome begin(String id, String runbook) {
        RunOutcome accepted = past(run(id, runbook, RunState.QUEUED));
        live.runAccepted(accepted);
        RunOutcome running = past(run(id, runbook, RunState.RUNNING));
        live.runStarted(running);
        return running;
    }

    RunOutcome finish(String id, String runbook, RunState state) {
        RunOutcome ended = past(run(id, runbook, state));
        live.runFinished(ended);
        metrics.runFinished(ended);
        return ended;
    }

    static LogLine line(String message) {
        return new LogLine(NOW, LogLine.Level.INFO, message);
    }

    // ---- calls

    HttpResponse<String> get(String path, String... headers) {
        return send(request("GET", path, null, headers));
    }

    HttpResponse<String> call(String method, String path, @Nullable String body, String... headers) {
        return send(request(method, path, body, headers));
    }

    /** With the right token and, when there is a body, the right content type. */
    HttpResponse<String> change(String method, String path, @Nullable String body) {
        return body == null
                ? call(method, path, null, "Authorization", "Bearer " + TOKEN.reveal())
                : call(
                        method,
                        path,
                        body,
                        "Authorization",
                        "Bearer " + TOKEN.reveal(),
                        "Content-Type",
                        "application/json");
    }

    HttpRequest request(String method, String path, @Nullable String body, String... headers) {
        HttpRequest.Builder request = HttpRequest.newBuilder(uri(path))
                .timeout(Duration.ofSeconds(20))
                .method(
                        method,
                        body == null ? HttpRequest.BodyPublishers.noBody() : HttpRequest.BodyPublishers.ofString(body));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return request.build();
    }

    URI uri(String path) {
        return URI.create(server.address() + path);
    }

    HttpResponse<String> send(HttpRequest request) {
        try {
            return client.send(request, HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** Exactly these bytes; the whole answer. For what a well-behaved client cannot be made to send. */
    String raw(String request) throws IOException {
        return rawFrom("127.0.0.1", request);
    }

    /** The same from another address of this host. */
    String rawFrom(String address, String request) throws IOException {
        try (Socket socket =
                new Socket(InetAddress.getByName("127.0.0.1"), server.port(), InetAddress.getByName(address), 0)) {
            socket.setSoTimeout(10_000);
            socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
            socket.getOutputStream().flush();
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    HttpClient client() {
        return client;
    }

    @Override
    public void close() {
        server.close();
    }

    /** What is said of heavy work. */
    ArbiterState heavy = ArbiterState.NONE;

    private final class Trail implements AuditSearch {
        @Override
        public List<AuditEntry> find(AuditQuery query) {
            return audit.find(query);
        }

        @Override
        public Optional<AuditEntry> newest(String subject, List<String> actions) {
            return audit.newest(subject, actions);
        }

        @Override
        public Set<String> subjects(String actionPrefix) {
            return audit.subjects(actionPrefix);
        }

        @Override
        public AuditState state() {
            return audit.state();
        }
    }

    private final class Control implements RunControl {
        @Override
        public RunHandle start(RunRequest request) {
            if (refusal != null) {
                throw refusal;
            }
            RunParameters.complete(request.runbook(), request.params());
            started.add(request);
            String runId = id(started.size());
            if (request.dryRun()) {
                past(by(run(runId, request.runbook().name(), dryRunsEnd), request.by()));
                return new RunHandle(runId, CompletableFuture.completedFuture(runs.get(runId)));
            }
            return new RunHandle(runId, new CompletableFuture<>());
        }

        @Override
        public List<RunOutcome> running() {
            return runs.values().stream().filter(r -> !r.state().isFinal()).toList();
        }

        @Override
        public boolean cancel(String runId, String reason) {
            return cancelled.add(runId);
        }

        @Override
        public ArbiterState heavy() {
            return heavy;
        }
    }

    private final class Archive implements RunArchive {
        @Override
        public List<RunOutcome> list(RunHistory.Query query) {
            return runs.values().stream()
                    .filter(r -> query.runbook() == null || r.runbook().equals(query.runbook()))
                    .filter(r -> query.state() == null || r.state() == query.state())
                    .filter(r -> query.before() == null || r.runId().compareTo(query.before()) < 0)
                    .limit(query.limit())
                    .toList();
        }

        @Override
        public Optional<RunOutcome> find(String runIdOrPrefix) {
            List<RunOutcome> found = runs.values().stream()
                    .filter(r -> r.runId().startsWith(runIdOrPrefix))
                    .toList();
            if (found.size() > 1) {
                throw new OperatorException("more than one run id begins with '" + runIdOrPrefix + "'", null);
            }
            return found.stream().findFirst();
        }

        @Override
        public List<LogLine> log(String runId) {
            return logs.getOrDefault(runId, List.of());
        }

        @Override
        public Optional<String> verification(String runId) {
            return Optional.ofNullable(verifications.get(runId));
        }

        @Override
        public Optional<String> report(String runId, String file) {
            return Optional.ofNullable(reportPages.get(runId)).filter(page -> file.equals("report.html"));
        }

        @Override
        public List<KeptReport> checklists() {
            return List.copyOf(checklists);
        }

        @Override
        public List<RunOutcome> verdicts(String runbook, int count) {
            Set<RunState> verdicts = Set.of(RunState.SUCCEEDED, RunState.FAILED, RunState.TIMED_OUT);
            return runs.values().stream()
                    .filter(r -> r.runbook().equals(runbook) && !r.dryRun() && verdicts.contains(r.state()))
                    .limit(count)
                    .toList();
        }

        @Override
        public List<RunTicks> ticks(Instant since, Duration stretch) {
            return ticks.stream().filter(tick -> !tick.at().isBefore(since)).toList();
        }

        @Override
        public Map<String, RunOutcome> lastRuns() {
            OperatorException failure = storeFailure;
            if (failure != null) {
                throw failure;
            }
            return runs.values().stream()
                    .filter(r -> !r.dryRun())
                    .collect(Collectors.toMap(RunOutcome::runbook, r -> r, (newest, older) -> newest));
        }
    }

    private final class Times implements Timetable {
        @Override
        public List<Instant> nextFireTimes(String runbook, int count) {
            return registry.find(runbook).filter(r -> r.schedule() != null).isEmpty()
                    ? List.of()
                    : java.util.stream.IntStream.rangeClosed(1, count)
                            .mapToObj(i -> NOW.plus(Duration.ofMinutes(15L * i)))
                            .toList();
        }

        @Override
        public boolean isPaused(String runbook) {
            return paused.contains(runbook);
        }

        @Override
        public void setPaused(String runbook, boolean pause) {
            if (pause) {
                paused.add(runbook);
            } else {
                paused.remove(runbook);
            }
        }
    }

    private final class Ready implements Readiness {
        @Override
        public List<String> reasons() {
            return List.copyOf(notReadyBecause);
        }

        @Override
        public List<String> warnings() {
            return List.copyOf(warnings);
        }
    }
}
