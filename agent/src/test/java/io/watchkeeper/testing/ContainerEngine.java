package io.watchkeeper.testing;

import com.github.dockerjava.api.exception.NotFoundException;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.testcontainers.DockerClientFactory;

/** Enables a {@link ContainerTest} where an engine answers and has the image to boot. */
final class ContainerEngine implements ExecutionCondition {

    /** Debian 12 with systemd, a Java 17 runtime and PostgreSQL 15. No registry has it; CONTRIBUTING.md says how it is made. */
    private static final String IMAGE = "watchkeeper-test/systemd:12";

    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
        if (!DockerClientFactory.instance().isDockerAvailable()) {
            return skipped(context, "no container engine answers");
        }
        try {
            DockerClientFactory.lazyClient().inspectImageCmd(IMAGE).exec();
            return ConditionEvaluationResult.enabled("engine and image are there");
        } catch (NotFoundException e) {
            return skipped(context, "the container engine has no image " + IMAGE);
        }
    }

    private static ConditionEvaluationResult skipped(ExtensionContext context, String reason) {
        System.err.println("!!! CONTAINER TESTS SKIPPED in " + context.getDisplayName() + ": " + reason);
        return ConditionEvaluationResult.disabled(reason);
    }
}
