package io.watchkeeper.packaging;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The package's scripts as dpkg calls them, in a root folder of their own; systemd's programs note how they are called. */
class MaintainerScriptsTest {

    private static final Path SCRIPTS = Path.of("..", "systemd", "deb").toAbsolutePath();

    @TempDir
    Path folder;

    private Path root;
    private Path calls;

    @BeforeEach
    void makeHost() throws IOException {
        root = folder.resolve("root");
        calls = folder.resolve("calls");
        Files.createFile(calls);
        Files.createDirectories(root.resolve("run/systemd/system"));
        for (String name : List.of("deb-systemd-invoke", "deb-systemd-helper", "systemd-sysusers", "chown")) {
            program(folder.resolve("bin").resolve(name), "echo \"" + name + " $*\" >>" + calls + "\n");
        }
        program(folder.resolve("bin/dpkg-statoverride"), "exit 1\n");
        program(folder.resolve("bin/journalctl"), "exit 0\n");
        // Two instances run, one of them not enabled; the agent itself runs, and is enabled.
        program(folder.resolve("bin/systemctl"), """
                echo "systemctl $*" >>%s
                case "$*" in
                list-units*) printf 'watchkeeper@crew.service loaded active running\\nwatchkeeper@deck.service loaded active running\\n' ;;
                esac
                """.formatted(calls));
        program(root.resolve("usr/share/watchkeeper/bin/make-class-archive"), "exit 0\n");
    }

    @Test
    void purgeTakesStateAndLeavesEveryBackupAndTheKeysThatOpenThem() throws Exception {
        Stream.of(
                        "etc/watchkeeper/runbooks/mine.groovy",
                        "etc/watchkeeper/credentials/shore.password",
                        "etc/watchkeeper/secrets/age.key",
                        "etc/watchkeeper/crew/watchkeeper.yaml",
                        "var/lib/watchkeeper/watchkeeper.db",
                        "var/lib/watchkeeper/reports/one.md",
                        "var/lib/watchkeeper/backups/shore/base.tar",
                        "var/lib/watchkeeper/elsewhere/repository.json",
                        "var/lib/watchkeeper/elsewhere/shore/base.tar",
                        "var/lib/watchkeeper-crew/watchkeeper.db",
                        "var/lib/watchkeeper-crew/logs/shore.json",
                        "var/lib/watchkeeper-backups/shore/base.tar",
                        "var/lib/watchkeeper-old/watchkeeper.db",
                        "var/backups/watchkeeper/base.tar",
                        "var/cache/watchkeeper/one.jsa")
                .forEach(file -> write(file, ""));
        write("etc/watchkeeper/identity.txt", "# created: today\nAGE-SECRET-KEY-1QQQ\n");
        write(
                "etc/watchkeeper/deck/watchkeeper.yaml",
                "backups: { encryption: { identityFile: /etc/watchkeeper/d.id }}\n");
        write("etc/watchkeeper/d.id", "of a plug-in\n");

        String said = run("postrm", "purge");

        assertThat(files())
                .containsExactlyInAnyOrder(
                        "etc/watchkeeper/secrets/age.key",
                        "etc/watchkeeper/identity.txt",
                        "etc/watchkeeper/d.id",
                        "var/lib/watchkeeper/backups/shore/base.tar",
                        "var/lib/watchkeeper/elsewhere/repository.json",
                        "var/lib/watchkeeper/elsewhere/shore/base.tar",
                        "var/lib/watchkeeper-backups/shore/base.tar",
                        "var/lib/watchkeeper-old/watchkeeper.db",
                        "var/backups/watchkeeper/base.tar");
        assertThat(said).contains("backups stay, and what opens them", "etc/watchkeeper/identity.txt");
        assertThat(root.resolve("var/lib/watchkeeper-crew")).doesNotExist();
    }

    @Test
    void purgeOfAHostWithoutBackupsLeavesNothing() throws Exception {
        write("etc/watchkeeper/runbooks/mine.groovy", "");
        write("var/lib/watchkeeper/watchkeeper.db", "");

        run("postrm", "purge");

        assertThat(files()).isEmpty();
        assertThat(root.resolve("etc/watchkeeper")).doesNotExist();
        assertThat(root.resolve("var/lib/watchkeeper")).doesNotExist();
    }

    @Test
    void aHostWithInstancesOnlyIsConfiguredWithoutAConfigurationOfItsOwn() throws Exception {
        run("postinst", "configure");

        assertThat(Files.readString(calls))
                .contains("chown root:watchkeeper " + root + "/etc/watchkeeper\n")
                .doesNotContain("watchkeeper.yaml");
    }

    @Test
    void anUpgradeLeavesTheConfigurationToItsOwner() throws Exception {
        write("etc/watchkeeper/watchkeeper.yaml", "");
        Path configuration = root.resolve("etc/watchkeeper/watchkeeper.yaml");
        run("postinst", "configure");
        assertThat(Files.readString(calls)).contains("chown root:watchkeeper " + configuration + "\n");
        assertThat(mode(configuration)).isEqualTo("rw-r-----");

        // With a password in it, it must be the agent's alone.
        Files.setPosixFilePermissions(configuration, PosixFilePermissions.fromString("rw-------"));
        Files.writeString(calls, "");
        run("postinst", "configure", "0.0.1");

        assertThat(Files.readString(calls)).contains("chown root:watchkeeper").doesNotContain("watchkeeper.yaml");
        assertThat(mode(configuration)).isEqualTo("rw-------");
    }

    @Test
    void whatRanRunsAgainAfterAnUpgradeEnabledOrNot() throws Exception {
        run("prerm", "upgrade", "0.0.2");
        assertThat(root.resolve("run/watchkeeper-upgrade")).exists();
        run("postinst", "configure", "0.0.1");

        assertThat(Files.readString(calls))
                .containsSubsequence(
                        "deb-systemd-invoke stop watchkeeper.service watchkeeper@crew.service watchkeeper@deck.service\n",
                        "deb-systemd-invoke start watchkeeper.service\n",
                        "systemctl --quiet start watchkeeper@crew.service watchkeeper@deck.service\n");
        assertThat(files()).noneMatch(file -> file.startsWith("run/"));
    }

    @Test
    void whatRanRunsAgainWhenARemovalOrAnUpgradeIsCalledOff() throws Exception {
        for (List<String> both : List.of(
                List.of("remove", "abort-remove"),
                List.of("deconfigure", "abort-deconfigure"),
                List.of("failed-upgrade", "abort-upgrade"))) {
            Files.writeString(calls, "");
            run("prerm", both.get(0));
            run("postinst", both.get(1));

            assertThat(Files.readString(calls))
                    .as(both.get(1))
                    .contains("systemctl --quiet start watchkeeper@crew.service watchkeeper@deck.service\n");
        }
    }

    @Test
    void anUpgradeThatFailedHalfwayForgetsNobody() throws Exception {
        run("prerm", "upgrade", "0.0.2");
        program(folder.resolve("bin/systemctl"), "echo \"systemctl $*\" >>" + calls + "\n");
        run("prerm", "failed-upgrade", "0.0.1");
        run("postinst", "abort-upgrade");

        assertThat(Files.readString(calls))
                .contains("systemctl --quiet start watchkeeper@crew.service watchkeeper@deck.service\n");
    }

    @Test
    void anAgentThatIsNotEnabledRunsAgainOnlyIfItRan() throws Exception {
        program(folder.resolve("bin/systemctl"), """
                echo "systemctl $*" >>%s
                case "$*" in
                *is-enabled*) exit 1 ;;
                esac
                """.formatted(calls));
        run("prerm", "upgrade", "0.0.2");
        run("postinst", "configure", "0.0.1");

        assertThat(Files.readString(calls)).contains("systemctl --quiet start watchkeeper.service\n");
    }

    @Test
    void thePolicyOfTheHostIsObeyed() throws Exception {
        program(root.resolve("usr/sbin/policy-rc.d"), "[ \"$1\" != watchkeeper@crew.service ] || exit 101\n");
        run("prerm", "upgrade", "0.0.2");
        run("postinst", "configure", "0.0.1");

        assertThat(Files.readString(calls))
                .contains("systemctl --quiet start watchkeeper@deck.service\n")
                .doesNotContain("start watchkeeper@crew.service");
    }

    @Test
    void aRemovalDoesNotLetRunsGoOnForAsLongAsAnUpgradeDoes() throws Exception {
        run("prerm", "remove");
        assertThat(root.resolve("run/watchkeeper-upgrade")).doesNotExist();
        run("postrm", "remove");

        assertThat(files()).noneMatch(file -> file.startsWith("run/"));
    }

    private String run(String script, String... arguments) throws IOException, InterruptedException {
        List<String> command = Stream.concat(
                        Stream.of("sh", SCRIPTS.resolve(script).toString()), Stream.of(arguments))
                .toList();
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().put("PATH", folder.resolve("bin") + ":/usr/bin:/bin");
        builder.environment().put("DPKG_ROOT", root.toString());
        Process process = builder.start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        return output;
    }

    private void write(String file, String text) {
        try {
            Path path = root.resolve(file);
            Files.createDirectories(path.getParent());
            Files.writeString(path, text);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static String mode(Path file) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
    }

    private static void program(Path file, String body) throws IOException {
        Files.createDirectories(file.getParent());
        Files.writeString(file, "#!/bin/sh\n" + body);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    /** All but the programs of the host, by their paths in it. */
    private List<String> files() throws IOException {
        try (Stream<Path> all = Files.walk(root)) {
            return all.filter(Files::isRegularFile)
                    .map(file -> root.relativize(file).toString())
                    .filter(file -> !file.startsWith("usr/"))
                    .toList();
        }
    }
}
