package io.watchkeeper.doctor;

import io.watchkeeper.config.AgentConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Says which machine this is. */
final class HostCheck implements HealthCheck {

    private static final Path OS_RELEASE = Path.of("/etc/os-release");

    private final Optional<AgentConfig.Host> host;

    HostCheck(Optional<AgentConfig.Host> host) {
        this.host = host;
    }

    @Override
    public String subject() {
        return "host";
    }

    @Override
    public List<Finding> examine() {
        String who = host.map(h -> h.name() + ", role " + h.role() + ", ").orElse("");
        return List.of(Finding.green(
                subject(),
                who + operatingSystem() + ", Java " + Runtime.version().feature() + ", user "
                        + System.getProperty("user.name")));
    }

    private static String operatingSystem() {
        try {
            return Files.readAllLines(OS_RELEASE).stream()
                    .filter(line -> line.startsWith("PRETTY_NAME="))
                    .map(line -> line.substring("PRETTY_NAME=".length()).replace("\"", ""))
                    .findFirst()
                    .orElse(System.getProperty("os.name"));
        } catch (IOException e) {
            return System.getProperty("os.name");
        }
    }
}
