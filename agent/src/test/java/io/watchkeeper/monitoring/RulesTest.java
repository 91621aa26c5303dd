package io.watchkeeper.monitoring;

import static org.assertj.core.api.Assertions.assertThat;

import io.watchkeeper.testing.PrometheusPrograms;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What is shipped for Prometheus and Alertmanager, judged by their own tools. */
@ExtendWith(PrometheusPrograms.class)
class RulesTest {

    private static final List<Path> TESTS = List.of(
            MonitoringFiles.FOLDER.resolve("tests/watchkeeper-alerts.test.yml"),
            MonitoringFiles.FOLDER.resolve("tests/watchkeeper-slow-alerts.test.yml"));

    @Test
    void theRulesAreValid() throws Exception {
        assertThat(output(
                        "promtool",
                        "check",
                        "rules",
                        "--lint-fatal",
                        MonitoringFiles.ALERTS.toString(),
                        MonitoringFiles.RECORDING.toString()))
                .contains("SUCCESS");
    }

    @Test
    void everyAlertFiresWhenItShouldAndOnlyThen() throws Exception {
        assertThat(output(
                        "promtool",
                        "test",
                        "rules",
                        TESTS.get(0).toString(),
                        TESTS.get(1).toString()))
                .doesNotContain("FAILED");
    }

    @Test
    void everyAlertIsTestedBothWays() {
        Map<String, List<Boolean>> tested = new TreeMap<>();
        for (Path file : TESTS) {
            for (Object test : MonitoringFiles.list(MonitoringFiles.yaml(file), "tests")) {
                for (Object one : MonitoringFiles.list((Map<?, ?>) test, "alert_rule_test")) {
                    Map<?, ?> look = (Map<?, ?>) one;
                    tested.computeIfAbsent(MonitoringFiles.text(look, "alertname"), name -> new ArrayList<>())
                            .add(!MonitoringFiles.list(look, "exp_alerts").isEmpty());
                }
            }
        }
        assertThat(MonitoringFiles.alerts())
                .allSatisfy(alert ->
                        assertThat(tested.get(alert.name())).as(alert.name()).contains(true, false));
        assertThat(tested).hasSameSizeAs(MonitoringFiles.alerts());
    }

    @Test
    void theExampleForPrometheusIsValidWithTheRulesBesideIt(@TempDir Path folder) throws Exception {
        String example = MonitoringFiles.read(MonitoringFiles.FOLDER.resolve("prometheus.yml"));
        Path rules = Files.createDirectory(folder.resolve("rules"));
        for (Path file : List.of(MonitoringFiles.ALERTS, MonitoringFiles.RECORDING)) {
            Files.copy(file, rules.resolve(file.getFileName()));
        }
        Files.writeString(folder.resolve("watchkeeper.token"), "token\n");
        Files.writeString(folder.resolve("watchkeeper-ca.pem"), "");
        Path copy =
                Files.writeString(folder.resolve("prometheus.yml"), example.replace("/etc/prometheus/", folder + "/"));

        assertThat(output("promtool", "check", "config", copy.toString()))
                .contains("2 rule files found", "SUCCESS")
                .doesNotContain("FAILED");
        assertThat(example).contains("credentials_file:", "ca_file:", "scheme: https", "link: satellite");
    }

    @Test
    void theExampleForAlertmanagerIsValid() throws Exception {
        Path example = MonitoringFiles.FOLDER.resolve("alertmanager.yml");

        assertThat(output("amtool", "check-config", example.toString()))
                .contains("SUCCESS", "10 inhibit rules", "2 receivers");
        assertThat(output(
                        "amtool",
                        "config",
                        "routes",
                        "test",
                        "--config.file=" + example,
                        "severity=page",
                        "alertname=WatchkeeperAgentDown"))
                .endsWith("\non-call\n");
        assertThat(output("amtool", "config", "routes", "test", "--config.file=" + example, "severity=warning"))
                .endsWith("\noffice\n");
    }

    /** Alerts that an inhibition names are there; otherwise it would never hold. */
    @Test
    void inhibitionsNameAlertsThatExist() throws IOException {
        List<String> names = MonitoringFiles.alerts().stream()
                .map(MonitoringFiles.AlertRule::name)
                .toList();
        Map<?, ?> example = MonitoringFiles.yaml(MonitoringFiles.FOLDER.resolve("alertmanager.yml"));
        for (Object inhibition : MonitoringFiles.list(example, "inhibit_rules")) {
            for (String side : List.of("source_matchers", "target_matchers")) {
                for (Object matcher : MonitoringFiles.list((Map<?, ?>) inhibition, side)) {
                    String pattern =
                            String.valueOf(matcher).replaceFirst(".*?\"", "").replaceFirst("\"$", "");
                    for (String one : pattern.split("\\|", -1)) {
                        assertThat(names).as(one).anyMatch(name -> name.matches(one));
                    }
                }
            }
        }
    }

    private static String output(String program, String... arguments) throws Exception {
        List<String> command = new ArrayList<>();
        command.add(PrometheusPrograms.path(program).toString());
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        return output;
    }
}
