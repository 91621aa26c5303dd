package io.watchkeeper.files;

import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.units.Bytes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Room on a file system. */
public final class FreeSpace {

    private FreeSpace() {}

    /** What this user may still write below the folder, which need not exist yet; empty when the system does not say. */
    public static Optional<Bytes> of(Path folder) {
        try {
            return Optional.of(new Bytes(Files.getFileStore(existing(folder)).getUsableSpace()));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** How large the disk of the folder is, which need not exist yet; empty when the system does not say. */
    public static Optional<Bytes> sizeOfDisk(Path folder) {
        try {
            return Optional.of(new Bytes(Files.getFileStore(existing(folder)).getTotalSpace()));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /**
     * Refuses to begin what cannot be ended.
     *
     * @param forWhat what would be written, for the message: {@code the base backup of shore}
     * @throws OperatorException when less is free than needed
     */
    public static void require(Path folder, Bytes needed, String forWhat) {
        Optional<Bytes> free = of(folder);
        if (free.isPresent() && free.get().compareTo(needed) < 0) {
            throw new OperatorException(
                    forWhat + " may need " + needed + ", and " + folder + " has " + free.get() + " free",
                    "make room there (watchkeeper backup expire --dry-run says what may go), or use a larger disk.");
        }
    }

    private static Path existing(Path folder) {
        Path at = folder.toAbsolutePath();
        while (!Files.exists(at)) {
            Path parent = at.getParent();
            if (parent == null) {
                return at;
            }
            at = parent;
        }
        return at;
    }
}
