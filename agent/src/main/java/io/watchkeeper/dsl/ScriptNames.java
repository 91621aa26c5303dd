package io.watchkeeper.dsl;

import java.nio.file.Path;
import java.util.Optional;

/** How compiled runbook files are called, so that their frames are known in a stack trace. */
final class ScriptNames {

    private static final String PREFIX = "Runbook_";

    private ScriptNames() {}

    /** The class a file becomes: {@code ship-sync.groovy} becomes {@code Runbook_ship_sync}. */
    static String classOf(String file) {
        String base = fileName(file);
        String stem = base.endsWith(".groovy") ? base.substring(0, base.length() - ".groovy".length()) : base;
        return PREFIX + stem.replaceAll("[^A-Za-z0-9]", "_");
    }

    /** The last part of a path: what frames of the compiled class call their source. */
    static String fileName(String file) {
        return String.valueOf(Path.of(file).getFileName());
    }

    static boolean isScript(String className) {
        return className.startsWith(PREFIX);
    }

    /** Where in a runbook file an exception came from: the innermost such frame. */
    static Optional<Integer> lineOf(Throwable failure) {
        for (StackTraceElement frame : failure.getStackTrace()) {
            if (isScript(frame.getClassName()) && frame.getLineNumber() > 0) {
                return Optional.of(frame.getLineNumber());
            }
        }
        return Optional.empty();
    }
}
