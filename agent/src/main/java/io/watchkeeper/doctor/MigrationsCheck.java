package io.watchkeeper.doctor;

import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.trust.TrustedFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Whether nobody but who may could have written the migrations. */
final class MigrationsCheck implements HealthCheck {

    private static final int LARGEST = 64 << 20;

    /** More of them are wrong for the same reason. */
    private static final int MOST = 5;

    private final Path project;

    MigrationsCheck(Path project) {
        this.project = project;
    }

    @Override
    public String subject() {
        return "migrations";
    }

    @Override
    public List<Finding> examine() throws IOException {
        List<Finding> findings = new ArrayList<>();
        List<Path> files = new ArrayList<>(List.of(project.resolve("sqitch.plan")));
        for (String kind : List.of("deploy", "revert", "verify")) {
            Path folder = project.resolve(kind);
            if (Files.isDirectory(folder)) {
                try (Stream<Path> scripts = Files.walk(folder)) {
                    scripts.filter(one -> one.toString().endsWith(".sql"))
                            .sorted()
                            .forEach(files::add);
                }
            }
        }
        for (Path file : files) {
            if (findings.size() == MOST) {
                break;
            }
            try {
                byte[] unused = TrustedFile.read(file, LARGEST);
            } catch (OperatorException e) {
                findings.add(Finding.red(subject(), file + ": " + e.getMessage(), e.hint()));
            } catch (IOException e) {
                findings.add(Finding.red(
                        subject(), file + " cannot be read: " + e, "the user of the agent needs to read it."));
            }
        }
        if (findings.isEmpty()) {
            findings.add(Finding.green(subject(), project + ", " + (files.size() - 1) + " scripts"));
        }
        return findings;
    }
}
