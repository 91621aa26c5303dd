package io.watchkeeper.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.watchkeeper.testing.TestHost;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExplainCommandTest {

    private static final String NIGHTLY = """
        runbook('nightly') {
            description 'Vacuums.'
            owner 'dba'
            schedule { cron '0 0 2 * * ?'; zone 'Asia/Seoul' }
            step('vacuum') { vacuum('shore', 'public.orders') { whenDeadTuples 10.percent } }
            onFailure { alert 'page', 'nightly failed' }
        }
        """;

    @TempDir
    Path home;

    private TestHost host;

    @BeforeEach
    void makeHost() {
        host = new TestHost(home);
        host.runbook("nightly.groovy", NIGHTLY);
    }

    @Test
    void explainsByNameAndByFileAndSaysWhenItRunsNext() {
        for (String target : new String[] {
            "nightly", host.runbooks().resolve("nightly.groovy").toString()
        }) {
            TestHost.Called called = host.call("explain", target);

            assertThat(called.exitStatus()).as(called.err()).isZero();
            assertThat(called.out())
                    .contains(
                            "nightly · Vacuums.",
                            "Every day at 02:00 on every host (Seoul time):",
                            "   · vacuums public.orders of shore with more than 10 % dead rows",
                            "- If it fails, it pages dba: nightly failed.",
                            "◷ ");
        }
    }

    @Test
    void speaksKorean() {
        assertThat(host.call("explain", "nightly", "--language", "ko").out())
                .contains("매일 02:00에 모든 호스트에서 (Seoul 시간) 실행합니다:", "VACUUM합니다");
        assertThat(host.call("explain", "nightly", "--language", "fr").err()).contains("give en or ko");
    }

    @Test
    void jsonIsOneDocument() throws Exception {
        JsonNode document = new ObjectMapper()
                .readTree(host.call("explain", "nightly", "--json").out());

        assertThat(document.get(0).get("steps").get(0).get("deeds").get(0).asText())
                .startsWith("vacuums public.orders");
        assertThat(document.get(0).get("next")).hasSize(3);
    }

    @Test
    void aWrongNameAndABrokenFileAreSaid() throws Exception {
        assertThat(host.call("explain", "nigthly").err())
                .contains("there is no runbook 'nigthly'", "did you mean 'nightly'?");
        Path broken = host.runbook("broken.groovy", "runbook('broken') { step('x') { vacum('shore') } }\n");
        TestHost.Called called = host.call("explain", broken.toString());
        assertThat(called.exitStatus()).isEqualTo(2);
        assertThat(called.err()).contains("broken.groovy:1:", "vacum");
        Files.delete(broken);
    }
}
