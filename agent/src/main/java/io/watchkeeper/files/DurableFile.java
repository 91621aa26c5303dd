package io.watchkeeper.files;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import org.jspecify.annotations.Nullable;

/** Files and names that are still there after a loss of power. */
public final class DurableFile {

    private DurableFile() {}

    /**
     * Writes a file whole. Whoever reads it, at any time and after any end of this process, finds what was there before or what is
     * there now, never a part. What root writes belongs to the folder's owner.
     */
    public static void write(Path file, byte[] content) throws IOException {
        Path folder = folderOf(file);
        Path temporary = Files.createTempFile(folder, "." + file.getFileName(), ".tmp");
        try {
            Files.write(temporary, content);
            Files.setPosixFilePermissions(
                    temporary, java.nio.file.attribute.PosixFilePermissions.fromString("rw-r-----"));
            FolderOwner.give(temporary);
            sync(temporary);
            Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(temporary);
        }
        sync(folder);
    }

    /** As {@link #write(Path, byte[])}, in UTF-8. */
    public static void write(Path file, String text) throws IOException {
        write(file, text.getBytes(StandardCharsets.UTF_8));
    }

    /** Removes a file, if it is there; it does not come back. */
    public static void delete(Path file) throws IOException {
        if (Files.deleteIfExists(file)) {
            sync(folderOf(file));
        }
    }

    /** Renames durably within a file system; a target that exists is replaced when it is a file, and an error when it is a folder with content. */
    public static void move(Path from, Path to) throws IOException {
        Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
        sync(folderOf(to));
        if (!folderOf(from).equals(folderOf(to))) {
            sync(folderOf(from));
        }
    }

    /** Waits until a file's content, or a folder's names, are on the disk. */
    public static void sync(Path fileOrFolder) throws IOException {
        boolean folder = Files.isDirectory(fileOrFolder);
        try (FileChannel channel =
                FileChannel.open(fileOrFolder, folder ? StandardOpenOption.READ : StandardOpenOption.WRITE)) {
            channel.force(true);
        }
    }

    /** {@link #sync} for a folder and all that is in it; symbolic links are not followed. */
    public static void syncTree(Path root) throws IOException {
        Files.walkFileTree(root, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                if (attributes.isRegularFile()) {
                    sync(file);
                }
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path folder, @Nullable IOException failure) throws IOException {
                if (failure != null) {
                    throw failure;
                }
                sync(folder);
                return FileVisitResult.CONTINUE;
            }
        });
    }

    private static Path folderOf(Path file) {
        Path folder = file.toAbsolutePath().getParent();
        if (folder == null) {
            throw new IllegalArgumentException(file + " is no file");
        }
        return folder;
    }
}
