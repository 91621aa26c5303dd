package io.watchkeeper.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A file's permission bits, links followed.
 *
 * @param bits the low nine, as in {@code chmod}
 */
public record FileMode(int bits) {

    private static final int GROUP_MAY_WRITE = 0020;
    private static final int GROUP_AND_OTHERS = 0077;
    private static final int OTHERS = 0007;
    private static final int OTHERS_MAY_WRITE = 0002;

    public static FileMode of(Path file) throws IOException {
        return new FileMode((Integer) Files.getAttribute(file, "unix:mode") & 0777);
    }

    /** Nobody but the owner has any access: 0600, 0400. */
    public boolean ownerOnly() {
        return (bits & GROUP_AND_OTHERS) == 0;
    }

    /** Fit for a secret: others have no access at all, and the group may read at most (0640, for a group made for this). */
    public boolean fitForSecrets() {
        return (bits & OTHERS) == 0 && (bits & GROUP_MAY_WRITE) == 0;
    }

    public boolean othersMayWrite() {
        return (bits & OTHERS_MAY_WRITE) != 0;
    }

    /** As people write it, for example {@code 0644}. */
    @Override
    public String toString() {
        return String.format("%04o", bits);
    }
}
