package io.watchkeeper.toolkit.wal;

import io.watchkeeper.units.Bytes;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * How the log of a cluster is archived.
 *
 * @param slot the physical slot by which the server keeps what the archive has not yet
 * @param form of segments in the archive
 * @param maxRetained more than this is a failure: the primary's disk is filling up
 * @param dropSlotOver more than this, and the slot is dropped to save the primary; null for never
 * @param minFree with less than this left in the repository nothing is received
 * @param patience how long a run waits for the archive to have everything
 * @param replaceCommand whether an archive_command that somebody else has set may be replaced
 * @param bin where PostgreSQL's programs are looked for first; null for nowhere
 */
public record WalArchivePlan(
        Method method,
        String slot,
        StoredForm form,
        Bytes maxRetained,
        @Nullable Bytes dropSlotOver,
        Bytes minFree,
        Duration patience,
        boolean replaceCommand,
        @Nullable Path bin) {

    public static final Bytes MAX_RETAINED = Bytes.gigabytes(16);
    public static final Bytes MIN_FREE = Bytes.megabytes(256);
    public static final Duration PATIENCE = Duration.ofSeconds(30);

    /** Who brings the log. */
    public enum Method {
        /** The agent's receiver, as the log is written. */
        STREAM,
        /** The server, a segment at a time. */
        COMMAND
    }

    /** The defaults. */
    public static WalArchivePlan of(String slot, StoredForm form) {
        return new WalArchivePlan(Method.STREAM, slot, form, MAX_RETAINED, null, MIN_FREE, PATIENCE, false, null);
    }

    /** The slot of a host that does not say how it is called: of the letters that slots may have. */
    public static String slotOf(String host) {
        String name = "watchkeeper_" + host.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9_]", "_");
        return name.length() > 63 ? name.substring(0, 63) : name;
    }
}
