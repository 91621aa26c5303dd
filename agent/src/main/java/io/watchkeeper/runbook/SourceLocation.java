package io.watchkeeper.runbook;

/**
 * A place in a runbook file.
 *
 * @param file the path as loaded.
 * @param line from 1
 */
public record SourceLocation(String file, int line) {
    @Override
    public String toString() {
        return file + ":" + line;
    }
}
