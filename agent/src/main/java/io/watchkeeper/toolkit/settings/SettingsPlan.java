package io.watchkeeper.toolkit.settings;

import io.watchkeeper.units.Bytes;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How a server's settings are to be judged.
 *
 * @param memory of the server's host; null for what this host has when the server is here, and for unknown when it is not
 * @param logIsReceived whether an archive gets the write-ahead log without the server's archive_command
 * @param accepted codes of findings that are known and count as well
 */
public record SettingsPlan(@Nullable Bytes memory, boolean logIsReceived, Set<String> accepted) {

    public SettingsPlan {
        accepted = Set.copyOf(accepted);
    }
}
