package io.watchkeeper.toolkit.pitr;

import static org.assertj.core.api.Assertions.assertThat;

import io.watchkeeper.files.FolderTree;
import io.watchkeeper.postgres.PgCommand;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.testing.TestServers;
import io.watchkeeper.toolkit.backup.BaseBackup;
import io.watchkeeper.toolkit.backup.BaseBackupFormat;
import io.watchkeeper.toolkit.backup.BaseBackupPlan;
import io.watchkeeper.toolkit.backup.Compression;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Every command of docs/restoring.md, in its order, as a person at sea would type it, after the server has died. */
class RestoringGuideTest {

    private static final Path GUIDE = Path.of("..", "docs", "restoring.md");

    @Test
    void leadsFromADeadServerToOneThatServes() throws Exception {
        String guide = Files.readString(GUIDE);
        String byHand = guide.split("\n## Without the agent\n")[1].split("\n## ")[0];
        List<String> commands = new ArrayList<>(blocks(guide.replace(byHand, ""), "sh"));
        // The other way to the same end, so after all else: it makes one more timeline.
        commands.addAll(blocks(byHand, "sh"));
        assertThat(commands).hasSizeGreaterThan(6);

        String output = afterTheServerHasDied(BaseBackupPlan.USUAL, commands);

        assertThat(output).contains("would be lost", "checks passed");
    }

    @Test
    void leadsThroughTarFilesWithoutTheAgentToo() throws Exception {
        String section =
                Files.readString(GUIDE).split("\n## Without the agent\n")[1].split("\n## ")[0];
        List<String> commands = new ArrayList<>(blocks(section, "sh"));
        assertThat(commands).as("the copy, and what is done in both forms").hasSize(2);
        commands.set(
                0,
                without("cp -a", commands.get(0))
                        + blocks(section, "bash").stream().findFirst().orElseThrow());
        // Nothing was restored with the agent before.
        commands.set(1, without("pg_ctl stop", commands.get(1)));

        afterTheServerHasDied(
                BaseBackupPlan.USUAL.withFormat(BaseBackupFormat.TAR).withCompression(Compression.GZIP, null),
                commands);
    }

    /**
     * Runs the commands where a server with a tablespace was backed up and is gone, the disk of its tablespace too, and asks for the rows
     * at the end: nothing of the dead server is there to lead to.
     */
    private static String afterTheServerHasDied(BaseBackupPlan plan, List<String> commands) throws Exception {
        try (BackedUpCluster cluster = new BackedUpCluster()) {
            Path tablespace = Files.createDirectory(cluster.home.resolve("fast"));
            PgCommand.of(
                            Path.of("/bin/chown"),
                            Files.getOwner(cluster.server.data()).getName(),
                            tablespace.toString())
                    .run(Work.unattended("test"));
            TestServers.execute(cluster.server, "postgres", "create tablespace fast location '" + tablespace + "'");
            cluster.run("create table letters as select i as id from generate_series(1, 100) i");
            cluster.run("create table far tablespace fast as select i as id from generate_series(1, 500) i");
            new BaseBackup(cluster.database(), cluster.settings, Work.unattended("backup"))
                    .run(plan.withFastCheckpoint(true));
            cluster.run("insert into letters values (200)");
            cluster.run("insert into far values (501)");
            cluster.archive();
            int port = cluster.server.port();
            cluster.server.stop();
            FolderTree.delete(tablespace);
            Path place = Files.createTempDirectory("watchkeeper-guide");
            Files.setPosixFilePermissions(place, PosixFilePermissions.fromString("rwxr-xr-x"));
            try {
                List<String> all = new ArrayList<>(commands);
                all.add(
                        "psql -d app -Atc \"select 'rows ' || count(*) from far\" -c 'select pg_tablespace_location(oid) from pg_tablespace'");
                Path script = write(place, all, cluster, port);
                Process shell = new ProcessBuilder("bash", script.toString())
                        .redirectErrorStream(true)
                        .redirectOutput(place.resolve("output").toFile())
                        .start();
                int status = shell.waitFor();
                String output = Files.readString(place.resolve("output"));
                assertThat(status).as(output).isZero();
                assertThat(output).contains("rows 501").doesNotContain("\n" + tablespace + "\n");
                return output;
            } finally {
                OtherProcesses.end(place);
                FolderTree.delete(place);
            }
        }
    }

    private static String without(String word, String commands) {
        assertThat(commands).contains(word);
        return commands.lines().filter(line -> !line.contains(word)).collect(Collectors.joining("\n", "", "\n"));
    }

    private static List<String> blocks(String text, String kind) {
        return Pattern.compile("```" + kind + "\n(.*?)```", Pattern.DOTALL)
                .matcher(text)
                .results()
                .map(block -> block.group(1))
                .toList();
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
