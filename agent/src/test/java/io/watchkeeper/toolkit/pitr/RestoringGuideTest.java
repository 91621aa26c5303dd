package io.watchkeeper.toolkit.pitr;

import static org.assertj.core.api.Assertions.assertThat;

import io.watchkeeper.files.FolderTree;
import io.watchkeeper.toolkit.backup.Compression;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Every command of docs/restoring.md, in its order, as a person at sea would type it, after the server has died. */
class RestoringGuideTest {

    private static final Path GUIDE = Path.of("..", "docs", "restoring.md");

    @Test
    void leadsFromADeadServerToOneThatServes() throws Exception {
        List<String> commands = Pattern.compile("```sh\n(.*?)```", Pattern.DOTALL)
                .matcher(Files.readString(GUIDE))
                .results()
                .map(block -> block.group(1))
                .toList();
        assertThat(commands).hasSizeGreaterThan(6);
        try (BackedUpCluster cluster = new BackedUpCluster()) {
            cluster.run("create table letters as select i as id from generate_series(1, 100) i");
            cluster.backup(Compression.NONE);
            cluster.run("insert into letters values (200)");
            cluster.archive();
            int port = cluster.server.port();
            cluster.server.stop();
            Path place = Files.createTempDirectory("watchkeeper-guide");
            Files.setPosixFilePermissions(place, PosixFilePermissions.fromString("rwxr-xr-x"));
            try {
                Path script = write(place, commands, cluster, port);
                Process shell = new ProcessBuilder("bash", script.toString())
                        .redirectErrorStream(true)
                        .redirectOutput(place.resolve("output").toFile())
                        .start();
                int status = shell.waitFor();
                String output = Files.readString(place.resolve("output"));
                assertThat(status).as(output).isZero();
                assertThat(output).contains("would be lost", "checks passed");
            } finally {
                OtherProcesses.end(place);
                FolderTree.delete(place);
            }
        }
    }

    /** The commands as they stand, in a place where nothing else is, with stand-ins for sudo and the installed launcher. */
    private static Path write(Path place, List<String> commands, BackedUpCluster cluster, int port) throws IOException {
        Path config = place.resolve("watchkeeper.yaml");
        Files.writeString(config, """
                host: { name: ship-7, role: ship }
                databases:
                  shore: { url: "%s", user: postgres }
                runbooks: %s
                state: %s
                backups: { repository: %s }
                """.formatted(
                        cluster.server.url("app"),
                        Files.createDirectory(place.resolve("runbooks")),
                        cluster.home.resolve("state"),
                        cluster.home.resolve("repository")));
        Path bin = Files.createDirectory(place.resolve("bin"));
        program(bin.resolve("watchkeeper"), """
                exec '%s' -XX:TieredStopAtLevel=1 --enable-native-access=ALL-UNNAMED -cp '%s' io.watchkeeper.AgentMain "$@"
                """.formatted(
                Path.of(System.getProperty("java.home"), "bin", "java"), System.getProperty("java.class.path")));
        program(bin.resolve("sudo"), """
                if [ "$1" = -u ]; then
                    user=$2
                    shift 2
                    if [ "$(id -un)" = root ]; then exec runuser -u "$user" -- env "PATH=$PATH" "PGPORT=$PGPORT" "PGHOST=$PGHOST" "PGUSER=$PGUSER" "$@"; fi
                fi
                exec "$@"
                """);
        String text = commands.stream()
                .collect(Collectors.joining("\n"))
                .replace("/var/lib/postgresql/15", place.resolve("pg").toString())
                .replace(
                        "/var/backups/watchkeeper",
                        cluster.home.resolve("repository").toString())
                .replace(
                        "/usr/share/watchkeeper/bin",
                        Path.of("bin").toAbsolutePath().toString());
        Path script = place.resolve("guide.sh");
        Files.createDirectory(place.resolve("pg"));
        Files.setPosixFilePermissions(place.resolve("pg"), PosixFilePermissions.fromString("rwxrwxrwx"));
        Files.writeString(script, """
                set -eu -o pipefail
                cd '%s'
                export PATH='%s':$PATH WATCHKEEPER_CONFIG='%s' PGHOST=127.0.0.1 PGUSER=postgres PGPORT=%d
                set -x
                """.formatted(place, bin, config, port) + text, StandardCharsets.UTF_8);
        return script;
    }

    private static void program(Path file, String text) throws IOException {
        Files.writeString(file, "#!/bin/sh\n" + text);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
}
