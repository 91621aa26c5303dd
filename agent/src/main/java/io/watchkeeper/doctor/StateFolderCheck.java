package io.watchkeeper.doctor;

import io.watchkeeper.units.Bytes;
import io.watchkeeper.units.Ratio;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Whether the agent can write to its own folder, and how full that disk is. */
final class StateFolderCheck implements HealthCheck {

    private static final Bytes LITTLE = Bytes.gigabytes(1);
    private static final Bytes NEXT_TO_NOTHING = Bytes.megabytes(100);
    private static final double LITTLE_SHARE = 0.05;

    private final Path folder;

    StateFolderCheck(Path folder) {
        this.folder = folder;
    }

    @Override
    public String subject() {
        return "state";
    }

    @Override
    public List<Finding> examine() throws IOException {
        if (!Files.isDirectory(folder)) {
            return List.of(Finding.amber(
                    subject(), folder + " does not exist yet", "the agent makes it when it starts, if it may."));
        }
        try {
            Files.delete(Files.createTempFile(folder, "doctor", ".probe"));
        } catch (IOException e) {
            String user = System.getProperty("user.name");
            return List.of(Finding.red(
                    subject(), folder + " cannot be written by user " + user, "chown " + user + " " + folder));
        }
        FileStore disk = Files.getFileStore(folder);
        return List.of(space(folder, Bytes.of(disk.getUsableSpace()), Bytes.of(disk.getTotalSpace())));
    }

    static Finding space(Path folder, Bytes free, Bytes total) {
        double share = total.count() == 0 ? 1 : (double) free.count() / total.count();
        String text = folder + ", " + free + " free of " + total + " (" + new Ratio(Math.rint(share * 100) / 100) + ")";
        if (free.compareTo(NEXT_TO_NOTHING) < 0) {
            return Finding.red("state", text, "make room: without it no run can be recorded, and none starts.");
        }
        if (free.compareTo(LITTLE) < 0 || share < LITTLE_SHARE) {
            return Finding.amber("state", text, "make room before the disk is full: no run starts then.");
        }
        return Finding.green("state", text);
    }
}
