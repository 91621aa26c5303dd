package io.watchkeeper.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class SystemdUnitTest {

    @Test
    void findsTheUnitOfAServerInEitherVersionOfControlGroups() {
        assertThat(SystemdUnit.ofServer(List.of("0::/system.slice/system-postgresql.slice/postgresql@15-main.service")))
                .contains(new SystemdUnit("postgresql@15-main.service"));
        assertThat(SystemdUnit.ofServer(List.of(
                        "2:cpu,cpuacct:/system.slice/postgresql-15.service",
                        "1:name=systemd:/system.slice/postgresql-15.service")))
                .contains(new SystemdUnit("postgresql-15.service"));
    }

    @Test
    void aServerThatSomebodyStartedBelongsToNoUnit() {
        assertThat(SystemdUnit.ofServer(List.of("0::/user.slice/user-1000.slice/session-3.scope")))
                .isEmpty();
        assertThat(SystemdUnit.ofServer(List.of("0::/system.slice/cron.service")))
                .isEmpty();
        assertThat(SystemdUnit.ofServer(
                        List.of("0::/system.slice/system-watchkeeper.slice/watchkeeper@postgres.service")))
                .as("started by an agent, which is no way to stop and start it")
                .isEmpty();
        assertThat(SystemdUnit.ofServer("0")).isEmpty();
    }

    @Test
    void knowsTheAgentsOwnUnits() {
        assertThat(SystemdUnit.ofAgent(List.of("0::/system.slice/watchkeeper.service")))
                .contains(new SystemdUnit("watchkeeper.service"));
        assertThat(SystemdUnit.ofAgent(List.of("0::/system.slice/system-watchkeeper.slice/watchkeeper@crew.service")))
                .contains(new SystemdUnit("watchkeeper@crew.service"));
        assertThat(SystemdUnit.ofAgent(List.of("0::/system.slice/ssh.service"))).isEmpty();
    }

    @Test
    void aNameMayBeSaidWithoutItsEnding() {
        SystemdUnit unit = new SystemdUnit("postgresql@15-main.service");

        assertThat(unit.isNamed("postgresql@15-main")).isTrue();
        assertThat(unit.isNamed("postgresql@15-main.service")).isTrue();
        assertThat(unit.isNamed("postgresql@15-ship")).isFalse();
    }
}
