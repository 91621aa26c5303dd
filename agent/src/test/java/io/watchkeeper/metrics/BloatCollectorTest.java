package io.watchkeeper.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.watchkeeper.measures.Measurement;
import io.watchkeeper.runbook.RunbookRegistry;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class BloatCollectorTest {

    @Test
    void tellsOfTablesAndOfNothingElse() {
        RunMetrics metrics = new RunMetrics(new RunbookRegistry(), "test", Map.of());
        metrics.watchBloat(() -> List.of(
                new Measurement("shore", "table_bloat_ratio", "public.t", 0.25),
                new Measurement("shore", "table_dead_ratio", "public.t", 0.1),
                new Measurement("shore", "index_bloat_ratio", "public.t_pkey", 0.5)));

        assertThat(metrics.render("").body())
                .contains(
                        "watchkeeper_table_bloat_ratio{database=\"shore\",table=\"public.t\"} 0.25\n",
                        "watchkeeper_dead_tuple_ratio{database=\"shore\",table=\"public.t\"} 0.1\n")
                .doesNotContain("t_pkey");
    }
}
