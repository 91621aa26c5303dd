package io.watchkeeper.toolkit.backup;

import io.watchkeeper.postgres.Work;
import io.watchkeeper.problem.OperatorException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The roles and tablespaces of a dump, for a person to read and run: they are the whole server's, and no restore changes them. */
final class GlobalsFile {

    private GlobalsFile() {}

    /** @return the file in the folder; null when the dump has none, or this host cannot read it */
    static @Nullable Path write(Backup dump, BackupSettings settings, Path folder, Work work) {
        Path plain = dump.folder().resolve(DumpFiles.GLOBALS);
        Path encrypted = dump.folder().resolve(DumpFiles.GLOBALS + Encryption.SUFFIX);
        Path to = folder.resolve(DumpFiles.GLOBALS);
        Encryption by = settings.encryption();
        try {
            Files.deleteIfExists(to);
            if (Files.exists(plain)) {
                HashedFile.write(Files.newInputStream(plain), to, work, bytes -> {});
                return to;
            }
            if (Files.exists(encrypted) && by != null && by.identityFile() != null) {
                try (Pipeline pipeline = Pipeline.of(List.of(by.decrypt().input(encrypted)), work, line -> {})) {
                    HashedFile.write(pipeline.output(), to, work, bytes -> {});
                    pipeline.requireSuccess();
                    return to;
                }
            }
            return null;
        } catch (IOException e) {
            throw new OperatorException("the dump's roles cannot be written to " + to + ": " + e.getMessage(), null, e);
        }
    }
}
