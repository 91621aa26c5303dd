package io.watchkeeper;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * The file by which the package's scripts say, from before they stop the agent until after they started the new one, that this
 * stop is for an upgrade. Its place is the same for every instance on a host, and only root can write there.
 */
final class UpgradeMark {

    /** Names another place, for tests. */
    static final String PLACE = "WATCHKEEPER_UPGRADE_MARK";

    private static final String USUAL = "/run/watchkeeper-upgrade";

    private UpgradeMark() {}

    static boolean isSet(Map<String, String> environment) {
        return Files.exists(Path.of(environment.getOrDefault(PLACE, USUAL)));
    }
}
