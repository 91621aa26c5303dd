package io.watchkeeper.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.watchkeeper.postgres.DatabaseSettings;
import io.watchkeeper.testing.TestHost;
import io.watchkeeper.testing.TestServers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** From the run to the report, as somebody without an agent does it. */
class ChecklistCommandTest {

    @TempDir
    Path home;

    private TestHost host;

    @BeforeEach
    void makeHost() throws IOException {
        host = new TestHost(home);
        DatabaseSettings shore =
                TestServers.settings("shore", TestServers.shore(), TestServers.freshDatabase(TestServers.shore()));
        Files.writeString(host.config(), """
                host: { name: ship-7 }
                databases:
                  shore: { url: '%s', user: postgres }
                runbooks: %s
                state: %s
                http: { listen: "127.0.0.1:%d" }
                """.formatted(shore.url(), host.runbooks(), host.state(), host.port()));
        Files.writeString(host.runbooks().resolve("morning.groovy"), """
                runbook('morning') {
                    checklist daily
                    step('full') {
                        check('disk used, in percent', 97) { fail 95; remedy 'DROP TABLE old;' }
                    }
                    step('open') {
                        check('connections', query('shore', 'select 3::int as n')[0].n) { warn 2; fail 5 }
                    }
                    step('well') {
                        check('locks', 0) { fail 5 }
                    }
                }
                """);
    }

    @Test
    void tellsWhatToDoAndThatTheLaterItemsWereDone() throws Exception {
        TestHost.Called run = host.call("run", "morning");
        assertThat(run.exitStatus()).as(run.out() + run.err()).isEqualTo(1);

        TestHost.Called shown = host.call("checklist");
        assertThat(shown.exitStatus()).as(shown.err()).isEqualTo(1);
        assertThat(shown.out())
                .contains("daily checklist of ship-7", "✖ 1 thing needs you now, and 1 more can wait.")
                .contains("✖ disk used, in percent: 97, limit 95", "     DROP TABLE old;")
                .contains("▲ connections: 3, limit 2", "✔ well");
        assertThat(host.call("checklist", "daily", "--markdown").out()).startsWith("# Daily checklist\n");
        assertThat(new ObjectMapper()
                        .readTree(host.call("checklist", "--json", "--runbook", "morning")
                                .out())
                        .path("now"))
                .hasSize(1);
    }

    @Test
    void saysHowToGoThroughOneWhereThereIsNone() {
        TestHost.Called none = host.call("checklist", "weekly");
        assertThat(none.exitStatus()).isEqualTo(1);
        assertThat(none.err()).contains("no report of a weekly checklist", "watchkeeper run checklist-weekly");

        TestHost.Called wrong = host.call("checklist", "dayly");
        assertThat(wrong.exitStatus()).isEqualTo(2);
        assertThat(wrong.err()).contains("did you mean 'daily'?");
    }
}
