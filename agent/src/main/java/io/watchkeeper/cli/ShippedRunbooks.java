package io.watchkeeper.cli;

import io.watchkeeper.Agent;
import io.watchkeeper.problem.OperatorException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Finds the runbooks that come with the program, in a checkout and in the installed package. */
final class ShippedRunbooks {

    private ShippedRunbooks() {}

    /** The file of the one with this name; empty where there is none. */
    static Optional<Path> find(String name) {
        return look().map(folder -> folder.resolve(name + ".groovy")).filter(Files::isRegularFile);
    }

    static Path folder() {
        return look().orElseThrow(() -> new OperatorException(
                "the shipped runbooks are not where the program " + program() + " expects them",
                "install the package again, or start agent/bin/watchkeeper of a complete checkout."));
    }

    private static Optional<Path> look() {
        Path program = program();
        // Beside the jar in the package; from agent/target/ (the jar, or the folder of classes) in a checkout.
        for (String way : List.of("../runbooks", "../../../runbooks")) {
            Path folder = program.resolve(way).normalize();
            if (Files.exists(folder.resolve("fleet-copy.groovy"))) {
                return Optional.of(folder);
            }
        }
        return Optional.empty();
    }

    private static Path program() {
        try {
            return Path.of(Agent.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }
}
