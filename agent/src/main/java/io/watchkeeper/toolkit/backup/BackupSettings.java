package io.watchkeeper.toolkit.backup;

import io.watchkeeper.problem.OperatorException;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where this host keeps backups, and with what.
 *
 * @param repository null when this host keeps none
 * @param encryption null for none
 * @param state the agent's own folder, where sandboxes are
 * @param bin where PostgreSQL's programs are looked for first; null for nowhere
 * @param host this host's name
 */
public record BackupSettings(
        @Nullable Path repository,
        @Nullable Encryption encryption,
        Path state,
        @Nullable Path bin,
        String host,
        Clock clock) {

    /** Of a host that keeps none. */
    public static BackupSettings none(Clock clock) {
        return new BackupSettings(null, null, Path.of("/nonexistent"), null, "", clock);
    }

    /**
     * The backups of a database; its folder may be missing.
     *
     * @throws OperatorException when this host keeps no backups
     */
    public Catalogue catalogue(String database) {
        Path root = requireRepository();
        RepositoryMark.check(root);
        return new Catalogue(root, database, clock);
    }

    /**
     * The same for tables that have left their database: a repository within the repository, which expiry does not see.
     *
     * @throws OperatorException when this host keeps no backups
     */
    public BackupSettings archive() {
        Path inside = requireRepository().resolve(".archive").resolve("tables");
        return new BackupSettings(inside, encryption, state, bin, host, clock);
    }

    /** @throws OperatorException when this host keeps no backups */
    public Path requireRepository() {
        if (repository == null) {
            throw new OperatorException(
                    "this host has no repository of backups",
                    "name its folder in the configuration: backups: { repository: /var/backups/watchkeeper }");
        }
        return repository;
    }

    /** Of every database that the repository knows; none where there is no repository. */
    public List<Catalogue> catalogues() {
        List<Catalogue> all = new ArrayList<>();
        if (repository == null || !Files.isDirectory(repository)) {
            return all;
        }
        try (DirectoryStream<Path> folders = Files.newDirectoryStream(repository, Files::isDirectory)) {
            for (Path one : folders) {
                if (Files.isDirectory(one.resolve("backups")) || Files.isDirectory(one.resolve("wal"))) {
                    all.add(new Catalogue(repository, String.valueOf(one.getFileName()), clock));
                }
            }
        } catch (IOException e) {
            throw new OperatorException(
                    "the repository " + repository + " cannot be read: " + e.getMessage(),
                    "look at its rights, and whether its file system is mounted.",
                    e);
        }
        all.sort(Comparator.comparing(Catalogue::database));
        return all;
    }

    /** Removes what dead processes have left in it. */
    public void sweep() {
        catalogues().forEach(Catalogue::sweep);
    }
}
