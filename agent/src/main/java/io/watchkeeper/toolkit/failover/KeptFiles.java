package io.watchkeeper.toolkit.failover;

import io.watchkeeper.files.DurableFile;
import io.watchkeeper.problem.OperatorException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;

/**
 * A data directory's own configuration, kept over a pg_rewind: that brings the source's, with the source's port and addresses. Saved beside
 * the directory, so that it is found again should this process die in between; the first save counts.
 */
final class KeptFiles {

    private static final List<String> NAMES =
            List.of("postgresql.conf", "postgresql.auto.conf", "pg_hba.conf", "pg_ident.conf");

    private final Path data;
    private final Path saved;

    private KeptFiles(Path data, Path saved) {
        this.data = data;
        this.saved = saved;
    }

    static KeptFiles of(Path data) {
        return new KeptFiles(data, data.resolveSibling(data.getFileName() + ".watchkeeper-conf"));
    }

    /** Whether they were saved, and are not put back. */
    boolean areSaved() {
        return Files.isDirectory(saved);
    }

    void save() {
        try {
            if (areSaved()) {
                return;
            }
            Path growing = saved.resolveSibling(saved.getFileName() + ".new");
            io.watchkeeper.files.FolderTree.delete(growing);
            Files.createDirectory(growing);
            for (String name : NAMES) {
                if (Files.isRegularFile(data.resolve(name))) {
                    Files.copy(data.resolve(name), growing.resolve(name), StandardCopyOption.COPY_ATTRIBUTES);
                }
            }
            DurableFile.syncTree(growing);
            DurableFile.move(growing, saved);
        } catch (IOException e) {
            throw new OperatorException("the configuration in " + data + " cannot be saved: " + e, null, e);
        }
    }

    void putBack() {
        try {
            for (String name : NAMES) {
                if (Files.exists(saved.resolve(name))) {
                    Files.copy(
                            saved.resolve(name),
                            data.resolve(name),
                            StandardCopyOption.COPY_ATTRIBUTES,
                            StandardCopyOption.REPLACE_EXISTING);
                    Files.setAttribute(data.resolve(name), "unix:uid", Files.getAttribute(data, "unix:uid"));
                    Files.setAttribute(data.resolve(name), "unix:gid", Files.getAttribute(data, "unix:gid"));
                    DurableFile.sync(data.resolve(name));
                }
            }
            DurableFile.sync(data);
            io.watchkeeper.files.FolderTree.delete(saved);
        } catch (IOException e) {
            throw new OperatorException(
                    "the configuration in " + saved + " cannot be put back: " + e, "copy it yourself.", e);
        }
    }
}
