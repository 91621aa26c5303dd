package io.watchkeeper.toolkit.backup;

import io.watchkeeper.files.DurableFile;
import io.watchkeeper.files.FileDigest;
import io.watchkeeper.files.LockFile;
import io.watchkeeper.postgres.Lsn;
import io.watchkeeper.toolkit.wal.WalSegment;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;

/** A repository of small backups with real manifests, real hashes and real headers in its WAL; its clock is set by hand. */
public final class MadeUpRepository {

    static final long SYSTEM = 7_301_234_567_890_123_456L;

    public final Catalogue catalogue;
    public final BackupSettings settings;
    public Instant now = Instant.parse("2026-11-21T12:00:00Z");

    private final Random random = new Random(5);

    public MadeUpRepository(Path folder) {
        settings = new BackupSettings(
                folder.resolve("repository"), null, folder.resolve("state"), null, "shore-1", clock());
        catalogue = settings.catalogue("shore");
    }

    Clock clock() {
        return new Clock() {
            @Override
            public Instant instant() {
                return now;
            }

            @Override
            public ZoneId getZone() {
                return ZoneOffset.UTC;
            }

            @Override
            public Clock withZone(ZoneId zone) {
                return this;
            }
        };
    }

    public Backup base(Duration ago, int segment) {
        return backup(BackupKind.BASE, null, ago, segment);
    }

    Backup incremental(Backup parent, Duration ago, int segment) {
        return backup(BackupKind.INCREMENTAL, parent.id(), ago, segment);
    }

    public Backup dump(Duration ago) {
        return backup(BackupKind.DUMP, null, ago, 0);
    }

    private Backup backup(BackupKind kind, @Nullable String parent, Duration ago, int segment) {
        Instant today = now;
        now = today.minus(ago);
        LockFile turn = catalogue.lock("a test");
        try (BackupDraft draft = catalogue.begin(kind)) {
            for (String file : kind == BackupKind.DUMP
                    ? List.of("dump.custom", "globals.sql")
                    : List.of(
                            "data/base/1/1259", "data/global/pg_control", "data/backup_manifest", "data/PG_VERSION")) {
                byte[] content = new byte[200 + random.nextInt(800)];
                random.nextBytes(content);
                Files.createDirectories(draft.folder().resolve(file).getParent());
                Files.write(draft.folder().resolve(file), content);
            }
            Files.write(draft.folder().resolve("empty"), new byte[0]);
            Lsn start = kind == BackupKind.DUMP ? null : new Lsn(segment * WalSegment.USUAL_SIZE + 40);
            return draft.finish(
                    new BackupManifest(
                            draft.id(),
                            kind,
                            BackupManifest.NATIVE,
                            "shore",
                            "app",
                            "15.18",
                            SYSTEM,
                            1,
                            start,
                            start == null ? null : new Lsn(start.position() + 1_000),
                            now,
                            now,
                            WalSegment.USUAL_SIZE,
                            List.of(),
                            Map.of("pg_basebackup", "15.18"),
                            "",
                            Compression.NONE,
                            parent,
                            Map.of()),
                    Map.of());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            turn.close();
            now = today;
        }
    }

    /** Archives a segment whose first page says that it is that one. */
    public Path segment(long timeline, int number, Duration ago) {
        return segment(timeline, number, ago, number);
    }

    /** @param really the segment whose content it has */
    Path segment(long timeline, int number, Duration ago, int really) {
        byte[] page = new byte[8_192];
        random.nextBytes(page);
        ByteBuffer.wrap(page)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putShort(0, (short) 0xD110)
                .putShort(2, (short) 2)
                .putInt(4, (int) timeline)
                .putLong(8, really * WalSegment.USUAL_SIZE)
                .putLong(24, SYSTEM)
                .putInt(32, (int) WalSegment.USUAL_SIZE)
                .putInt(36, 8_192);
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(packed)) {
            gzip.write(page);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        String name = new WalSegment(timeline, number, WalSegment.USUAL_SIZE).name() + ".gz";
        return archive(name, packed.toByteArray(), ago);
    }

    Path history(long timeline, String text) {
        return archive(
                String.format("%08X.history", timeline),
                text.getBytes(java.nio.charset.StandardCharsets.UTF_8),
                Duration.ofDays(90));
    }

    private Path archive(String name, byte[] content, Duration ago) {
        Path file = catalogue.wal().folder().resolve(name);
        try {
            Files.createDirectories(file.getParent());
            DurableFile.write(file, content);
            DurableFile.write(HashFile.of(file), FileDigest.of(content) + "  " + name + "\n");
            Files.setLastModifiedTime(file, FileTime.from(now.minus(ago)));
            return file;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
