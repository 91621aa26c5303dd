package io.watchkeeper.toolkit.backup;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import io.watchkeeper.postgres.Lsn;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a backup is. Written when it is whole, and never changed.
 *
 * @param id its folder's name, which begins with the time it was begun
 * @param provider {@code native}, or {@code pgbackrest} for what that program keeps in its own repository
 * @param database as configured
 * @param databaseName on the server; of a dump the one that was dumped, else the one that was connected to
 * @param serverVersion as the server says it, for example {@code 15.18}
 * @param systemId tells clusters apart; 0 when the server does not let the role read it
 * @param timeline on which it ended
 * @param startLsn where replay begins; null for a dump
 * @param stopLsn where replay must have got to before the cluster is consistent; of a dump where the server was at its snapshot, or null
 * @param startedAt of a dump also the moment its rows are of
 * @param walSegmentSize in bytes
 * @param files all of them but this one
 * @param tools the programs that made it, with their versions
 * @param encryption {@code age}, or empty for none
 * @param parent the backup that this one is nothing without; null for a whole one
 * @param options with which it was made, for people
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public record BackupManifest(
        String id,
        BackupKind kind,
        String provider,
        String database,
        String databaseName,
        String serverVersion,
        long systemId,
        long timeline,
        @Nullable Lsn startLsn,
        @Nullable Lsn stopLsn,
        Instant startedAt,
        Instant finishedAt,
        long walSegmentSize,
        List<StoredFile> files,
        Map<String, String> tools,
        String encryption,
        Compression compression,
        @Nullable String parent,
        Map<String, String> options) {

    /** The provider of backups that are files of the repository. */
    public static final String NATIVE = "native";

    /** The option that says how much another program keeps of a backup, whose entry here has no files. */
    public static final String ELSEWHERE_BYTES = "bytesElsewhere";

    /** The form of manifests that this version writes. */
    public static final int FORMAT = 1;

    public BackupManifest {
        files = List.copyOf(files);
        tools = Map.copyOf(tools);
        options = Map.copyOf(options);
    }

    /** The same with its files, as {@link BackupDraft#finish} found them. */
    BackupManifest withFiles(List<StoredFile> found) {
        return new BackupManifest(
                id,
                kind,
                provider,
                database,
                databaseName,
                serverVersion,
                systemId,
                timeline,
                startLsn,
                stopLsn,
                startedAt,
                finishedAt,
                walSegmentSize,
                found,
                tools,
                encryption,
                compression,
                parent,
                options);
    }

    /** In the repository, or in the other program's. */
    public long bytes() {
        return files.isEmpty()
                ? Long.parseLong(options.getOrDefault(ELSEWHERE_BYTES, "0"))
                : files.stream().mapToLong(StoredFile::bytes).sum();
    }

    public Duration duration() {
        return Duration.between(startedAt, finishedAt);
    }

    /** Of the server. */
    public int majorVersion() {
        return Integer.parseInt(serverVersion.split("[^0-9]", 2)[0]);
    }

    public Optional<StoredFile> file(String path) {
        return files.stream().filter(file -> file.path().equals(path)).findFirst();
    }
}
