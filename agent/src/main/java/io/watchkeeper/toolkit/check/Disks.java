package io.watchkeeper.toolkit.check;

import io.watchkeeper.units.Bytes;
import io.watchkeeper.units.Ratio;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** The disks of a server that is on this host. */
final class Disks {

    private Disks() {}

    /**
     * @param key the same for folders on one disk
     * @param free what the agent's user may still write, which is what the server's may
     */
    record Disk(String key, Bytes free, Bytes total) {
        Ratio freeShare() {
            return Findings.share(free.count(), total.count());
        }
    }

    /**
     * The disk of a folder of the server.
     *
     * @return empty when the server is elsewhere, the folder is not known, or this user cannot get at it
     */
    static Optional<Disk> of(Look look, String folder) {
        if (folder.isEmpty() || !look.session().database().settings().local()) {
            return Optional.empty();
        }
        try {
            Path path = Path.of(folder).toRealPath();
            FileStore store = Files.getFileStore(path);
            return Optional.of(new Disk(
                    store.name() + " " + store.getTotalSpace(),
                    new Bytes(store.getUsableSpace()),
                    new Bytes(store.getTotalSpace())));
        } catch (IOException e) {
            return Optional.empty();
        }
    }
}
