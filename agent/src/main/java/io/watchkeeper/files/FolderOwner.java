package io.watchkeeper.files;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.UserPrincipal;

/** Whose a file is that this process makes. */
public final class FolderOwner {

    private FolderOwner() {}

    /** Makes a folder and those it is in, as far as they are missing. @return it */
    public static Path create(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            Path parent = folder.toAbsolutePath().getParent();
            if (parent != null) {
                create(parent);
            }
            Files.createDirectories(folder);
            give(folder);
        }
        return folder;
    }

    /**
     * Gives what was just made to the owner of the folder it is in: what root makes, say by {@code sudo watchkeeper run}, must
     * not lock out the agent's own user.
     */
    public static void give(Path made) throws IOException {
        Path folder = made.toAbsolutePath().getParent();
        if (folder == null) {
            return;
        }
        UserPrincipal owner = Files.getOwner(folder);
        if (!owner.equals(Files.getOwner(made)) && "root".equals(System.getProperty("user.name"))) {
            Files.setOwner(made, owner);
        }
    }
}
