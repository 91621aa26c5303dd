package io.watchkeeper.toolkit.replication;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.deser.std.FromStringDeserializer;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.std.ToStringSerializer;
import io.watchkeeper.files.DurableFile;
import io.watchkeeper.files.FolderOwner;
import io.watchkeeper.files.LockFile;
import io.watchkeeper.postgres.Lsn;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the agents of this host have seen of replication, in {@code <state>/replication/observations.json}: the daemon and the
 * commands beside it add to it and read it, so that each tells the same lag and the same age of an unread slot. Safe for several threads.
 *
 * <p>What cannot be written or read costs knowledge of the past, never a look: it is said once in the log.
 */
public final class ReplicationObservations {

    private static final Logger LOG = LoggerFactory.getLogger(ReplicationObservations.class);

    /** A process that dies loses at most the looks of this time, none at which something changed. */
    private static final Duration SAVE_EVERY = Duration.ofSeconds(30);

    private static final ObjectMapper JSON = JsonMapper.builder()
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .addModule(new SimpleModule()
                    .addSerializer(Instant.class, ToStringSerializer.instance)
                    .addSerializer(Lsn.class, ToStringSerializer.instance)
                    .addDeserializer(Instant.class, new InstantFromText())
                    .addDeserializer(Lsn.class, new LsnFromText()))
            .build();

    private final @Nullable Path file;
    private final Map<String, ServerSeen> servers = new TreeMap<>();
    private @Nullable FileTime read;
    private long saved;
    private boolean everSaved;
    private boolean warned;

    private ReplicationObservations(@Nullable Path file) {
        this.file = file;
    }

    /** Those of a state directory. */
    public static ReplicationObservations in(Path state) {
        return new ReplicationObservations(state.resolve("replication").resolve("observations.json"));
    }

    /** Those of a process alone. */
    static ReplicationObservations inMemory() {
        return new ReplicationObservations(null);
    }

    synchronized ServerSeen of(String database) {
        takeOver();
        return servers.getOrDefault(database, ServerSeen.NOTHING);
    }

    /** Takes one look's result in, and writes it down when it says something new or the last time was a while ago. */
    synchronized ServerSeen update(String database, UnaryOperator<ServerSeen> look) {
        takeOver();
        ServerSeen before = servers.getOrDefault(database, ServerSeen.NOTHING);
        ServerSeen after = look.apply(before);
        servers.put(database, after);
        boolean due = !everSaved || System.nanoTime() - saved > SAVE_EVERY.toNanos();
        if (due || !after.notable().equals(before.notable())) {
            save();
        }
        return after;
    }

    /** Reads what another process has written since the last time. */
    private void takeOver() {
        if (file == null) {
            return;
        }
        try {
            FileTime changed = Files.getLastModifiedTime(file);
            if (!changed.equals(read)) {
                stored(file).forEach((name, seen) -> servers.merge(name, seen, ServerSeen::mergedWith));
                read = changed;
            }
        } catch (NoSuchFileException e) {
            // Nothing was seen yet.
        } catch (IOException e) {
            warn("what was seen of replication before is not known", e);
        }
    }

    private static Map<String, ServerSeen> stored(Path file) throws IOException {
        try {
            return JSON.readValue(Files.readAllBytes(file), new TypeReference<Map<String, ServerSeen>>() {});
        } catch (JsonProcessingException e) {
            // Written by another version, or by hand: it is made anew by the next look.
            LOG.warn("{} cannot be read and begins anew: {}", file, e.getOriginalMessage());
            return Map.of();
        }
    }

    private void save() {
        if (file == null) {
            return;
        }
        Path folder = Objects.requireNonNull(file.getParent());
        try {
            if (!Files.isDirectory(folder)) {
                Files.createDirectory(folder);
                FolderOwner.give(folder);
            }
            // Whoever finds it taken writes at its next look: nothing waits for a file.
            Optional<LockFile> turn = LockFile.tryAcquire(folder.resolve("observations.lock"), "observations");
            if (turn.isPresent()) {
                try {
                    write(file);
                } finally {
                    turn.get().close();
                }
            }
        } catch (IOException | RuntimeException e) {
            warn("what is seen of replication is not kept", e);
        }
    }

    private void write(Path to) throws IOException {
        takeOver();
        DurableFile.write(to, JSON.writeValueAsBytes(servers));
        FolderOwner.give(to);
        read = Files.getLastModifiedTime(to);
        saved = System.nanoTime();
        everSaved = true;
    }

    private void warn(String what, Exception e) {
        if (!warned) {
            warned = true;
            LOG.warn("{}, because {} cannot be used: {}", what, file, e.toString());
        }
    }

    private static final class InstantFromText extends FromStringDeserializer<Instant> {
        private static final long serialVersionUID = 1;

        InstantFromText() {
            super(Instant.class);
        }

        @Override
        protected Instant _deserialize(String text, DeserializationContext context) {
            return Instant.parse(text);
        }
    }

    private static final class LsnFromText extends FromStringDeserializer<Lsn> {
        private static final long serialVersionUID = 1;

        LsnFromText() {
            super(Lsn.class);
        }

        @Override
        protected Lsn _deserialize(String text, DeserializationContext context) {
            return Lsn.parse(text).orElseThrow(() -> new IllegalArgumentException(text + " is no position"));
        }
    }
}
