package io.watchkeeper.packaging;

import static org.assertj.core.api.Assertions.assertThat;

import io.watchkeeper.testing.ContainerTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What docs/quick-start.md promises for a host of one's own, command by command as it stands there. */
@ContainerTest
class QuickStartIT {

    private static final String HEADING = "## On a host of your own, in five commands";

    private static DebianHost host;

    @BeforeAll
    static void bootAHostWithPostgres() {
        host = DebianHost.boot();
        // What Debian's package of PostgreSQL does on a host that is no image for tests.
        host.check("pg_createcluster 15 main --start");
    }

    @AfterAll
    static void shutDown() {
        host.close();
    }

    @Test
    void fiveCommandsLeadFromThePackageToAFirstGreenRun() throws IOException {
        List<String> commands = commands("../docs/quick-start.md");
        assertThat(commands).hasSize(5);
        assertThat(commands("../docs/quick-start.ko.md")).as("the Korean page").isEqualTo(commands);
        assertThat(commands.get(0)).startsWith("apt install ./watchkeeper_");

        String output = "";
        for (String command : commands) {
            output = host.check("cd /root && " + command);
        }

        assertThat(output).contains("succeeded");
        assertThat(host.check("watchkeeper history")).contains("activity-watch", "succeeded");
        assertThat(host.get("/health/ready")).isEqualTo("200");
    }

    /** Of the first block of commands under the heading. */
    private static List<String> commands(String document) throws IOException {
        String text = Files.readString(Path.of(document));
        int heading = text.indexOf(HEADING);
        if (heading < 0) {
            heading = text.indexOf("<!-- five commands -->");
        }
        assertThat(heading).as("%s has the five commands", document).isNotNegative();
        int begin = text.indexOf("```sh\n", heading) + 6;
        return text.substring(begin, text.indexOf("```", begin)).lines().toList();
    }
}
