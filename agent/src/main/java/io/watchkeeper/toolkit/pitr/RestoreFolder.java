package io.watchkeeper.toolkit.pitr;

import io.watchkeeper.files.DurableFile;
import io.watchkeeper.files.FolderTree;
import io.watchkeeper.files.LockFile;
import io.watchkeeper.problem.OperatorException;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A folder that a restore fills. While it does, and after it died, the file {@value #MARKER} in it says so; it is a lock as well. What was
 * there before can be set aside, and then comes back when the restore fails.
 *
 * <p>The process may die at any moment of it. What was set aside is whole in {@value #REPLACED}, or is being moved there or back by way of
 * {@value #MOVING}; as long as that folder is there, all that lies beside it belongs into it. What is in {@value #GONE} never comes back, and
 * what lies beside it is whole.
 */
final class RestoreFolder {

    /** A lock, so that two restores do not meet, and that a dead one is told from one at work. */
    static final String MARKER = "watchkeeper.restoring";

    static final String REPLACED = "watchkeeper.replaced";
    static final String MOVING = "watchkeeper.moving";
    static final String GONE = "watchkeeper.gone";

    private final Path folder;
    private final PosixFileAttributes before;
    private final LockFile marker;

    /** Whether a restore died in it, and what that has left is there still. */
    private boolean half;

    /** Whether a restore has begun to change it, and neither ended nor undone that. */
    private boolean open;

    private boolean settled;

    private RestoreFolder(Path folder, PosixFileAttributes before, boolean half, LockFile marker) {
        this.folder = folder;
        this.before = before;
        this.half = half;
        this.marker = marker;
    }

    /**
     * Makes the folder if need be, and marks it.
     *
     * @throws OperatorException when another restore fills it
     * @throws IOException when it cannot be made or marked
     */
    static RestoreFolder take(Path folder, String holder) throws IOException {
        Files.createDirectories(folder);
        PosixFileAttributes before = Files.readAttributes(folder, PosixFileAttributes.class);
        boolean half = isHalf(folder);
        Path moving = folder.resolve(MOVING);
        // With the mark alone, an old cluster that nothing was done to would be taken for half a restore.
        boolean made = !half && !Files.exists(moving) && isWhole(folder);
        if (made) {
            Files.createDirectory(moving);
        }
        Optional<LockFile> marker = Optional.empty();
        try {
            marker = LockFile.tryAcquire(folder.resolve(MARKER), holder);
        } catch (OperatorException e) {
            throw new IOException(e.getMessage(), e);
        } finally {
            if (made && marker.isEmpty()) {
                Files.deleteIfExists(moving);
            }
        }
        return marker.map(one -> new RestoreFolder(folder, before, half, one))
                .orElseThrow(() -> new OperatorException(
                        "another restore is writing to " + folder, "wait for it, or choose another directory."));
    }

    /** Whether a restore fills it or died while it did. */
    static boolean isHalf(Path folder) {
        return Files.exists(folder.resolve(MARKER));
    }

    /** Where no restore died: whether there is anything to be set aside. */
    private static boolean isWhole(Path folder) throws IOException {
        return !Files.exists(folder.resolve(REPLACED)) && !content(folder).isEmpty();
    }

    /** What is in it, marks and what was set aside left out, and what a file system has from its beginning. */
    static List<Path> content(Path folder) throws IOException {
        List<Path> content = new ArrayList<>();
        try (DirectoryStream<Path> all = Files.newDirectoryStream(folder)) {
            for (Path one : all) {
                if (!List.of(MARKER, REPLACED, MOVING, GONE, "lost+found")
                        .contains(one.getFileName().toString())) {
                    content.add(one);
                }
            }
        }
        return content;
    }

    /**
     * Removes what a restore that died has left of its own in its folders; what it had set aside stays.
     *
     * @param folders first the one that decides: when what came there is whole, so is what came to the others
     */
    static void dropHalves(List<RestoreFolder> folders) throws IOException {
        RestoreFolder first = folders.get(0);
        if (first.half && Files.exists(first.folder.resolve(GONE))) {
            for (RestoreFolder one : folders) {
                one.retire();
            }
        }
        for (RestoreFolder one : folders) {
            one.dropHalf();
        }
    }

    private void dropHalf() throws IOException {
        if (Files.exists(folder.resolve(GONE))) {
            if (isWhole(folder)) {
                Files.createDirectories(folder.resolve(MOVING));
            }
            half = false;
            removeRetired();
        }
        boolean left = half || Files.exists(folder.resolve(REPLACED));
        if (left && !Files.exists(folder.resolve(MOVING))) {
            open = true;
            clear();
        }
    }

    /** Moves what was there out of the way; what a dead restore left must not be there any more. */
    void setAside() throws IOException {
        open = true;
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
        for (String one : List.of(MOVING, REPLACED)) {
            if (Files.exists(folder.resolve(one))) {
                // Of a cluster of which a part is removed already, the rest must not be taken for one that may come
                // back.
                DurableFile.move(folder.resolve(one), folder.resolve(one + ".removed"));
            }
        }
        clear();
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
            restoreRights();
            end();
        }
    }

    private void restoreRights() throws IOException {
        PosixFileAttributeView view = Files.getFileAttributeView(folder, PosixFileAttributeView.class);
        PosixFileAttributes now = view.readAttributes();
        if (!now.group().equals(before.group())) {
            view.setGroup(before.group());
        }
        if (!now.permissions().equals(before.permissions())) {
            view.setPermissions(before.permissions());
        }
        if (!now.owner().equals(before.owner())) {
            view.setOwner(before.owner());
        }
    }

    /** What is there now is whole: nothing is undone any more. */
    void end() {
        open = false;
        settled = true;
    }

    private void undo() throws IOException {
        Path moving = folder.resolve(MOVING);
        Path replaced = folder.resolve(REPLACED);
        Path gone = folder.resolve(GONE);
        // When it could not all be set aside, nothing has come in its place yet.
        if (!Files.exists(moving)) {
            if (Files.exists(gone)) {
                DurableFile.move(gone, replaced);
            }
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

    /** Waits until what came is on the disk. */
    void sync() throws IOException {
        // Not the marker: whoever opens and closes a file gives up this process's lock on it.
        for (Path one : content(folder)) {
            if (Files.isDirectory(one, java.nio.file.LinkOption.NOFOLLOW_LINKS)) {
                DurableFile.syncTree(one);
            } else if (!Files.isSymbolicLink(one)) {
                DurableFile.sync(one);
            }
        }
        DurableFile.sync(folder);
    }

    /** Decides that what was set aside does not come back, unless {@link #putBack} is still called; removes nothing. */
    void retire() throws IOException {
        if (Files.exists(folder.resolve(REPLACED))) {
            DurableFile.move(folder.resolve(REPLACED), folder.resolve(GONE));
        }
    }

    /** Removes what {@link #retire} has decided about. */
    void removeRetired() throws IOException {
        FolderTree.delete(retired());
    }

    /** What is removed at the end. */
    Path retired() {
        return folder.resolve(GONE);
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
