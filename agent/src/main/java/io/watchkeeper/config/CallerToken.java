package io.watchkeeper.config;

import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.units.Secret;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** The token of the person who types a command, from the file that {@value #VARIABLE} names: who approves does so in his own name. */
public final class CallerToken {

    static final String VARIABLE = "WATCHKEEPER_TOKEN_FILE";

    private CallerToken() {}

    /** Empty where the variable is not set. @throws OperatorException when its file is not fit for a secret */
    public static Optional<Secret> of(Map<String, String> environment) {
        String file = environment.getOrDefault(VARIABLE, "");
        if (file.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(SecretFile.read(Path.of(file)));
        } catch (SecretFile.UnusableException e) {
            throw new OperatorException(VARIABLE + ": " + e.getMessage(), e.hint(), e);
        } catch (InvalidPathException e) {
            throw new OperatorException(VARIABLE + " is no path", "name the file that holds your token.", e);
        }
    }
}
