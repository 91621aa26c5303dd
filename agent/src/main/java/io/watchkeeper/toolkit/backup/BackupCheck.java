package io.watchkeeper.toolkit.backup;

import io.watchkeeper.files.FileDigest;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Reads one backup as it is stored, encrypted files as they are, and compares it with its manifest to the byte. Nothing may be missing,
 * nothing changed, and nothing there that was not.
 */
final class BackupCheck {

    /** A destroyed folder would else fill the page with names. */
    private static final int MOST_PROBLEMS = 20;

    private final Backup backup;
    private final ReadingPace pace;
    private final List<String> problems = new ArrayList<>();

    private BackupCheck(Backup backup, ReadingPace pace) {
        this.backup = backup;
        this.pace = pace;
    }

    /** What is wrong with the backup; empty for nothing. */
    static List<String> problems(Backup backup, ReadingPace pace) {
        BackupCheck check = new BackupCheck(backup, pace);
        try {
            if (check.manifestIsWhole()) {
                check.compareFiles();
            }
        } catch (IOException e) {
            check.problems.add("it cannot be read: " + e);
        }
        return check.told();
    }

    private boolean manifestIsWhole() throws IOException {
        Path manifest = backup.folder().resolve(Catalogue.MANIFEST);
        try {
            byte[] json = Files.readAllBytes(manifest);
            Optional<String> problem = HashFile.problem(manifest, FileDigest.of(json));
            problem.ifPresent(problems::add);
            return problem.isEmpty();
        } catch (NoSuchFileException e) {
            problems.add(Catalogue.MANIFEST + " is missing");
            return false;
        }
    }

    private void compareFiles() throws IOException {
        Set<String> found = filesThere();
        for (StoredFile file : backup.manifest().files()) {
            if (!found.remove(file.path())) {
                problems.add(file.path() + " is missing");
                continue;
            }
            compare(file);
        }
        found.forEach(extra -> problems.add(extra + " was not there when the backup was made"));
    }

    private void compare(StoredFile file) {
        Path path = backup.file(file);
        try {
            long bytes = Files.size(path);
            if (bytes != file.bytes()) {
                problems.add(file.path() + " has " + bytes + " bytes instead of " + file.bytes());
            } else if (!FileDigest.of(path, pace::read).equals(file.sha256())) {
                problems.add(file.path() + " has changed");
            }
        } catch (IOException e) {
            problems.add(file.path() + " cannot be read: " + e);
        }
    }

    private Set<String> filesThere() throws IOException {
        Set<String> found = new TreeSet<>();
        Files.walkFileTree(backup.folder(), new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                if (attributes.isRegularFile()) {
                    found.add(backup.folder().relativize(file).toString());
                }
                return FileVisitResult.CONTINUE;
            }
        });
        found.remove(Catalogue.MANIFEST);
        found.remove(Catalogue.MANIFEST + HashFile.SUFFIX);
        return found;
    }

    private List<String> told() {
        if (problems.size() <= MOST_PROBLEMS) {
            return List.copyOf(problems);
        }
        List<String> first = new ArrayList<>(problems.subList(0, MOST_PROBLEMS));
        first.add("and " + (problems.size() - MOST_PROBLEMS) + " more");
        return first;
    }
}
