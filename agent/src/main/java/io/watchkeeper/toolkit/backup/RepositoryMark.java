package io.watchkeeper.toolkit.backup;

import io.watchkeeper.problem.OperatorException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A small file that says which form a repository is of.
 *
 * @param format counted from 1
 */
record RepositoryMark(int format) {

    private static final String FILE = "repository.json";

    /** @throws OperatorException when a newer version has written the repository, or it cannot be read */
    static void check(Path repository) {
        Path mark = repository.resolve(FILE);
        if (!Files.exists(mark)) {
            return;
        }
        try {
            int format = BackupJson.read(mark, RepositoryMark.class).format();
            if (format > BackupManifest.FORMAT) {
                throw new OperatorException(
                        "the repository " + repository + " is of form " + format + ", and this version knows "
                                + BackupManifest.FORMAT,
                        "use the version of Watchkeeper that wrote it, or a newer one.");
            }
        } catch (IOException e) {
            throw unusable(repository, e);
        }
    }

    /** Makes the repository where it is missing. */
    static void write(Path repository) {
        try {
            Files.createDirectories(repository);
            if (!Files.exists(repository.resolve(FILE))) {
                BackupJson.write(repository.resolve(FILE), new RepositoryMark(BackupManifest.FORMAT));
            }
        } catch (IOException e) {
            throw unusable(repository, e);
        }
    }

    private static OperatorException unusable(Path repository, IOException e) {
        return new OperatorException(
                "the repository " + repository + " cannot be used: " + e.getMessage(),
                "it must be a folder that user '" + System.getProperty("user.name")
                        + "' may write to; is its file system mounted?",
                e);
    }
}
