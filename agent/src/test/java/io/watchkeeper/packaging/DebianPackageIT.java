package io.watchkeeper.packaging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.watchkeeper.testing.ContainerTest;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/** The life of the package on a host with systemd, in its natural order. */
@ContainerTest
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class DebianPackageIT {

    private static DebianHost host;

    @BeforeAll
    static void installOnAFreshHost() {
        host = DebianHost.boot();
        host.install();
    }

    @AfterAll
    static void shutDown() {
        host.close();
    }

    @Test
    @Order(1)
    void startsUnconfiguredAndSaysWhatToDoNext() {
        host.awaitStatus("/health/live", "200");

        assertThat(host.unit("ActiveState")).isEqualTo("active");
        assertThat(host.unit("StatusText")).isNotEmpty();
        assertThat(host.journal()).contains("/etc/watchkeeper/watchkeeper.yaml");
        assertThat(host.body("/")).contains("/etc/watchkeeper/watchkeeper.yaml");
    }

    @Test
    @Order(2)
    void runsAsAnAccountOfItsOwnThatCannotWriteItsConfiguration() {
        assertThat(host.check("ps -o user= -p " + host.unit("MainPID"))).startsWith("watchke");
        assertThat(host.check("stat -c '%U:%G %a' /etc/watchkeeper/watchkeeper.yaml"))
                .isEqualTo("root:watchkeeper 640\n");
        assertThat(host.check("stat -c '%U:%G %a' /var/lib/watchkeeper")).isEqualTo("watchkeeper:watchkeeper 750\n");
        assertThat(host.check("stat -c %U /var/cache/watchkeeper/*.jsa")).isEqualTo("root\n");
    }

    @Test
    @Order(2)
    void hasAUnitThatSystemdHasNothingToSayAbout() {
        assertThat(host.check("systemd-analyze verify watchkeeper.service 2>&1"))
                .isEmpty();
    }

    @Test
    @Order(3)
    void writesKeysAndPrioritiesToTheJournal() {
        String entries = host.check("journalctl --no-pager -o json --output-fields=PRIORITY,MESSAGE -u watchkeeper");

        assertThat(entries.lines().filter(line -> line.contains("level=info logger=")))
                .isNotEmpty()
                .allMatch(line -> line.contains("\"PRIORITY\":\"6\""));
    }

    @Test
    @Order(4)
    void isReadyOnceADatabaseIsConfigured() {
        host.check("pg_createcluster 15 main --start");
        host.check("runuser -u postgres -- psql -c \"create role watchkeeper login password 'of the test'\""
                + " -c 'create database app owner watchkeeper'");
        host.write("/etc/watchkeeper/secrets/shore.password", "of the test\n");
        host.check("chown watchkeeper /etc/watchkeeper/secrets/shore.password");
        host.check("chmod 600 /etc/watchkeeper/secrets/shore.password");
        host.write("/etc/watchkeeper/watchkeeper.yaml", """
                host: { name: shore-1, role: primary }
                databases:
                  shore:
                    url: "jdbc:postgresql://127.0.0.1:5432/app"
                    user: watchkeeper
                    passwordFile: /etc/watchkeeper/secrets/shore.password
                """);
        host.check("chgrp watchkeeper /etc/watchkeeper/watchkeeper.yaml");
        host.write("/etc/watchkeeper/runbooks/count.groovy", """
                runbook('count') {
                    step('look') { query 'shore', 'select 1' }
                }
                """);
        host.check("chmod 644 /etc/watchkeeper/runbooks/count.groovy");

        host.check("systemctl restart watchkeeper");

        host.awaitStatus("/health/ready", "200");
        assertThat(host.check("watchkeeper list")).contains("count");
        assertThat(host.check("watchkeeper status")).contains("shore-1");
        assertThat(host.check("runuser -u watchkeeper -- watchkeeper run count --json"))
                .contains("\"state\"")
                .contains("succeeded");
        assertThat(host.journal()).doesNotContain("of the test");
    }

    @Test
    @Order(5)
    void comesBackAfterKillMinusNine() {
        String killed = host.unit("MainPID");

        host.check("kill -9 " + killed);

        await().atMost(Duration.ofSeconds(60)).until(() -> !host.unit("MainPID").matches("0|" + killed));
        host.awaitStatus("/health/ready", "200");
    }

    @Test
    @Order(6)
    void isRestartedByTheWatchdogWhenItHangs() {
        // Thirty seconds in the package; the test has less patience.
        host.check("mkdir -p /run/systemd/system/watchkeeper.service.d");
        host.write("/run/systemd/system/watchkeeper.service.d/test.conf", "[Service]\nWatchdogSec=3\n");
        host.check("systemctl daemon-reload && systemctl restart watchkeeper");
        host.awaitStatus("/health/live", "200");
        String hanging = host.unit("MainPID");

        host.check("kill -STOP " + hanging);

        await().atMost(Duration.ofSeconds(60)).until(() -> !host.unit("MainPID").matches("0|" + hanging));
        host.awaitStatus("/health/ready", "200");
        assertThat(host.journal()).contains("Watchdog timeout");
    }

    @Test
    @Order(7)
    void keepsTheConfigurationAndRunsOnAfterAnUpgrade() {
        host.install();

        host.awaitStatus("/health/ready", "200");
        assertThat(host.check("cat /etc/watchkeeper/watchkeeper.yaml")).contains("name: shore-1");
        assertThat(host.check("watchkeeper history")).contains("count");
    }

    @Test
    @Order(8)
    void stopsCleanly() {
        host.check("systemctl stop watchkeeper");

        assertThat(host.unit("ActiveState")).isEqualTo("inactive");
        assertThat(host.unit("Result")).isEqualTo("success");
    }

    @Test
    @Order(9)
    void leavesConfigurationAndStateWhenRemoved() {
        host.check("dpkg --remove watchkeeper");

        assertThat(host.run("command -v watchkeeper").getExitCode()).isNotZero();
        host.check("test -f /etc/watchkeeper/watchkeeper.yaml");
        host.check("test -f /var/lib/watchkeeper/watchkeeper.db");
    }

    @Test
    @Order(10)
    void leavesNothingButBackupsWhenPurged() {
        host.check("install -D /dev/null /var/backups/watchkeeper/base.tar");
        host.check("install -D /dev/null /var/lib/watchkeeper/backups/base.tar");

        host.check("dpkg --purge watchkeeper");

        assertThat(host.check("find / -xdev -path '*watchkeeper*' -type f ! -path '/proc/*' ! -path '/root/*'")
                        .lines())
                .containsExactlyInAnyOrder(
                        "/var/backups/watchkeeper/base.tar", "/var/lib/watchkeeper/backups/base.tar");
        assertThat(host.run("systemctl cat watchkeeper").getExitCode()).isNotZero();
    }
}
