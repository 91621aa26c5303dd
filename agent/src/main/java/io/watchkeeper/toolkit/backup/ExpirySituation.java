package io.watchkeeper.toolkit.backup;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a plan of expiry is made from: one database's part of a repository as it was at one moment.
 *
 * @param backups in any order
 * @param wal the archived segments, in any order
 * @param now what ages are counted from
 */
public record ExpirySituation(List<Kept> backups, List<Segment> wal, Instant now) {

    public ExpirySituation {
        backups = List.copyOf(backups);
        wal = List.copyOf(wal);
    }

    /** Backups of one family stand in for each other: an incremental one restores a cluster just as a full one does. */
    public enum Family {
        DUMP,
        BASE
    }

    /**
     * A backup of the catalogue.
     *
     * @param parent the backup an incremental one builds on; null for one that stands on its own
     * @param finishedAt what its age is counted from
     * @param startSegment the last 16 digits of the name of the first WAL segment that a restore of it reads;
     *     null for a dump
     * @param damaged whether a check found it changed or incomplete
     * @param heldBy who holds it and why, for people; null when nobody does
     * @param usedBy who reads it just now; null when nobody does
     * @param foreign whether another program owns its files and expires them by its own rules
     */
    public record Kept(
            String id,
            Family family,
            @Nullable String parent,
            Instant finishedAt,
            @Nullable String startSegment,
            long bytes,
            boolean damaged,
            @Nullable String heldBy,
            @Nullable String usedBy,
            boolean foreign) {

        /** Before every position: what is not known to be dispensable is needed. */
        static final String UNKNOWN_START = "0000000000000000";
    }

    /**
     * A segment of the WAL archive.
     *
     * @param name timeline and position, 24 hexadecimal digits, without the suffixes of compression and encryption
     */
    public record Segment(String name, Instant archivedAt, long bytes) {

        /** Where it stands in the log, whatever its timeline: positions go on counting across a change of timeline. */
        String position() {
            return name.substring(8, 24);
        }
    }
}
