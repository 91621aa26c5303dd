package io.watchkeeper.toolkit.pitr;

import io.watchkeeper.postgres.ServerUser;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** What keeps a sandbox's server from reaching anything. */
enum Isolation {

    /** A network namespace of its own, with nothing in it: no packet leaves, whatever the server runs. */
    NO_NETWORK("no network: a network namespace of its own"),

    /** The system allows no namespace: nothing in the server starts that would connect, but a query could. */
    SETTINGS("settings alone: this system allows no network namespace");

    private final String words;

    Isolation(String words) {
        this.words = words;
    }

    /** The strongest that works here. */
    static Isolation best(ServerUser user) {
        List<String> probe = new ArrayList<>(NO_NETWORK.prefix(user));
        probe.add("true");
        try {
            Process process = new ProcessBuilder(probe)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            boolean worked = process.waitFor(10, TimeUnit.SECONDS) && process.exitValue() == 0;
            return worked ? NO_NETWORK : SETTINGS;
        } catch (IOException e) {
            return SETTINGS;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return SETTINGS;
        }
    }

    List<String> prefix(ServerUser user) {
        List<String> command = new ArrayList<>();
        if (this == NO_NETWORK) {
            command.addAll(
                    ServerUser.isRoot()
                            ? List.of("unshare", "--net", "--")
                            : List.of("unshare", "--user", "--map-current-user", "--net", "--"));
        }
        command.addAll(user.prefix());
        return command;
    }

    String words() {
        return words;
    }
}
