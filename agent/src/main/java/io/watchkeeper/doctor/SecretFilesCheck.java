package io.watchkeeper.doctor;

import io.watchkeeper.config.FileMode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Looks at the files of secrets and the folders they are in: whoever can write the folder can put another file in the
 * secret's place.
 */
final class SecretFilesCheck implements HealthCheck {

    private static final int STICKY = 01000;

    private final List<Path> files;

    SecretFilesCheck(List<Path> files) {
        this.files = files.stream().distinct().sorted().toList();
    }

    @Override
    public String subject() {
        return "secrets";
    }

    @Override
    public List<Finding> examine() throws IOException {
        List<Finding> findings = new ArrayList<>();
        for (Path file : files) {
            FileMode mode = FileMode.of(file);
            Path folder = file.toAbsolutePath().getParent();
            if (!mode.fitForSecrets()) {
                findings.add(Finding.red(
                        subject(), file + " is open to other users: its mode is " + mode, "chmod 0600 " + file));
            } else if (folder != null && othersMayReplaceFilesIn(folder)) {
                findings.add(Finding.amber(
                        subject(),
                        "every user may replace files in " + folder + ", where " + file.getFileName() + " is",
                        "chmod o-w " + folder));
            } else {
                findings.add(Finding.green(subject(), file + ", mode " + mode));
            }
        }
        return findings;
    }

    private static boolean othersMayReplaceFilesIn(Path folder) throws IOException {
        int mode = (Integer) Files.getAttribute(folder, "unix:mode");
        return FileMode.of(folder).othersMayWrite() && (mode & STICKY) == 0;
    }
}
