package io.watchkeeper.http;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** The text of a runbook file as it stands on disk now. Only for files the registry itself names. */
final class SourceText {

    private static final int LARGEST = 1 << 20;

    private SourceText() {}

    /** Empty when the file is gone, unreadable or too large for a runbook. */
    static Optional<String> of(String file) {
        Path path = Path.of(file);
        if (!Files.isRegularFile(path)) {
            return Optional.empty();
        }
        try (InputStream in = Files.newInputStream(path)) {
            byte[] text = in.readNBytes(LARGEST + 1);
            return text.length > LARGEST ? Optional.empty() : Optional.of(new String(text, StandardCharsets.UTF_8));
        } catch (IOException e) {
            return Optional.empty();
        }
    }
}
