package io.watchkeeper.dsl;

import io.watchkeeper.alert.Alert;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.problem.Suggestion;
import io.watchkeeper.units.DurationText;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** The words that every block with running code has: steps and hooks. */
public abstract sealed class ActionSpec permits CheckWords, FailureSpec, RecoverySpec {

    private final Action action;
    private final StepLog log;
    private final HttpWords http;

    ActionSpec(Action action) {
        this.action = action;
        this.log = new StepLog(action.context());
        this.http = new HttpWords(action);
    }

    final Action action() {
        return action;
    }

    @Word(value = "Writes a line to the run's log: `log.info` or `log.warn`.", example = "log.info 'half way'")
    public StepLog getLog() {
        return log;
    }

    @Word(
            value =
                    "Tells people through the configured receivers. The severity is a word the receivers route on, for example "
                            + "`page`, `warning`, `info`. The same alert is sent once until it is over; a recovered runbook ends its "
                            + "alerts. A dry run sends nothing.",
            example = "alert 'warning', 'the standby is behind'")
    public void alert(@Checked(TextKind.NAME) String severity, String text) {
        action.texts().require(TextKind.NAME, severity);
        if (action.dryRun()) {
            action.context().plan("alert", severity + ": " + text, List.of());
            return;
        }
        Map<String, String> labels = Map.of(
                "host", action.toolbox().host(), "runbook", action.context().runbook(), "severity", severity);
        action.toolbox().alerts().fire(new Alert(severity, text, labels));
    }

    @Word(
            value =
                    "Reads an http or https address: `http.get(url)` returns an answer with `status` and `body` (at most 1 MB of it). "
                            + "It waits 5 seconds for the connection and 30 for the answer. A dry run asks nobody and gets status 0.",
            example = "def answer = http.get('http://127.0.0.1:8080/health')")
    public HttpWords getHttp() {
        return http;
    }

    @Word(value = "All parameters of the run, by name.", example = "log.info params.since")
    public Map<String, String> getParams() {
        return action.context().params();
    }

    @Word(value = "One parameter of the run, declared by `param` in the runbook.", example = "param('since')")
    public String param(String name) {
        Map<String, String> params = action.context().params();
        String value = params.get(name);
        if (value == null) {
            String declared = params.isEmpty()
                    ? "The runbook declares none: write  param '" + name + "', 'default'  in it, outside its steps."
                    : "Declared: "
                            + String.join(
                                    ", ", params.keySet().stream().sorted().toList()) + ".";
            throw new OperatorException(
                    "this run has no parameter '" + name + "'",
                    Suggestion.didYouMean(name, params.keySet()) + declared);
        }
        return value;
    }

    @Word(
            value = "Waits. Cancelling the run ends the wait at once; a dry run does not wait.",
            example = "sleep 10.seconds")
    public void sleep(Duration duration) {
        if (action.dryRun()) {
            action.context().plan("sleep", DurationText.say(duration), List.of());
            return;
        }
        Work work = action.context().work();
        work.throwIfCancelled();
        CountDownLatch told = new CountDownLatch(1);
        Work.Registration cancellation = work.onCancel(told::countDown);
        try {
            boolean stopped = told.await(duration.toMillis(), TimeUnit.MILLISECONDS);
            if (stopped) {
                work.throwIfCancelled();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            work.throwIfCancelled();
            throw new OperatorException("the wait was interrupted", null, e);
        } finally {
            cancellation.close();
        }
    }
}
