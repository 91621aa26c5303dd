package io.watchkeeper.dsl;

import static org.assertj.core.api.Assertions.assertThat;

import io.watchkeeper.runbook.Policy;
import io.watchkeeper.runbook.Runbook;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class ClusterScopeTest {

    private static LoadedFile load(String text, boolean cluster) {
        Toolbox toolbox = Loading.toolbox(new Loading.SentAlerts()).inCluster(cluster);
        return new RunbookLoader("ship", List.of("shore", "ship"), toolbox).loadText(Loading.FILE, text);
    }

    @Test
    void whatTheGuideShowsLoadsWhereAClusterIsConfigured() throws IOException {
        Matcher shown = Pattern.compile("```groovy\n(.*?)```", Pattern.DOTALL)
                .matcher(Files.readString(Path.of("..", "docs", "cluster.md")));
        assertThat(shown.find()).isTrue();

        LoadedFile loaded = load(shown.group(1), true);

        assertThat(loaded.problems()).isEmpty();
        Runbook runbook = loaded.runbooks().get(0);
        assertThat(runbook.isClusterWide()).isTrue();
        assertThat(runbook.policy().scope()).isEqualTo(Policy.Scope.CLUSTER);
    }

    @Test
    void whereNoneIsConfiguredItIsRefusedWithTheLineToWrite() {
        LoadedFile loaded =
                load("runbook('a') { policy { scope cluster }; step('x') { query 'shore', 'select 1' } }", false);

        assertThat(loaded.runbooks()).isEmpty();
        assertThat(loaded.problems())
                .singleElement()
                .asString()
                .contains("'scope cluster' needs a cluster job store", "HINT: ", "cluster: { database: shore }");
    }
}
