package io.watchkeeper.history;

import io.watchkeeper.audit.Anchor;
import io.watchkeeper.files.DurableFile;
import io.watchkeeper.files.FolderOwner;
import io.watchkeeper.problem.OperatorException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;

/** {@code <state>/audit-anchor}: the newest anchor, beside the store and not in it. */
final class AnchorFile {

    static final String NAME = "audit-anchor";

    private final Path file;

    AnchorFile(Path state) {
        this.file = state.resolve(NAME);
    }

    /** Empty when there is none yet. @throws OperatorException when it cannot be read or is not one */
    Optional<Anchor> read() {
        try {
            String text = Files.readString(file);
            return Optional.of(Anchor.parse(text)
                    .orElseThrow(() -> new OperatorException(
                            file + " has no anchor in it",
                            "somebody has written to it: compare with the anchors in the agent's log, then move it away;"
                                    + " the next anchor makes it anew.")));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw new OperatorException(
                    file + " cannot be read: " + e.getMessage(), "work as the user that owns it: ls -l " + file, e);
        }
    }

    /** Empty when there is none yet, or nobody can say. */
    Optional<Instant> writtenAt() {
        try {
            return Optional.of(Files.getLastModifiedTime(file).toInstant());
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** @throws OperatorException when it cannot be written */
    void write(Anchor anchor) {
        try {
            DurableFile.write(file, anchor + "\n");
            FolderOwner.give(file);
        } catch (IOException e) {
            throw new OperatorException(
                    file + " cannot be written: " + e.getMessage(),
                    "look at the rights and the free space of the state folder.",
                    e);
        }
    }

    @Override
    public String toString() {
        return file.toString();
    }
}
