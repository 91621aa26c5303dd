package io.watchkeeper.engine;

import io.watchkeeper.runbook.Checklist;
import io.watchkeeper.runbook.Guard;
import io.watchkeeper.runbook.Parameter;
import io.watchkeeper.runbook.Policy;
import io.watchkeeper.runbook.Runbook;
import io.watchkeeper.runbook.SourceLocation;
import io.watchkeeper.runbook.Step;
import io.watchkeeper.runbook.StepBody;
import io.watchkeeper.runbook.StepContext;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Builds runbooks whose steps are written in Java. Their file is the test that writes them. */
final class TestRunbook {

    private final String name;
    private final String file;
    private final List<Guard> guards = new ArrayList<>();
    private final List<Parameter> parameters = new ArrayList<>();
    private final List<Step> steps = new ArrayList<>();
    private Policy policy = Policy.DEFAULT;
    private @Nullable Checklist checklist;
    private @Nullable StepBody onFailure;
    private @Nullable StepBody onRecovery;

    private TestRunbook(String name, String file) {
        this.name = name;
        this.file = file;
    }

    static TestRunbook named(String name) {
        String caller = StackWalker.getInstance()
                .walk(frames -> frames.skip(1).findFirst().orElseThrow().getFileName());
        return new TestRunbook(name, "/etc/watchkeeper/runbooks/" + caller);
    }

    TestRunbook timeout(Duration timeout) {
        policy = new Policy(timeout, policy.attempts(), policy.backOff(), policy.overlap(), policy.locks());
        return this;
    }

    TestRunbook retry(int attempts, Duration backOff) {
        policy = new Policy(policy.timeout(), attempts, backOff, policy.overlap(), policy.locks());
        return this;
    }

    TestRunbook overlap(Policy.Overlap overlap) {
        policy = new Policy(policy.timeout(), policy.attempts(), policy.backOff(), overlap, policy.locks());
        return this;
    }

    TestRunbook locks(String... locks) {
        policy = new Policy(
                policy.timeout(), policy.attempts(), policy.backOff(), policy.overlap(), Arrays.asList(locks));
        return this;
    }

    TestRunbook guard(Guard guard) {
        guards.add(guard);
        return this;
    }

    TestRunbook param(String parameter, @Nullable String defaultValue) {
        parameters.add(new Parameter(parameter, defaultValue));
        return this;
    }

    TestRunbook step(String stepName, StepBody body) {
        steps.add(new Step(stepName, new SourceLocation(file, 1), body));
        return this;
    }

    /** A step that runs one statement on shore. */
    TestRunbook sql(String stepName, String sql) {
        return step(stepName, context -> execute(context, sql));
    }

    TestRunbook checklist(Checklist rhythm) {
        checklist = rhythm;
        return this;
    }

    TestRunbook onFailure(StepBody body) {
        onFailure = body;
        return this;
    }

    TestRunbook onRecovery(StepBody body) {
        onRecovery = body;
        return this;
    }

    Runbook build() {
        return new Runbook(
                name,
                "",
                "",
                Set.of(),
                null,
                policy,
                guards,
                parameters,
                steps,
                onFailure,
                onRecovery,
                new SourceLocation(file, 1),
                "",
                checklist);
    }

    static void execute(StepContext context, String sql) throws SQLException {
        try (var session = context.database("shore").open(context.work());
                var statement = session.connection().createStatement()) {
            statement.execute(sql);
        }
    }
}
