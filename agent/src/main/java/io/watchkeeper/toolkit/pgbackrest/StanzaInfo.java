package io.watchkeeper.toolkit.pgbackrest;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.watchkeeper.postgres.Lsn;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.toolkit.wal.WalSegment;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What pgBackRest holds of a stanza: {@code pgbackrest info --output=json}. What versions before or after say in other words or not at
 * all is left open, never guessed.
 *
 * @param status 0 when all is well
 * @param busy whether a backup or expiry is at work now
 * @param backups oldest first
 */
public record StanzaInfo(
        String name,
        int status,
        String message,
        boolean busy,
        List<Repo> repos,
        List<Cluster> clusters,
        List<StanzaBackup> backups,
        List<Archive> archives) {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int MISSING_PATH = 1;
    private static final int MISSING_DATA = 3;

    /** A repository. @param key its number in the configuration @param cipher {@code none} or how it is encrypted */
    public record Repo(int key, String cipher, int status, String message) {}

    /** A cluster that was backed up under this name. @param systemId as in pg_control; a number too large for a long is shown unsigned */
    public record Cluster(long id, int repo, String systemId, String version) {}

    /** The archive of one system. @param id such as {@code 15-1} @param first segment in it; null when it is empty */
    public record Archive(
            String id,
            long databaseId,
            int repo,
            @Nullable String first,
            @Nullable String last) {}

    public StanzaInfo {
        repos = List.copyOf(repos);
        clusters = List.copyOf(clusters);
        backups = List.copyOf(backups);
        archives = List.copyOf(archives);
    }

    /** Reads what {@code info} wrote. @throws OperatorException when it is not about this stanza */
    static StanzaInfo parse(String json, String stanza) {
        JsonNode all;
        try {
            all = JSON.readTree(json);
        } catch (JsonProcessingException e) {
            throw new OperatorException(
                    "what pgbackrest info said about '" + stanza + "' cannot be read: " + e.getOriginalMessage(),
                    null,
                    e);
        }
        for (JsonNode one : all) {
            if (one.path("name").asText().equals(stanza)) {
                return read(one);
            }
        }
        return new StanzaInfo(
                stanza, MISSING_PATH, "missing stanza path", false, List.of(), List.of(), List.of(), List.of());
    }

    private static StanzaInfo read(JsonNode stanza) {
        JsonNode status = stanza.path("status");
        List<Repo> repos = new ArrayList<>();
        for (JsonNode repo : stanza.path("repo")) {
            repos.add(new Repo(
                    repo.path("key").asInt(1),
                    repo.path("cipher").asText("none"),
                    repo.path("status").path("code").asInt(),
                    repo.path("status").path("message").asText()));
        }
        if (repos.isEmpty()) {
            // Before 2.32 there was one repository, without a number.
            repos.add(new Repo(
                    1,
                    stanza.path("cipher").asText("none"),
                    status.path("code").asInt(),
                    status.path("message").asText()));
        }
        List<Cluster> clusters = new ArrayList<>();
        for (JsonNode db : stanza.path("db")) {
            clusters.add(new Cluster(
                    db.path("id").asLong(),
                    db.path("repo-key").asInt(1),
                    db.path("system-id").asText(),
                    db.path("version").asText()));
        }
        List<Archive> archives = new ArrayList<>();
        for (JsonNode archive : stanza.path("archive")) {
            archives.add(new Archive(
                    archive.path("id").asText(),
                    archive.path("database").path("id").asLong(),
                    archive.path("database").path("repo-key").asInt(1),
                    textOf(archive.path("min")),
                    textOf(archive.path("max"))));
        }
        List<StanzaBackup> backups = new ArrayList<>();
        stanza.path("backup").forEach(backup -> backups.add(backup(backup)));
        backups.sort(Comparator.comparing(StanzaBackup::finishedAt).thenComparing(StanzaBackup::label));
        return new StanzaInfo(
                stanza.path("name").asText(),
                status.path("code").asInt(),
                status.path("message").asText(),
                status.path("lock").path("backup").path("held").asBoolean(),
                repos,
                clusters,
                backups,
                archives);
    }

    private static StanzaBackup backup(JsonNode backup) {
        JsonNode info = backup.path("info");
        JsonNode repository = info.path("repository");
        List<String> references = new ArrayList<>();
        backup.path("reference").forEach(reference -> references.add(reference.asText()));
        return new StanzaBackup(
                backup.path("label").asText(),
                type(backup.path("type").asText()),
                backup.path("database").path("repo-key").asInt(1),
                backup.path("database").path("id").asLong(),
                lsn(backup.path("lsn").path("start")),
                lsn(backup.path("lsn").path("stop")),
                textOf(backup.path("archive").path("start")),
                textOf(backup.path("archive").path("stop")),
                Instant.ofEpochSecond(backup.path("timestamp").path("start").asLong()),
                Instant.ofEpochSecond(backup.path("timestamp").path("stop").asLong()),
                info.path("size").asLong(),
                info.path("delta").asLong(),
                repository.path("size").asLong(-1),
                repository.path("delta").asLong(-1),
                backup.path("error").asBoolean(),
                textOf(backup.path("prior")),
                references,
                "pgBackRest " + backup.path("backrest").path("version").asText("?"));
    }

    private static StanzaBackup.Type type(String word) {
        try {
            return StanzaBackup.Type.valueOf(word.toUpperCase(Locale.ROOT));
        } catch (IllegalArgumentException e) {
            throw new OperatorException(
                    "pgBackRest holds a backup of type '" + word + "', which this version of Watchkeeper does not know",
                    null,
                    e);
        }
    }

    private static @Nullable Lsn lsn(JsonNode node) {
        return node.isTextual() ? Lsn.parse(node.asText()).orElse(null) : null;
    }

    private static @Nullable String textOf(JsonNode node) {
        return node.isTextual() ? node.asText() : null;
    }

    /** Whether {@code stanza-create} was never run, or its repository was emptied. */
    public boolean isMissing() {
        return status == MISSING_PATH || status == MISSING_DATA;
    }

    /** Whether its repositories can be used; having no backup yet is no fault. */
    public boolean isUsable() {
        return repos.stream().allMatch(repo -> repo.status() == 0 || repo.status() == 2);
    }

    public Optional<StanzaBackup> find(String label) {
        return backups.stream().filter(backup -> backup.label().equals(label)).findFirst();
    }

    /** The cluster that is backed up under this name today. */
    public Optional<Cluster> cluster() {
        return clusters.stream().max(Comparator.comparingLong(Cluster::id));
    }

    /** Today's system's archive in a repository. */
    public Optional<Archive> archive(int repo) {
        return archives.stream()
                .filter(archive -> archive.repo() == repo)
                .max(Comparator.comparingLong(Archive::databaseId));
    }

    /**
     * How large the segments of the write-ahead log are. pgBackRest does not say; but every backup names a position and the segment that
     * it is in.
     */
    public long segmentSize() {
        for (long size = 1 << 20; size <= 1 << 30; size <<= 1) {
            long one = size;
            boolean known = backups.stream()
                    .anyMatch(b -> b.start() != null && b.start().position() >= one);
            if (known && backups.stream().allMatch(b -> fits(b, one))) {
                return one;
            }
        }
        return WalSegment.USUAL_SIZE;
    }

    private static boolean fits(StanzaBackup backup, long size) {
        Lsn start = backup.start();
        if (start == null || backup.walStart() == null) {
            return true;
        }
        return WalSegment.parse(backup.walStart(), size)
                .map(segment -> segment.number() == Long.divideUnsigned(start.position(), size))
                .orElse(false);
    }
}
