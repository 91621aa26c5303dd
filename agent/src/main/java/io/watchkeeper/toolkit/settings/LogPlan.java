package io.watchkeeper.toolkit.settings;

import io.watchkeeper.units.Bytes;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What is looked for in a server's log.
 *
 * @param reader who remembers how far it has read: a runbook's name
 * @param run which reading this is: asked again in the same run, the same is read again
 * @param file where the log is on this host; null to ask the server
 * @param classes what is looked for; empty for everything
 * @param ignored entries that nobody wants to hear of
 * @param warn so many entries of a class are to be looked at
 * @param fail so many entries of a class are to be mended; null for no number
 * @param firstLook how far back the first reading goes
 * @param atMost is read at once; the end of the log goes first
 * @param keeps whether this reading is remembered
 */
public record LogPlan(
        String reader,
        String run,
        @Nullable Path file,
        Set<LogClass> classes,
        List<LogIgnore> ignored,
        int warn,
        @Nullable Integer fail,
        Duration firstLook,
        Bytes atMost,
        boolean keeps) {

    public static final Duration FIRST_LOOK = Duration.ofDays(1);
    public static final Bytes AT_MOST = Bytes.megabytes(64);

    public LogPlan {
        classes = Set.copyOf(classes);
        ignored = List.copyOf(ignored);
    }
}
