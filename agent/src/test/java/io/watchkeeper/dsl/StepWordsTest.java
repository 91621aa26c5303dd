package io.watchkeeper.dsl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.sun.net.httpserver.HttpServer;
import io.watchkeeper.alert.Alert;
import io.watchkeeper.postgres.WorkCancelledException;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.runbook.RunError;
import io.watchkeeper.runbook.Runbook;
import io.watchkeeper.runbook.VerbResult;
import io.watchkeeper.testing.StoppableWork;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The words of a step that need no database. */
class StepWordsTest {

    private final Loading.SentAlerts alerts = new Loading.SentAlerts();
    private final RecordingContext context = new RecordingContext(false);
    private final RecordingContext dry = new RecordingContext(true);

    private Runbook runbook(String text) {
        return Loading.runbook(Loading.loader(alerts), text);
    }

    private void run(RecordingContext in, String code) throws Exception {
        runbook("runbook('test') {\nstep('s') {\n" + code + "\n}\n}")
                .steps()
                .get(0)
                .body()
                .run(in);
    }

    private OperatorException failure(String code) {
        return catchThrowableOfType(OperatorException.class, () -> run(context, code));
    }

    private Map<String, Object> onlyResult() {
        assertThat(context.results).hasSize(1);
        return context.results.get(0).fields();
    }

    @Test
    void logs() throws Exception {
        run(context, "log.info \"one ${1 + 1}\"; log.warn 3");

        assertThat(context.log).containsExactly("info one 2", "warn 3");
    }

    @Test
    void readsParameters() throws Exception {
        context.params.put("since", "1 day");

        run(context, "log.info param('since'); log.info params.since");

        assertThat(context.log).containsExactly("info 1 day", "info 1 day");
    }

    @Test
    void saysThatAParameterIsNotDeclared() {
        context.params.put("since", "1 day");

        OperatorException failure = failure("param('sinec')");

        assertThat(failure).hasMessage("this run has no parameter 'sinec'");
        assertThat(failure.hint()).isEqualTo("did you mean 'since'? Declared: since.");
    }

    @Test
    void runsEachTimeAfresh() throws Exception {
        Runbook runbook = runbook("runbook('test') { step('s') { int n = 0; n++; log.info n } }");

        runbook.steps().get(0).body().run(context);
        runbook.steps().get(0).body().run(context);

        assertThat(context.log).containsExactly("info 1", "info 1");
    }

    @Test
    void seesWhatTheRunbookDeclaresOutside() throws Exception {
        Runbook runbook = runbook("""
                def tables = ['a', 'b']
                runbook('test') { step('s') { tables.each { t -> log.info t } } }
                """);

        runbook.steps().get(0).body().run(context);

        assertThat(context.log).containsExactly("info a", "info b");
    }

    @Test
    void alertsWithWhatIdentifiesTheAlert() throws Exception {
        run(context, "alert 'page', 'behind by 5'");

        assertThat(alerts.sent)
                .containsExactly(new Alert(
                        "page", "behind by 5", Map.of("host", "ship-7", "runbook", "test", "severity", "page")));
    }

    @Test
    void plansAnAlertInADryRun() throws Exception {
        run(dry, "alert 'page', 'behind by 5'");

        assertThat(alerts.sent).isEmpty();
        assertThat(dry.plans).containsExactly("alert page: behind by 5");
    }

    @Test
    void tellsWhyARunFailed() throws Exception {
        context.error = Optional.of(new RunError("the link is down", "look at the dish", "a.groovy", 7, "08006"));
        Runbook runbook = runbook("""
                runbook('test') {
                    step('s') { }
                    onFailure { alert 'page', "${error.message}; ${error.hint}; ${error.file}:${error.line} ${error.sqlState}" }
                }
                """);

        Objects.requireNonNull(runbook.onFailure()).run(context);

        assertThat(alerts.sent)
                .extracting(Alert::text)
                .containsExactly("the link is down; look at the dish; a.groovy:7 08006");
    }

    @Test
    void alertsOnRecovery() throws Exception {
        Runbook runbook = runbook("runbook('test') { step('s') { }; onRecovery { alert 'info', 'works again' } }");

        Objects.requireNonNull(runbook.onRecovery()).run(context);

        assertThat(alerts.sent).extracting(Alert::text).containsExactly("works again");
    }

    @Test
    void recordsACheckBelowItsThresholds() throws Exception {
        run(context, "log.info check('dead', 4) { warn 5; fail 10 }.status()");

        assertThat(onlyResult())
                .containsEntry("name", "dead")
                .containsEntry("status", "ok")
                .containsEntry("value", 4)
                .containsEntry("warn", 5)
                .containsEntry("fail", 10);
        assertThat(context.log).containsExactly("info ok");
    }

    @Test
    void warnsAtTheThreshold() throws Exception {
        run(context, "check('dead', 5.0) { warn 5; fail 10 }");

        assertThat(onlyResult()).containsEntry("status", "warn");
        assertThat(context.log).containsExactly("warn check 'dead': 5.0 has reached 5");
    }

    @Test
    void failsTheStepAtTheThreshold() {
        OperatorException failure =
                failure("check('dead', 10L) { warn 5; fail 10; remedy 'VACUUM t'; evidence([[n: 1]]) }");

        assertThat(failure).hasMessage("check 'dead': 10 has reached 10");
        assertThat(failure.hint()).isEqualTo("VACUUM t");
        assertThat(onlyResult())
                .containsEntry("status", "fail")
                .containsEntry("remedy", "VACUUM t")
                .containsKey("evidence");
    }

    @Test
    void checksConditionsDurationsAndShares() throws Exception {
        run(context, """
                check 'true', 1 < 2
                check('lag', 4.minutes) { warn 5.minutes; fail 1.hour }
                check('full', 96.percent) { warn 95.percent }
                """);

        assertThat(context.results).extracting(r -> r.fields().get("status")).containsExactly("ok", "ok", "warn");
        assertThat(failure("check 'false', 1 > 2")).hasMessage("check 'false' does not hold");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "while (true) { }",
                "for (;;) ;",
                "do { } while (true)",
                "(1..2_000_000_000).each { it }",
                "while (true) { try { [1].each { it } } catch (Exception e) { } }",
                "def f = { int n -> n + 1 }; int n = 0; while (n >= 0) n = f(n % 7)"
            })
    void stopsCodeThatCallsNoVerbWhenTheRunIsCancelled(String code) throws Exception {
        CompletableFuture<Throwable> stopped = new CompletableFuture<>();
        Thread thread = new Thread(() -> {
            try {
                run(context, "log.info 'begun'; " + code);
                stopped.completeExceptionally(new AssertionError("it ended by itself"));
            } catch (Throwable e) {
                stopped.complete(e);
            }
        });
        thread.setDaemon(true);
        thread.start();
        org.awaitility.Awaitility.await().until(() -> !context.log.isEmpty());

        thread.interrupt();

        assertThat(stopped.get(10, TimeUnit.SECONDS)).isInstanceOf(WorkCancelledException.class);
    }

    @Test
    void refusesToCompareWhatCannotBeCompared() {
        assertThat(failure("check('lag', 4.minutes) { warn 5 }")).hasMessage("check 'lag' compares 4 min with 5");
        assertThat(failure("def x = [a: 'text']; check('lag', x.a as Object) { warn 5 }"))
                .hasMessage("check 'lag' got the text 'text', which is not a number");
        assertThat(failure("check('lag', null) { warn 5 }")).hasMessage("check 'lag' got null, which is not a number");
    }

    @Test
    void checksNothingInADryRun() throws Exception {
        run(dry, "check('dead', null) { warn 5; fail 10 }; check('dead', 50) { fail 10 }; check 'no', false");

        assertThat(dry.results).isEmpty();
        assertThat(dry.plans).containsExactly("check dead", "check dead", "check no");
    }

    @Test
    void sleepsUntilTheRunIsCancelled() throws Exception {
        StoppableWork work = new StoppableWork("sleeper");
        context.work = work;
        CompletableFuture<Void> sleeping = CompletableFuture.runAsync(() -> {
            try {
                run(context, "log.info 'asleep'; sleep 1.hour");
            } catch (RuntimeException e) {
                throw e;
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
        org.awaitility.Awaitility.await().until(() -> !context.log.isEmpty());

        work.stop();

        assertThatThrownBy(() -> sleeping.get(5, TimeUnit.SECONDS))
                .isInstanceOf(ExecutionException.class)
                .hasCauseInstanceOf(WorkCancelledException.class);
    }

    @Test
    void doesNotSleepInADryRun() throws Exception {
        run(dry, "sleep 1.hour");

        assertThat(dry.plans).containsExactly("sleep 1 h");
    }

    @Test
    void passesFailuresOnAsTheyAre() {
        assertThatThrownBy(() -> run(context, "throw new IllegalStateException('no')"))
                .isExactlyInstanceOf(IllegalStateException.class)
                .hasMessage("no");
        assertThatThrownBy(() -> run(context, "[1].each { throw new Exception('checked') }"))
                .isExactlyInstanceOf(Exception.class)
                .hasMessage("checked");
    }

    @Test
    void getsAnAddress() throws Exception {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/health", exchange -> {
            byte[] body = "well".getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(503, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.start();
        try {
            String url = "http://127.0.0.1:" + server.getAddress().getPort() + "/health";

            run(context, "def answer = http.get('" + url + "'); log.info \"${answer.status} ${answer.body()}\"");

            assertThat(context.log).containsExactly("info 503 well");
            assertThat(onlyResult())
                    .containsEntry("url", url)
                    .containsEntry("status", 503)
                    .containsEntry("bytes", 4);
        } finally {
            server.stop(0);
        }
    }

    @Test
    void saysThatAnAddressDoesNotAnswer() throws IOException {
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }

        assertThat(failure("http.get('http://user:secret@127.0.0.1:" + port + "/')"))
                .hasMessageStartingWith("no answer from http://127.0.0.1:" + port + "/: ");
    }

    @Test
    void givesUpOnAnAddressWhenTheRunIsCancelled() throws Exception {
        StoppableWork work = new StoppableWork("getter");
        context.work = work;
        try (ServerSocket silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            CompletableFuture<Throwable> asking = CompletableFuture.supplyAsync(() -> {
                try {
                    run(context, "http.get('http://127.0.0.1:" + silent.getLocalPort() + "/')");
                    return new AssertionError("answered");
                } catch (Exception e) {
                    return e;
                }
            });
            silent.accept();

            work.stop();

            assertThat(asking.get(5, TimeUnit.SECONDS)).isInstanceOf(WorkCancelledException.class);
        }
    }

    @Test
    void checksAddressesThatAreNotLiterals() {
        assertThat(failure("def u = 'file' + ':///etc/passwd'; http.get(u)"))
                .hasMessage("'file:///etc/passwd' is not an http or https address");
    }

    @Test
    void asksNobodyInADryRun() throws Exception {
        run(dry, "log.info http.get('http://127.0.0.1:1/').status()");

        assertThat(dry.plans).containsExactly("http.get http://127.0.0.1:1/");
        assertThat(dry.log).containsExactly("info 0");
    }

    @Test
    void readsUnits() throws Exception {
        run(context, """
                log.info([5.seconds, 1.5.minutes, 2.hours, 1.day, 250.milliseconds].join(' '))
                log.info([1.kilobyte, 64.megabytes, 1.5.gigabytes, 1.terabyte, 10.percent].join(', '))
                """);

        assertThat(context.log)
                .containsExactly("info PT5S PT1M30S PT2H PT24H PT0.25S", "info 1 KB, 64 MB, 1.5 GB, 1 TB, 10 %");
    }

    @Test
    void refusesAmountsThatCannotBe() {
        assertThat(failure("log.info((-1).megabytes)")).hasMessage("an amount of data cannot be negative: -1");
        assertThat(failure("log.info((-1).percent)")).hasMessage("a share cannot be negative: -1.percent");
        assertThat(failure("log.info(999999999999999999.days)")).hasMessageContaining("a duration cannot be that long");
    }

    @Test
    void namesTheVerbOfAResult() throws Exception {
        run(context, "check 'fine', true");

        assertThat(context.results).extracting(VerbResult::verb).containsExactly("check");
    }
}
