package io.watchkeeper.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.protection.MadeUpProtection;
import io.watchkeeper.protection.Protection;
import io.watchkeeper.runbook.RunbookRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ProtectionCollectorTest {

    private static final Instant NOW = Instant.ofEpochSecond(1_000_000_000);

    private final RunMetrics metrics = new RunMetrics(new RunbookRegistry(), "test", Map.of());
    private @Nullable Protection protection = Protection.NONE;

    @BeforeEach
    void watch() {
        metrics.watch(() -> {
            if (protection == null) {
                throw new OperatorException("the repository cannot be read", null);
            }
            return protection;
        });
    }

    @Test
    void tellsOfTheNewestGoodBackupOfEachKind() {
        protection = new MadeUpProtection(NOW)
                .backup("shore", "base", Duration.ofSeconds(500))
                .backup("shore", "base", Duration.ofSeconds(100))
                .backup("shore", "base", Duration.ofSeconds(10), "changed")
                .backup("shore", "dump", Duration.ofSeconds(200))
                .archive("shore", Duration.ofSeconds(3))
                .build();
        assertThat(page())
                .contains(
                        "watchkeeper_backup_last_success_timestamp_seconds{database=\"shore\",kind=\"base\"} 9.999999E8\n",
                        "watchkeeper_backup_last_success_timestamp_seconds{database=\"shore\",kind=\"dump\"} 9.999998E8\n",
                        "watchkeeper_backup_size_bytes{database=\"shore\",kind=\"base\"} 3145728.0\n",
                        "watchkeeper_backup_damaged{database=\"shore\",kind=\"base\"} 1.0\n",
                        "watchkeeper_backup_damaged{database=\"shore\",kind=\"dump\"} 0.0\n",
                        "watchkeeper_wal_archive_last_timestamp_seconds{database=\"shore\"} 9.99999997E8\n");
    }

    @Test
    void aDatabaseThatIsNotConfiguredAnyMoreHasNoSeriesThatGrowOld() {
        protection = new MadeUpProtection(NOW)
                .backup("shore", "base", Duration.ofSeconds(500))
                .backup("gone", "base", Duration.ofSeconds(500))
                .archive("gone", Duration.ofSeconds(3))
                .drill("gone", Duration.ofSeconds(900), true, 99, 999)
                .build()
                .of(Set.of("shore"));
        assertThat(page()).contains("database=\"shore\"").doesNotContain("gone", "drill_rpo_seconds 99");
    }

    @Test
    void tellsTheWorstOfTheNewestDrills() {
        protection = new MadeUpProtection(NOW)
                .drill("shore", Duration.ofSeconds(900), true, 99, 999)
                .drill("shore", Duration.ofSeconds(500), true, 2, 70)
                .drill("ship", Duration.ofSeconds(300), true, 9, 50)
                .drill("ship", Duration.ofSeconds(100), false, 7, 60)
                .build();
        assertThat(page())
                .contains(
                        "\nwatchkeeper_pitr_drill_rpo_seconds 7.0\n",
                        "\nwatchkeeper_pitr_drill_rto_seconds 70.0\n",
                        "\nwatchkeeper_pitr_drill_last_success_timestamp_seconds 9.999995E8\n");
    }

    @Test
    void aDatabaseWhoseDrillsNeverPassedIsTheWorst() {
        protection = new MadeUpProtection(NOW)
                .drill("shore", Duration.ofSeconds(900), true, 99, 999)
                .drill("ship", Duration.ofSeconds(100), false, 7, 60)
                .build();
        assertThat(page()).contains("\nwatchkeeper_pitr_drill_last_success_timestamp_seconds 0.0\n");
    }

    @Test
    void showsWhatWasKnownWhileTheRepositoryCannotBeRead() {
        protection = new MadeUpProtection(NOW)
                .backup("shore", "dump", Duration.ofSeconds(200))
                .build();
        page();
        protection = null;
        assertThat(page()).contains("watchkeeper_backup_size_bytes{database=\"shore\",kind=\"dump\"} 3145728.0\n");
    }

    private String page() {
        return metrics.render("").body();
    }
}
