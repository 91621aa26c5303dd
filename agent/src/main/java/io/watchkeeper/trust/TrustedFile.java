package io.watchkeeper.trust;

import io.watchkeeper.problem.OperatorException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemLoopException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Objects;
import java.util.Set;

/**
 * Reads a file that nobody but root, this process's user, and whoever these let in by a group could have written or put in its
 * place.
 *
 * <p>The path is walked from the root down, links followed here and not by the system. Each folder, link and the file itself
 * must belong to root or to this user, and no folder may let every user replace what is in it, unless it is sticky: there, only
 * the owner of an entry replaces it. So when a folder is entered, nobody else can change any more where the names above lead to.
 * The last folder is held open by its descriptor, and the file is looked at, opened without following a link, and looked at again
 * through that; the bytes that are returned are those of one opening.
 */
public final class TrustedFile {

    /** As many as Linux follows. */
    private static final int MOST_LINKS = 40;

    private static final int STICKY = 0x200;

    private static final String OTHERS_HINT = "whoever can change it acts with the agent's rights: chmod o-w ";

    private TrustedFile() {}

    /** The file was written to or replaced while it was read; reading it again is all it needs. */
    public static final class ChangedWhileReadException extends OperatorException {
        private static final long serialVersionUID = 1L;

        ChangedWhileReadException(Path file) {
            super("'" + file + "' was changed while it was read", "load it again.");
        }
    }

    /**
     * The file's bytes.
     *
     * @param largest in bytes
     * @throws OperatorException when others could have changed it, it is no file, or too large
     * @throws NoSuchFileException when it is not there
     */
    public static byte[] read(Path file, int largest) throws IOException {
        return read(file, largest, () -> {}, () -> {});
    }

    /**
     * As {@link #read(Path, int)}.
     *
     * @param walked what happens when the path was found fit and nothing is open yet
     * @param looked what happens when the file was found fit and is not open yet
     */
    static byte[] read(Path file, int largest, Swap walked, Swap looked) throws IOException {
        Place place = place(file);
        walked.happen();
        try (DirectoryStream<Path> opened = Files.newDirectoryStream(place.folder())) {
            if (!(opened instanceof SecureDirectoryStream<Path> folder)) {
                throw new IOException("this file system has no folders that can be held open");
            }
            if (!place.isStill(folder)) {
                throw new ChangedWhileReadException(file);
            }
            PosixFileAttributeView entry =
                    folder.getFileAttributeView(place.name(), PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
            PosixFileAttributes before = entry.readAttributes();
            refuseUnfit(place.path(), before, largest);
            looked.happen();
            byte[] bytes = bytes(folder, place.name(), largest);
            if (!isSame(before, entry.readAttributes(), bytes.length)) {
                throw new ChangedWhileReadException(file);
            }
            return bytes;
        }
    }

    /** What somebody else does meanwhile. */
    @FunctionalInterface
    interface Swap {
        void happen() throws IOException;
    }

    private static byte[] bytes(SecureDirectoryStream<Path> folder, Path name, int largest) throws IOException {
        try (SeekableByteChannel in =
                folder.newByteChannel(name, Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS))) {
            ByteArrayOutputStream all = new ByteArrayOutputStream();
            ByteBuffer buffer = ByteBuffer.allocate(16 * 1024);
            while (all.size() <= largest && in.read(buffer.clear()) >= 0) {
                all.write(buffer.array(), 0, buffer.position());
            }
            return all.toByteArray();
        }
    }

    private static boolean isSame(PosixFileAttributes before, PosixFileAttributes after, int length) {
        return Objects.equals(before.fileKey(), after.fileKey())
                && before.lastModifiedTime().equals(after.lastModifiedTime())
                && before.permissions().equals(after.permissions())
                && length == after.size();
    }

    /**
     * Where a file is once no link is left in its path.
     *
     * @param key of the folder when it was found fit
     */
    private record Place(Path folder, Object key, Path name) {

        Path path() {
            return folder.resolve(name);
        }

        boolean isStill(SecureDirectoryStream<Path> opened) throws IOException {
            return key.equals(opened.getFileAttributeView(PosixFileAttributeView.class)
                    .readAttributes()
                    .fileKey());
        }
    }

    private static Place place(Path file) throws IOException {
        Path absolute = file.toAbsolutePath();
        Path here = Objects.requireNonNull(absolute.getRoot());
        refuseFolder(here, attributes(here));
        Deque<Path> ahead = new ArrayDeque<>();
        absolute.forEach(ahead::addLast);
        int links = 0;
        while (!ahead.isEmpty()) {
            Path name = ahead.removeFirst();
            Path next = step(here, name);
            PosixFileAttributes attributes = attributes(next);
            if (attributes.isSymbolicLink()) {
                refuseOwner(next, attributes);
                if (++links > MOST_LINKS) {
                    throw new FileSystemLoopException(file.toString());
                }
                here = putAhead(Files.readSymbolicLink(next), here, ahead);
            } else if (ahead.isEmpty()) {
                return new Place(here, key(here), name);
            } else if (attributes.isDirectory()) {
                refuseFolder(next, attributes);
                here = next;
            } else {
                throw new NotDirectoryException(next.toString());
            }
        }
        throw notAFile();
    }

    /** What is above is known to be free of links, so that the folder above is the one that the path names. */
    private static Path step(Path here, Path name) {
        return switch (name.toString()) {
            case "", "." -> here;
            case ".." -> Objects.requireNonNullElse(here.getParent(), here);
            default -> here.resolve(name);
        };
    }

    /** @return where the link's own names start */
    private static Path putAhead(Path target, Path here, Deque<Path> ahead) {
        for (int i = target.getNameCount() - 1; i >= 0; i--) {
            ahead.addFirst(target.getName(i));
        }
        return Objects.requireNonNullElse(target.getRoot(), here);
    }

    private static PosixFileAttributes attributes(Path path) throws IOException {
        return Files.readAttributes(path, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    }

    private static Object key(Path folder) throws IOException {
        return attributes(folder).fileKey();
    }

    private static void refuseUnfit(Path target, PosixFileAttributes attributes, int largest) {
        if (!attributes.isRegularFile()) {
            throw notAFile();
        }
        if (attributes.size() > largest) {
            throw new OperatorException(
                    "it is larger than " + (largest >> 20) + " MB (" + attributes.size() + " bytes), so it is not read",
                    "is this the right file?");
        }
        if (attributes.permissions().contains(PosixFilePermission.OTHERS_WRITE)) {
            throw new OperatorException(
                    "every user of this host can write to it, so it is not loaded", OTHERS_HINT + target);
        }
        refuseOwner(target, attributes);
    }

    private static OperatorException notAFile() {
        return new OperatorException("it is not a file", "it must be a text file.");
    }

    private static void refuseOwner(Path path, PosixFileAttributes attributes) {
        String owner = attributes.owner().getName();
        if (!Self.TRUSTED.contains(owner)) {
            throw new OperatorException(
                    "'" + path + "' belongs to user " + owner + ", so it is not loaded",
                    "what decides what the agent does, and the folders and links on the way there, belong to root or to the user it runs as:"
                            + " chown -h " + Self.USER + " " + path);
        }
    }

    /** Whoever may rename an entry of a folder above can put another file in its place; its owner gives himself that right. */
    private static void refuseFolder(Path folder, PosixFileAttributes attributes) throws IOException {
        refuseOwner(folder, attributes);
        if (attributes.permissions().contains(PosixFilePermission.OTHERS_WRITE) && !isSticky(folder)) {
            throw new OperatorException(
                    "every user of this host can replace files in '" + folder + "', so it is not loaded",
                    OTHERS_HINT + folder);
        }
    }

    private static boolean isSticky(Path folder) throws IOException {
        return ((int) Files.getAttribute(folder, "unix:mode", LinkOption.NOFOLLOW_LINKS) & STICKY) != 0;
    }

    /** The user this process runs as; its name in the environment can be another. */
    private static final class Self {
        static final String USER = user();
        static final Set<String> TRUSTED =
                Set.of("root", "0").contains(USER) ? Set.of("root", "0") : Set.of("root", "0", USER);

        private static String user() {
            try {
                return Files.getOwner(Path.of("/proc/self")).getName();
            } catch (IOException e) {
                return System.getProperty("user.name", "");
            }
        }
    }
}
