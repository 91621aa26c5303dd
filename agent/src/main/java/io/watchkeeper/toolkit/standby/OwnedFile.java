package io.watchkeeper.toolkit.standby;

import io.watchkeeper.files.DurableFile;
import io.watchkeeper.postgres.ServerUser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Objects;

/** Files of a server, written whole: whoever reads one finds what was there before or what is there now. */
final class OwnedFile {

    private OwnedFile() {}

    /** Writes a file that is there already; its owner, group and mode stay. A symbolic link is followed. */
    static void replace(Path file, String text) throws IOException {
        Path real = file.toRealPath();
        PosixFileAttributes before = Files.readAttributes(real, PosixFileAttributes.class);
        // Only its owner may read it before it has the owner and mode that it is to have.
        write(real, text, temporary -> {
            PosixFileAttributeView view = Files.getFileAttributeView(temporary, PosixFileAttributeView.class);
            PosixFileAttributes mine = view.readAttributes();
            if (!mine.group().equals(before.group())) {
                view.setGroup(before.group());
            }
            if (!mine.owner().equals(before.owner())) {
                view.setOwner(before.owner());
            }
            view.setPermissions(before.permissions());
        });
    }

    /** Writes a file that its owner alone may read, new or not. */
    static void secret(Path file, String text, ServerUser owner) throws IOException {
        write(file, text, owner::give);
    }

    private static void write(Path file, String text, Rights rights) throws IOException {
        Path folder = Objects.requireNonNull(file.toAbsolutePath().getParent());
        Path temporary = Files.createTempFile(
                folder,
                "." + file.getFileName(),
                ".watchkeeper",
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        try {
            Files.writeString(temporary, text);
            DurableFile.sync(temporary);
            rights.give(temporary);
            Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(temporary);
        }
        DurableFile.sync(folder);
    }

    private interface Rights {
        void give(Path file) throws IOException;
    }
}
