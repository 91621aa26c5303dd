package io.watchkeeper.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.watchkeeper.testing.TestHost;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EditorCommandTest {

    @TempDir
    Path home;

    @Test
    void writesTheFilesWhereTheEditorsLookForThem() {
        TestHost host = new TestHost(home.resolve("host"));
        Path vim = home.resolve("vim");

        assertThat(host.call("editor", "--vim", vim.toString()).exitStatus()).isZero();
        assertThat(host.call("editor", "--intellij", home.toString()).exitStatus())
                .isZero();

        assertThat(vim.resolve("syntax/watchkeeper.vim")).content().contains("syn keyword watchkeeperVerb");
        assertThat(vim.resolve("ftdetect/watchkeeper.vim")).exists();
        assertThat(vim.resolve("ftplugin/watchkeeper.vim")).exists();
        assertThat(home.resolve("watchkeeper.gdsl")).content().contains("enclosingCall('schedule')");
    }

    @Test
    void asksForAnEditor() {
        TestHost host = new TestHost(home.resolve("host"));

        assertThat(host.call("editor").exitStatus()).isEqualTo(2);
        assertThat(host.call("editor", "--intellij", home.resolve("nowhere").toString())
                        .err())
                .contains("there is no folder");
    }
}
