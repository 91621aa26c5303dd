package io.watchkeeper.toolkit.pitr;

import io.watchkeeper.postgres.Work;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.toolkit.backup.Backup;
import io.watchkeeper.toolkit.backup.BackupManifest;
import io.watchkeeper.toolkit.backup.BackupSettings;
import io.watchkeeper.toolkit.backup.Catalogue;
import io.watchkeeper.toolkit.backup.Compression;
import io.watchkeeper.toolkit.backup.Encryption;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The agent's own repository as what is restored from. */
final class RepositorySource implements RestoreSource {

    /** A compressed cluster unpacks to about as many times its size; the manifest of PostgreSQL says it better where it can be read. */
    private static final int UNPACKED = 4;

    private static final Logger LOG = LoggerFactory.getLogger(RepositorySource.class);

    private final BackupSettings settings;
    private final Catalogue catalogue;
    private final Work work;

    RepositorySource(BackupSettings settings, String database, Work work) {
        this.settings = settings;
        this.catalogue = settings.catalogue(database);
        this.work = work;
    }

    @Override
    public String place() {
        return catalogue.folder().toString();
    }

    @Override
    public String howToMakeOne() {
        return "watchkeeper backup base --database " + catalogue.database() + " makes one.";
    }

    @Override
    public List<Backup> backups() {
        return catalogue.backups().stream()
                .filter(b -> b.kind().isPhysical())
                .filter(b -> b.manifest().provider().equals(BackupManifest.NATIVE))
                .toList();
    }

    @Override
    public Backup find(String id) {
        Backup backup = catalogue.find(id);
        String provider = backup.manifest().provider();
        if (!provider.equals(BackupManifest.NATIVE)) {
            String stanza = backup.manifest().options().getOrDefault("stanza", "…");
            throw new OperatorException(
                    "the files of backup " + id + " are not in this repository: " + provider + " keeps them",
                    "say so in the runbook: restore or pitrDrill with provider " + provider + "('" + stanza + "').");
        }
        return backup;
    }

    @Override
    public ArchivedLog log(Backup backup) {
        return new WalFetch(catalogue.wal(), identity(backup), work);
    }

    private @Nullable Path identity(Backup backup) {
        Encryption encryption = settings.encryption();
        if (encryption == null || encryption.identityFile() == null) {
            if (!backup.manifest().encryption().isEmpty()) {
                throw new OperatorException(
                        "backup " + backup.id() + " is encrypted, and this host has no key to read it",
                        "bring the identity file here, mode 0600, and name it as backups.encryption.identityFile.");
            }
            return null;
        }
        return encryption.identity();
    }

    @Override
    public long restoredBytes(List<Backup> chain) {
        long bytes = 0;
        for (Backup backup : chain) {
            BackupManifest manifest = backup.manifest();
            bytes += manifest.bytes() * (manifest.compression() == Compression.NONE ? 1 : UNPACKED);
        }
        return bytes;
    }

    @Override
    public void requirePrograms(List<Backup> chain) {
        chain.stream()
                .flatMap(backup -> backup.manifest().files().stream())
                .forEach(file -> Pipe.requirePrograms(file.path(), settings.encryption()));
    }

    @Override
    public List<String> notes(Backup backup, @Nullable Instant newest) {
        return List.of();
    }

    @Override
    public void bring(List<Backup> chain, Path data, Path tablespaces, Path parts) throws IOException {
        try {
            new BaseRestore(settings, chain, work).bring(data, tablespaces, parts);
        } catch (DamagedBackupException e) {
            mark(e);
            throw e;
        }
    }

    /** It counts as none from now on: neither for what is kept, nor when the next restore chooses. */
    private void mark(DamagedBackupException damaged) {
        try {
            if (!Files.exists(catalogue.find(damaged.backup()).folder().resolve("manifest.json"))) {
                // Then it is not the one file: the repository is gone, as with a disk that was pulled.
                return;
            }
            catalogue.status(damaged.backup(), status -> status.withDamages(List.of(damaged.damage())));
        } catch (OperatorException e) {
            LOG.warn("backup {} cannot be marked as damaged: {}", damaged.backup(), e.getMessage());
        }
    }
}
