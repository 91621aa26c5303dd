package io.watchkeeper.dsl;

import io.watchkeeper.problem.OperatorException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads a runbook file, and only one that nobody but its owner, root or this process's user could have changed: what is in it
 * runs with the agent's rights.
 */
final class RunbookFile {

    static final int LARGEST = 1 << 20;

    private static final String OTHERS_HINT = "whoever can change a runbook acts with the agent's rights: chmod o-w ";

    private RunbookFile() {}

    /** True for the files of a folder that are runbooks: {@code *.groovy}, not hidden, not an editor's backup. */
    static boolean isRunbook(Path file) {
        String name = String.valueOf(file.getFileName());
        return name.endsWith(".groovy") && !name.startsWith(".") && !name.startsWith("#") && !name.contains("~");
    }

    /**
     * The file's text.
     *
     * @throws OperatorException when the file is not fit to be a runbook
     * @throws NoSuchFileException when it is not there
     */
    static String read(Path file) throws IOException {
        Path link = file.toAbsolutePath().normalize();
        Path target = link.toRealPath();
        PosixFileAttributes before = attributes(target);
        refuseUnfit(target, before);
        refuseFoldersOfOthers(link.getParent());
        refuseFoldersOfOthers(target.getParent());
        byte[] bytes;
        try (InputStream in = Files.newInputStream(target, LinkOption.NOFOLLOW_LINKS)) {
            bytes = in.readNBytes(LARGEST + 1);
        }
        PosixFileAttributes after = attributes(target);
        boolean same = Objects.equals(before.fileKey(), after.fileKey())
                && before.lastModifiedTime().equals(after.lastModifiedTime())
                && before.permissions().equals(after.permissions())
                && bytes.length == after.size();
        if (!same) {
            throw new ChangedWhileReadException(file);
        }
        return text(file, bytes);
    }

    /** The file was written to while it was read; reading it again is all it needs. */
    static final class ChangedWhileReadException extends OperatorException {
        private static final long serialVersionUID = 1L;

        ChangedWhileReadException(Path file) {
            super("'" + file + "' was changed while it was read", "load it again.");
        }
    }

    private static PosixFileAttributes attributes(Path path) throws IOException {
        return Files.readAttributes(path, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    }

    private static void refuseUnfit(Path target, PosixFileAttributes attributes) {
        if (!attributes.isRegularFile()) {
            throw new OperatorException("it is not a file", "a runbook is a text file whose name ends in .groovy.");
        }
        if (attributes.size() > LARGEST) {
            throw new OperatorException(
                    "it is larger than 1 MB (" + attributes.size() + " bytes), so it is not read",
                    "a runbook is a page or two of text; is this the right file?");
        }
        if (attributes.permissions().contains(PosixFilePermission.OTHERS_WRITE)) {
            throw new OperatorException(
                    "every user of this host can write to it, so it is not loaded", OTHERS_HINT + target);
        }
        refuseOwner(target, attributes);
    }

    private static void refuseOwner(Path target, PosixFileAttributes attributes) {
        String owner = attributes.owner().getName();
        if (!trusted().contains(owner)) {
            throw new OperatorException(
                    "'" + target + "' belongs to user " + owner + ", so it is not loaded",
                    "runbooks belong to root or to the user the agent runs as: chown " + Self.USER + " " + target);
        }
    }

    private static Set<String> trusted() {
        return Set.of("root", "0").contains(Self.USER) ? Set.of("root", "0") : Set.of("root", "0", Self.USER);
    }

    /** Whoever may rename an entry of a folder above can put another file in its place. */
    private static void refuseFoldersOfOthers(@Nullable Path folder) throws IOException {
        for (Path above = folder; above != null; above = above.getParent()) {
            PosixFileAttributes attributes = Files.readAttributes(above, PosixFileAttributes.class);
            boolean open = attributes.permissions().contains(PosixFilePermission.OTHERS_WRITE);
            if (open && !isSticky(above)) {
                throw new OperatorException(
                        "every user of this host can replace files in '" + above + "', so it is not loaded",
                        OTHERS_HINT + above);
            }
        }
    }

    private static boolean isSticky(Path folder) throws IOException {
        int sticky = 0x200;
        return ((int) Files.getAttribute(folder, "unix:mode") & sticky) != 0;
    }

    private static String text(Path file, byte[] bytes) {
        try {
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .onUnmappableCharacter(CodingErrorAction.REPORT)
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
            return text.startsWith("\uFEFF") ? text.substring(1) : text;
        } catch (CharacterCodingException e) {
            throw new OperatorException(
                    "it is not a text in UTF-8", "save it as UTF-8: iconv -t UTF-8 -f LATIN1 " + file, e);
        }
    }

    /** The user this process runs as; its name in the environment can be another. */
    private static final class Self {
        static final String USER = user();

        private static String user() {
            try {
                return Files.getOwner(Path.of("/proc/self")).getName();
            } catch (IOException e) {
                return System.getProperty("user.name", "");
            }
        }
    }
}
