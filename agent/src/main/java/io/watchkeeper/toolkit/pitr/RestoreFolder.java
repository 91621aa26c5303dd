package io.watchkeeper.toolkit.pitr;

import io.watchkeeper.files.DurableFile;
import io.watchkeeper.files.FolderTree;
import io.watchkeeper.files.LockFile;
import io.watchkeeper.problem.OperatorException;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A folder that a restore fills. While it does, and after it died, the file {@value #MARKER} in it says so; it is a lock as well. What was
 * there before can be set aside, and then comes back when the restore fails.
 *
 * <p>The process may die at any moment of it. What was set aside is whole in {@value #REPLACED}, or is being moved there or back by way of
 * {@value #MOVING}; as long as that folder is there, all that lies beside it belongs into it.
 */
final class RestoreFolder {

    /** A lock, so that two restores do not meet, and that a dead one is told from one at work. */
    static final String MARKER = "watchkeeper.restoring";

    static final String REPLACED = "watchkeeper.replaced";
    static final String MOVING = "watchkeeper.moving";

    private final Path folder;
    private final boolean half;
    private final LockFile marker;

    /** Whether a restore has begun to change it, and neither ended nor undone that. */
    private boolean open;

    private boolean settled;

    private RestoreFolder(Path folder, boolean half, LockFile marker) {
        this.folder = folder;
        this.half = half;
        this.marker = marker;
    }

    /**
     * Makes the folder if need be, and marks it.
     *
     * @throws OperatorException when another restore fills it
     */
    static RestoreFolder take(Path folder, String holder) throws IOException {
        Files.createDirectories(folder);
        boolean half = isHalf(folder);
        return LockFile.tryAcquire(folder.resolve(MARKER), holder)
                .map(marker -> new RestoreFolder(folder, half, marker))
                .orElseThrow(() -> new OperatorException(
                        "another restore is writing to " + folder, "wait for it, or choose another directory."));
    }

    /** Whether a restore fills it or died while it did. */
    static boolean isHalf(Path folder) {
        return Files.exists(folder.resolve(MARKER));
    }

    /** What is in it, marks and what was set aside left out, and what a file system has from its beginning. */
    static List<Path> content(Path folder) throws IOException {
        List<Path> content = new ArrayList<>();
        try (DirectoryStream<Path> all = Files.newDirectoryStream(folder)) {
            for (Path one : all) {
                if (!List.of(MARKER, REPLACED, MOVING, "lost+found")
                        .contains(one.getFileName().toString())) {
                    content.add(one);
                }
            }
        }
        return content;
    }

    /** Removes what a restore that died has left of its own; what it had set aside stays. */
    void dropHalf() throws IOException {
        boolean left = half || Files.exists(folder.resolve(REPLACED));
        if (left && !Files.exists(folder.resolve(MOVING))) {
            open = true;
            clear();
        }
    }

    /** Moves what was there out of the way, {@link #dropHalf} first. */
    void setAside() throws IOException {
        open = true;
        dropHalf();
        Path moving = folder.resolve(MOVING);
        Path replaced = folder.resolve(REPLACED);
        if (Files.exists(replaced) || (content(folder).isEmpty() && !Files.exists(moving))) {
            return;
        }
        Files.createDirectories(moving);
        for (Path one : content(folder)) {
            Files.move(one, moving.resolve(one.getFileName()));
        }
        DurableFile.move(moving, replaced);
    }

    /** Removes what is there, and what was set aside. */
    void empty() throws IOException {
        open = true;
        clear();
        FolderTree.delete(folder.resolve(MOVING));
        FolderTree.delete(folder.resolve(REPLACED));
    }

    private void clear() throws IOException {
        for (Path one : content(folder)) {
            FolderTree.delete(one);
        }
    }

    /** Undoes what a restore that failed has changed: what was set aside is there again, or nothing is. */
    void putBack() throws IOException {
        if (open) {
            undo();
            settle();
        }
    }

    private void settle() {
        open = false;
        settled = true;
    }

    private void undo() throws IOException {
        Path moving = folder.resolve(MOVING);
        Path replaced = folder.resolve(REPLACED);
        // When it could not all be set aside, nothing has come in its place yet.
        if (!Files.exists(moving)) {
            clear();
            if (!Files.exists(replaced)) {
                return;
            }
            DurableFile.move(replaced, moving);
        }
        for (Path one : content(moving)) {
            Files.move(one, folder.resolve(one.getFileName()));
        }
    }

    /** Waits until what came is on the disk, and only then removes what was set aside for it. */
    void finish() throws IOException {
        // Not the marker: whoever opens and closes a file gives up this process's lock on it.
        for (Path one : content(folder)) {
            if (Files.isDirectory(one, java.nio.file.LinkOption.NOFOLLOW_LINKS)) {
                DurableFile.syncTree(one);
            } else if (!Files.isSymbolicLink(one)) {
                DurableFile.sync(one);
            }
        }
        DurableFile.sync(folder);
        FolderTree.delete(folder.resolve(REPLACED));
        settle();
    }

    /** Takes the mark away, unless what is there is half a restore still. */
    void release() throws IOException {
        try {
            if (settled || (!open && !half)) {
                Files.deleteIfExists(folder.resolve(MARKER));
                // Empty since all was put back. It goes after the mark: without it, what lies beside would be taken for
                // a half.
                Files.deleteIfExists(folder.resolve(MOVING));
            }
        } finally {
            marker.close();
        }
    }
}
