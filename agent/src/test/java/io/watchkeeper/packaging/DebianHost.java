package io.watchkeeper.packaging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.github.dockerjava.api.model.Capability;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.function.ThrowingConsumer;
import org.testcontainers.containers.Container.ExecResult;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.images.builder.Transferable;
import org.testcontainers.utility.DockerImageName;
import org.testcontainers.utility.MountableFile;

/** A Debian 12 with systemd, a Java runtime and PostgreSQL 15, on which the package of this build can be installed. */
final class DebianHost implements AutoCloseable {

    private static final String PACKAGE = "/root/watchkeeper_build_all.deb";
    private static final String PREVIOUS = "/root/previous.deb";
    private static final Duration PATIENCE = Duration.ofSeconds(90);

    private final GenericContainer<?> container;

    private DebianHost(GenericContainer<?> container) {
        this.container = container;
    }

    static DebianHost boot() {
        GenericContainer<?> container = new GenericContainer<>(DockerImageName.parse("watchkeeper-test/systemd:12"))
                .withCommand("/boot.sh")
                .withTmpFs(Map.of("/run", "exec", "/run/lock", ""))
                .withCopyFileToContainer(MountableFile.forHostPath(builtPackage()), PACKAGE)
                .withCreateContainerCmdModifier(command -> {
                    command.withTty(true).withStopSignal("SIGRTMIN+3");
                    command.getHostConfig().withCapAdd(Capability.SYS_ADMIN).withCgroupnsMode("private");
                });
        container.start();
        DebianHost host = new DebianHost(container);
        await().atMost(PATIENCE)
                .until(() -> host.run("systemctl is-system-running").getStdout().matches("(?s)(running|degraded).*"));
        return host;
    }

    /** Installs this build as if it were an older one, for this build to be an upgrade. */
    String installPrevious() {
        check("dpkg-deb -R " + PACKAGE
                + " /tmp/previous && sed -i 's/^Version: .*/Version: 0.0.1/' /tmp/previous/DEBIAN/control"
                + " && dpkg-deb --root-owner-group -Zgzip -z1 -b /tmp/previous " + PREVIOUS
                + " && rm -r /tmp/previous");
        return check("dpkg --force-confold -i " + PREVIOUS);
    }

    /** What the command printed; fails the test when it fails. */
    String check(String command) {
        ExecResult result = run(command);
        assertThat(result.getExitCode())
                .as("%s%n%s%n%s", command, result.getStdout(), result.getStderr())
                .isZero();
        return result.getStdout();
    }

    ExecResult run(String command) {
        try {
            return container.execInContainer("sh", "-c", command);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** Brings a file of the host here, and back after it was changed. */
    void change(String file, Path here, ThrowingConsumer<Path> change) {
        container.copyFileFromContainer(file, here.toString());
        try {
            change.accept(here);
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
        container.copyFileToContainer(MountableFile.forHostPath(here), file);
    }

    void write(String file, String text) {
        container.copyFileToContainer(Transferable.of(text, 0100640), file);
    }

    /** One property of the unit, as systemd has it. */
    String unit(String property) {
        return check("systemctl show --value -p " + property + " watchkeeper").strip();
    }

    String journal() {
        return check("journalctl --no-pager -o cat -u watchkeeper");
    }

    /** The status of a GET, "000" where nobody answers. */
    String get(String path) {
        return run("curl -s -o /dev/null -w '%{http_code}' http://127.0.0.1:9763" + path)
                .getStdout();
    }

    String body(String path) {
        return check("curl -s http://127.0.0.1:9763" + path);
    }

    void awaitStatus(String path, String status) {
        await().atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(300))
                .untilAsserted(() -> assertThat(get(path)).as(journal()).isEqualTo(status));
    }

    /** A cluster as Debian's package makes it, with a role for the agent, which is asked for its password. */
    void startPostgres(String password) {
        check("pg_createcluster 15 main --start");
        check("runuser -u postgres -- psql -c \"create role watchkeeper login in role pg_monitor password '" + password
                + "'\" -c 'create database app owner watchkeeper' -c 'create database copy owner watchkeeper'");
    }

    @Override
    public void close() {
        container.stop();
    }

    /** The package of this build. */
    static Path builtPackage() {
        try (Stream<Path> files = Files.list(Path.of("target"))) {
            return files.filter(f -> f.getFileName().toString().matches("watchkeeper_.*_all\\.deb"))
                    .findAny()
                    .orElseThrow(() -> new IllegalStateException("no package in target: run mvn package first"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
