package io.watchkeeper.toolkit.pitr;

import io.watchkeeper.units.Secret;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;

/** Failures in the words of people. */
final class Reason {

    private Reason() {}

    /** Why a file could not be read or written, without its name. */
    static String of(IOException e) {
        if (e instanceof NoSuchFileException) {
            return "it is not there";
        }
        if (e instanceof AccessDeniedException) {
            return "permission denied";
        }
        String reason = e instanceof FileSystemException known ? known.getReason() : null;
        return Secret.redact(reason == null ? String.valueOf(e.getMessage()) : reason);
    }

    /** The failure's message on one line, secrets taken out. */
    static String of(Throwable e) {
        return Secret.redact(String.valueOf(e.getMessage()).strip().replaceAll("\\s*\\n\\s*", " · "));
    }
}
