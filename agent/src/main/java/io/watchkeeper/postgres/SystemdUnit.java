package io.watchkeeper.postgres;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A unit of systemd on this host.
 *
 * @param name for example {@code postgresql@15-main.service}; systemd takes a service without its ending, too
 */
public record SystemdUnit(String name) {

    private static final Pattern SERVICE = Pattern.compile("/([^/]+\\.service)$");
    private static final Pattern ENDING = Pattern.compile("\\.(service|target|scope|slice|socket|mount|timer|path)$");

    /** What systemctl says where only root may do it: with polkit, and without. */
    private static final Pattern NOT_ALLOWED = Pattern.compile(
            "Interactive authentication required|Access denied|Permission denied|Operation not permitted|connect to (system scope )?bus");

    /** The unit that a process of PostgreSQL's server belongs to; empty when it is none of systemd's, or there is no such process. */
    public static Optional<SystemdUnit> ofServer(String pid) {
        return ofServer(lines(Path.of("/proc", pid, "cgroup")));
    }

    /**
     * The unit that this process is the service of, or a part of it. What it starts ends with it: systemd ends all processes of a unit
     * together. Empty for what somebody typed.
     */
    public static Optional<SystemdUnit> own() {
        return ofAgent(lines(Path.of("/proc/self/cgroup")));
    }

    /** Instances are called as their clusters are. */
    private static boolean isAgent(String name) {
        return name.startsWith("watchkeeper");
    }

    static Optional<SystemdUnit> ofServer(List<String> cgroups) {
        return in(cgroups, name -> name.contains("postgres") && !isAgent(name));
    }

    static Optional<SystemdUnit> ofAgent(List<String> cgroups) {
        return in(cgroups, SystemdUnit::isAgent);
    }

    private static List<String> lines(Path cgroup) {
        try {
            return Files.readAllLines(cgroup);
        } catch (IOException e) {
            return List.of();
        }
    }

    /** @param cgroups as procfs lists them: one line in the second version, one for each controller in the first */
    private static Optional<SystemdUnit> in(List<String> cgroups, Predicate<String> named) {
        return cgroups.stream()
                .map(SERVICE::matcher)
                .filter(Matcher::find)
                .map(found -> found.group(1))
                .filter(named)
                .findFirst()
                .map(SystemdUnit::new);
    }

    /** Whether somebody who says this name means it. */
    public boolean isNamed(String said) {
        return name.equals(said) || name.equals(said + ".service");
    }

    public void start(Work work) {
        systemctl("start", work);
    }

    public void stop(Work work) {
        systemctl("stop", work);
    }

    public void restart(Work work) {
        systemctl("restart", work);
    }

    /** As this user, whom polkit may allow it, and then as root by sudo, which is tried last as it says no to whom it does not know. */
    private void systemctl(String verb, Work work) {
        String whole = ENDING.matcher(name).find() ? name : name + ".service";
        PgCommand plain = PgCommand.of(Path.of("systemctl"), "--no-ask-password", verb, whole);
        if (ServerUser.isRoot()) {
            plain.run(work);
            return;
        }
        PgCommand.Result result = plain.attempt(work, line -> {});
        if (result.exit() == 0) {
            return;
        }
        if (!NOT_ALLOWED.matcher(result.errors()).find()) {
            throw CommandFailure.of(plain.name(), result);
        }
        PgCommand.of(Path.of("systemctl"), verb, whole).asUser("root").run(work);
    }
}
