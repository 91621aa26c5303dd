package io.watchkeeper.postgres;

import io.watchkeeper.problem.OperatorException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A shell program that comes with Watchkeeper. */
public final class ShippedProgram {

    private ShippedProgram() {}

    /** @throws OperatorException when it is not there */
    public static Path find(String name) {
        Path program = ownPlace();
        // Beside the jar in the package; from agent/target/ (the jar, or the folder of classes) in a checkout.
        for (String way : List.of("../bin", "../../bin")) {
            Path file = program.resolve(way).resolve(name).normalize();
            if (Files.isExecutable(file)) {
                return file;
            }
        }
        throw new OperatorException(
                "the program " + name + " is not where " + program + " expects it",
                "install the package again, or start agent/bin/watchkeeper of a complete checkout.");
    }

    private static Path ownPlace() {
        try {
            return Path.of(ShippedProgram.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }
}
