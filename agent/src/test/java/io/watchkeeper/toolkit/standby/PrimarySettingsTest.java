package io.watchkeeper.toolkit.standby;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.watchkeeper.problem.OperatorException;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PrimarySettingsTest {

    @Test
    void aServerThatWasNotMadeForStandbysIsMadeReadyWhenThatIsAllowed() throws Exception {
        try (StandbyRig rig =
                new StandbyRig(Map.of("wal_level", "minimal", "max_wal_senders", "0", "max_replication_slots", "0"))) {
            StandbyPlan all = rig.plan();
            StandbyPlan checking = all.with(new StandbyPlan.Settings(false, false, null, null));
            assertThatThrownBy(() -> rig.provision(checking)).isInstanceOfSatisfying(OperatorException.class, e -> {
                assertThat(e)
                        .hasMessageContaining("wal_level is minimal, and has to be replica")
                        .hasMessageContaining("max_wal_senders is 0");
                assertThat(e.hint()).contains("ALTER SYSTEM SET max_replication_slots = '10'");
            });

            StandbyPlan setting = all.with(new StandbyPlan.Settings(true, false, null, null));
            assertThatThrownBy(() -> rig.provision(setting))
                    .isInstanceOf(OperatorException.class)
                    .hasMessageContaining("needs a restart for wal_level, max_wal_senders, max_replication_slots");
            assertThat(rig.ask("show wal_level")).isEqualTo("minimal");

            StandbyResult made = rig.provision(all);

            assertThat(made.isStreaming()).isTrue();
            assertThat(made.steps().get("settings")).contains("restarted 'shore'");
            assertThat(rig.ask("show wal_level")).isEqualTo("replica");
            assertThat(rig.provisioner().undo(all).notes())
                    .contains("wal_level is as it was before", "max_wal_senders is as it was before");
            assertThat(rig.ask("select count(*) from pg_file_settings where sourcefile like '%auto.conf'"))
                    .isEqualTo("0");
        }
    }
}
