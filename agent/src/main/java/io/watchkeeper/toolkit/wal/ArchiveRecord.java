package io.watchkeeper.toolkit.wal;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.watchkeeper.files.DurableFile;
import io.watchkeeper.files.FolderOwner;
import io.watchkeeper.postgres.Lsn;
import io.watchkeeper.problem.OperatorException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What an archive knows of itself, in its {@code archive.json}. Written before what it tells of is done, so that whoever finds it after
 * a crash knows what there may be to undo.
 *
 * @param id of this archive, by which a connection of its own receiver is told from anybody else's
 * @param systemId of the one cluster whose log it holds
 * @param segmentSize in bytes
 * @param method {@code stream}, {@code command}, or {@code ended}
 * @param slot on the server, made for this archive; null when there is none
 * @param commandBefore the archive_command that ours replaced; null when ours is not set
 * @param gaps oldest first
 */
@JsonIgnoreProperties(ignoreUnknown = true)
record ArchiveRecord(
        String id,
        String systemId,
        long segmentSize,
        String method,
        @Nullable String slot,
        @Nullable String commandBefore,
        List<WalGap> gaps) {

    static final String STREAM = "stream";
    static final String COMMAND = "command";
    static final String ENDED = "ended";

    private static final String FILE = "archive.json";
    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

    ArchiveRecord {
        gaps = gaps == null ? List.of() : List.copyOf(gaps);
    }

    /** Of an archive that holds nothing yet. */
    static ArchiveRecord begin(String systemId, long segmentSize, String method) {
        String id = UUID.randomUUID().toString().substring(0, 8);
        return new ArchiveRecord(id, systemId, segmentSize, method, null, null, List.of());
    }

    /** @throws OperatorException when it is there and cannot be read */
    static Optional<ArchiveRecord> read(WalArchive archive) {
        Path file = archive.folder().resolve(FILE);
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        try {
            return Optional.of(JSON.readValue(Files.readString(file), ArchiveRecord.class));
        } catch (IOException e) {
            throw new OperatorException(
                    file + " cannot be read: " + e.getMessage(),
                    "it tells whose log the archive holds; restore it.",
                    e);
        }
    }

    /** Whether a person has ended the archive. One whose record cannot be read has not been: its trouble is to be seen. */
    static boolean isEnded(WalArchive archive) {
        try {
            return read(archive).map(record -> record.method().equals(ENDED)).orElse(false);
        } catch (OperatorException e) {
            return false;
        }
    }

    void write(WalArchive archive) {
        Path file = archive.folder().resolve(FILE);
        try {
            DurableFile.write(file, JSON.writeValueAsString(this) + "\n");
            FolderOwner.give(file);
        } catch (IOException e) {
            throw new OperatorException(
                    file + " cannot be written: " + e.getMessage(), "make room there, and look at its rights.", e);
        }
    }

    ArchiveRecord withMethod(String now) {
        return new ArchiveRecord(id, systemId, segmentSize, now, slot, commandBefore, gaps);
    }

    ArchiveRecord withSlot(@Nullable String now) {
        return new ArchiveRecord(id, systemId, segmentSize, method, now, commandBefore, gaps);
    }

    ArchiveRecord withCommandBefore(@Nullable String before) {
        return new ArchiveRecord(id, systemId, segmentSize, method, slot, before, gaps);
    }

    ArchiveRecord withGap(WalGap gap) {
        List<WalGap> all = new ArrayList<>(gaps);
        all.add(gap);
        return withGaps(all);
    }

    /** Log arrives again, from this position on: a gap that nothing was lost in is none. */
    ArchiveRecord withGapsEndingAt(Lsn position) {
        return withGaps(gaps.stream()
                .filter(gap -> gap.to() != null || gap.beginsBefore(position))
                .map(gap -> gap.to() == null ? gap.endingAt(position) : gap)
                .toList());
    }

    boolean hasOpenGap() {
        return gaps.stream().anyMatch(gap -> gap.to() == null);
    }

    private ArchiveRecord withGaps(List<WalGap> all) {
        return new ArchiveRecord(id, systemId, segmentSize, method, slot, commandBefore, all);
    }

    /** The name under which the archive's receiver connects. */
    String applicationName() {
        return "watchkeeper wal " + id;
    }

    /** @throws OperatorException when the log of another cluster would come into this archive */
    void requireCluster(String database, WalArchive archive, String found) {
        if (!systemId.equals(found)) {
            throw new OperatorException(
                    archive.folder() + " holds the log of cluster " + systemId + ", and database '" + database
                            + "' is cluster " + found + " now",
                    "an archive never mixes two clusters: if the new one is right, move the folder " + archive.folder()
                            + " aside and make a base backup.");
        }
    }
}
