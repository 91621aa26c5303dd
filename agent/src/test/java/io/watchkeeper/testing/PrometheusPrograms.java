package io.watchkeeper.testing;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Enables a test where Prometheus, Alertmanager and their tools are installed as Debian has them. */
public final class PrometheusPrograms implements ExecutionCondition {

    private static final List<String> NEEDED = List.of("prometheus", "promtool", "prometheus-alertmanager", "amtool");

    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
        List<String> missing =
                NEEDED.stream().filter(name -> !Files.isExecutable(path(name))).toList();
        if (missing.isEmpty()) {
            return ConditionEvaluationResult.enabled("Prometheus is there");
        }
        String reason = "there is no " + String.join(", no ", missing)
                + " in /usr/bin (apt-get install prometheus prometheus-alertmanager)";
        System.err.println("!!! TESTS WITH PROMETHEUS SKIPPED in " + context.getDisplayName() + ": " + reason);
        return ConditionEvaluationResult.disabled(reason);
    }

    /** Where Debian puts a program. */
    public static Path path(String program) {
        return Path.of("/usr/bin", program);
    }
}
