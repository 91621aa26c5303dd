package io.watchkeeper.http;

import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.watchkeeper.checklist.ReportFiles;
import io.watchkeeper.engine.LogLine;
import io.watchkeeper.http.page.ClusterRuns;
import io.watchkeeper.http.page.Excerpt;
import io.watchkeeper.http.page.PlainPages;
import io.watchkeeper.http.page.RunPage;
import io.watchkeeper.http.page.RunView;
import io.watchkeeper.http.page.RunbookPage;
import io.watchkeeper.http.page.RunbookView;
import io.watchkeeper.http.page.Saying;
import io.watchkeeper.http.page.StatusPage;
import io.watchkeeper.http.page.Words;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.runbook.RunDocument;
import io.watchkeeper.runbook.RunError;
import io.watchkeeper.runbook.RunOutcome;
import io.watchkeeper.runbook.RunState;
import io.watchkeeper.runbook.Runbook;
import io.watchkeeper.runbook.Schedule;
import io.watchkeeper.runbook.Timing;
import io.watchkeeper.units.Secret;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.time.ZoneId;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The status page and what hangs on it. */
final class PageRoutes {

    private static final int RUNS_OF_A_RUNBOOK = 20;
    private static final int RUNS_ON_A_PAGE = 50;
    private static final int MOST_LINES = 1_000;
    private static final int FIRE_TIMES = 5;

    private final HttpServer.Parts parts;
    private final RunLookup runs;
    private final Overview overview;
    private final Assets assets;

    PageRoutes(HttpServer.Parts parts, RunLookup runs, Overview overview, Assets assets) {
        this.assets = assets;
        this.parts = parts;
        this.runs = runs;
        this.overview = overview;
    }

    void register(RoutesConfig routes) {
        routes.get("/", ctx -> html(ctx, StatusPage.render(overview.view(), saying(ctx))));
        routes.get("/runs", this::runs);
        routes.get("/runs/{id}", ctx -> html(ctx, RunPage.render(run(ctx, MOST_LINES), saying(ctx))));
        routes.get("/runbooks/{name}", this::runbook);
        routes.get("/v1/runs/{id}/report", this::report);
        routes.get(Access.ASSETS + "{file}", assets::serve);
    }

    /** The same in a browser's words, when a browser asked for a page. Who was not let in is told nothing about the agent. */
    boolean answer(Context ctx, int status, String detail, @Nullable String hint) {
        if (ctx.path().startsWith("/v1/") || !RunRoutes.wants(ctx, "text/html")) {
            return false;
        }
        ctx.status(status);
        html(
                ctx,
                status == 401
                        ? PlainPages.signIn(overview.agent(), saying(ctx))
                        : PlainPages.error(
                                overview.agent(),
                                saying(ctx),
                                detail,
                                hint,
                                Caller.find(ctx).isPresent()));
        return true;
    }

    private void runs(Context ctx) {
        Query query = Query.of(ctx, "runbook", "state", "before");
        String runbook = query.text("runbook").orElse(null);
        RunState state = query.text("state").map(RunRoutes::state).orElse(null);
        String before = query.text("before").map(RunRoutes::wholeId).orElse(null);
        List<RunOutcome> found = runs.list(runbook, state, RUNS_ON_A_PAGE + 1, before);
        boolean more = found.size() > RUNS_ON_A_PAGE;
        List<RunOutcome> shown = more ? found.subList(0, RUNS_ON_A_PAGE) : found;
        String older = more ? shown.get(shown.size() - 1).runId() : null;
        html(ctx, PlainPages.runs(overview.agent(), saying(ctx), shown, runbook, state, older));
    }

    private void runbook(Context ctx) {
        Runbook runbook = RunbookRoutes.find(parts.registry(), ctx.pathParam("name"));
        Schedule schedule = runbook.schedule();
        RunbookView view = new RunbookView(
                overview.agent(),
                runbook,
                scheduleWords(runbook),
                schedule == null ? "" : raw(schedule.timing()),
                parts.timetable().nextFireTimes(runbook.name(), FIRE_TIMES),
                parts.timetable().isPaused(runbook.name()),
                runs.list(runbook.name(), null, RUNS_OF_A_RUNBOOK, null),
                cluster(runbook),
                SourceText.of(runbook.location().file()).orElse(null));
        html(ctx, RunbookPage.render(view, saying(ctx)));
    }

    private @Nullable ClusterRuns cluster(Runbook runbook) {
        Optional<ClusterView> cluster = parts.timetable().cluster();
        if (cluster.isEmpty() || !runbook.isClusterWide()) {
            return null;
        }
        Optional<String> trouble = cluster.get().trouble();
        if (trouble.isPresent()) {
            return new ClusterRuns(List.of(), trouble);
        }
        try {
            return new ClusterRuns(cluster.get().runs(runbook.name(), RUNS_OF_A_RUNBOOK), trouble);
        } catch (OperatorException e) {
            return new ClusterRuns(List.of(), Optional.of(String.valueOf(e.getMessage())));
        }
    }

    private void report(Context ctx) {
        Query query = Query.of(ctx, "format");
        String format = query.text("format")
                .orElse(
                        RunRoutes.wants(ctx, "application/json") && !RunRoutes.wants(ctx, "text/html")
                                ? "json"
                                : "html");
        switch (format) {
            case "html" -> htmlReport(ctx);
            case "json" -> jsonReport(ctx);
            case "markdown" -> markdownReport(ctx);
            default ->
                throw ApiException.badRequest(
                        "there is no format '" + format + "'", "formats: html, json, markdown (of checklists).");
        }
    }

    /** What the run's verbs have written, else its document. */
    private void jsonReport(Context ctx) {
        RunOutcome run = runs.get(ctx.pathParam("id"));
        Optional<String> verification = parts.archive().verification(run.runId());
        if (verification.isPresent()) {
            ctx.contentType("application/json").result(Secret.redact(verification.get()));
        } else {
            Json.send(ctx, RunDocument.of(run));
        }
    }

    /** Only checklists have one. */
    private void markdownReport(Context ctx) {
        RunOutcome run = runs.get(ctx.pathParam("id"));
        String text = inLanguage(ctx, run, ReportFiles::markdown)
                .orElseThrow(() -> ApiException.notFound(
                        "run " + run.runId() + " of " + run.runbook() + " has no report as Markdown",
                        "Checklists have one once they have ended. Formats of every run: html, json."));
        ctx.contentType("text/markdown;charset=utf-8").result(Secret.redact(text));
    }

    /** In the browser's language, where there is one. */
    private Optional<String> inLanguage(Context ctx, RunOutcome run, Function<Locale, String> file) {
        Locale language = Words.in(ctx.header("Accept-Language")).language();
        return parts.archive()
                .report(run.runId(), file.apply(language))
                .or(() -> parts.archive().report(run.runId(), file.apply(Locale.ENGLISH)));
    }

    /** What the run's verbs have written for people, else its document as one page. */
    private void htmlReport(Context ctx) {
        RunOutcome found = runs.get(ctx.pathParam("id"));
        Optional<String> written = inLanguage(ctx, found, ReportFiles::html);
        if (written.isPresent()) {
            // It brings its styles along and has no script; none would be run.
            ctx.header(
                    "Content-Security-Policy",
                    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'");
            ctx.contentType("text/html;charset=utf-8").result(Secret.redact(written.get()));
            return;
        }
        String style = assets.style();
        // The one inline style of the whole server is allowed by its digest.
        ctx.header(
                "Content-Security-Policy",
                "default-src 'none'; style-src 'sha256-" + digest(style)
                        + "'; base-uri 'none'; frame-ancestors 'none'");
        html(ctx, RunPage.report(run(ctx, Integer.MAX_VALUE), saying(ctx), style));
    }

    private RunView run(Context ctx, int mostLines) {
        RunOutcome run = runs.get(ctx.pathParam("id"));
        List<LogLine> log = runs.log(run);
        int leftOut = Math.max(0, log.size() - mostLines);
        return new RunView(
                overview.agent(),
                run,
                parts.registry().find(run.runbook()).orElse(null),
                log.subList(leftOut, log.size()),
                leftOut,
                parts.live().progress(run.runId()),
                parts.live().rates(run.runId()),
                scheduleWords(parts.registry().find(run.runbook()).orElse(null)),
                excerpt(run.error()));
    }

    private static String scheduleWords(@Nullable Runbook runbook) {
        return runbook == null || runbook.schedule() == null ? "" : ScheduleWords.say(runbook.schedule());
    }

    private @Nullable Excerpt excerpt(@Nullable RunError error) {
        if (error == null || error.file() == null) {
            return null;
        }
        return overview.excerpt(error.file(), error.line());
    }

    private Saying saying(Context ctx) {
        return saying(ctx, parts.clock());
    }

    /** In the words of the reader's language. */
    static Saying saying(Context ctx, Clock clock) {
        return new Saying(Words.in(ctx.header("Accept-Language")), clock.instant(), ZoneId.systemDefault());
    }

    static void html(Context ctx, String page) {
        ctx.contentType("text/html; charset=utf-8")
                .header("Vary", "Accept-Language")
                .result(page);
    }

    private static String raw(Timing timing) {
        return timing instanceof Timing.Cron cron ? cron.expression() : "";
    }

    private static String digest(String text) {
        try {
            return Base64.getEncoder()
                    .encodeToString(MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
