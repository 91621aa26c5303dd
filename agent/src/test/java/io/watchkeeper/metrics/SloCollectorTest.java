package io.watchkeeper.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.watchkeeper.measures.Measurement;
import io.watchkeeper.runbook.RunbookRegistry;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SloCollectorTest {

    @Test
    void tellsOfLatenciesErrorsAndBudgets() {
        RunMetrics metrics = new RunMetrics(new RunbookRegistry(), "test", Map.of());
        metrics.watchSlo(() -> List.of(
                new Measurement("shore", "latency", "read 0.95", 0.004),
                new Measurement("shore", "errors", "", 0.01),
                new Measurement("shore", "budget", "write", -0.5),
                new Measurement("shore", "burn", "read 1h", 14.4),
                new Measurement("shore", "at", "", 5),
                new Measurement("shore", "other", "", 6)));

        assertThat(metrics.render("").body())
                .contains(
                        "watchkeeper_slo_latency_seconds{database=\"shore\",kind=\"read\",quantile=\"0.95\"} 0.004\n",
                        "watchkeeper_slo_error_ratio{database=\"shore\"} 0.01\n",
                        "watchkeeper_slo_budget_remaining_ratio{database=\"shore\",objective=\"write\"} -0.5\n",
                        "watchkeeper_slo_burn_rate{database=\"shore\",objective=\"read\",window=\"1h\"} 14.4\n",
                        "watchkeeper_slo_measured_timestamp_seconds{database=\"shore\"} 5.0\n");
    }
}
