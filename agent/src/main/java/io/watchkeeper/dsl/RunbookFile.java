package io.watchkeeper.dsl;

import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.trust.TrustedFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Reads a runbook file, and only one that others could not have changed: what is in it runs with the agent's rights. */
final class RunbookFile {

    static final int LARGEST = 1 << 20;

    private RunbookFile() {}

    /** True for the files of a folder that are runbooks: {@code *.groovy}, not hidden, not an editor's backup. */
    static boolean isRunbook(Path file) {
        String name = String.valueOf(file.getFileName());
        return name.endsWith(".groovy") && !name.startsWith(".") && !name.startsWith("#") && !name.contains("~");
    }

    /**
     * The file's bytes.
     *
     * @throws OperatorException when the file is not fit to be a runbook
     * @throws NoSuchFileException when it is not there
     */
    static byte[] read(Path file) throws IOException {
        return TrustedFile.read(file, LARGEST);
    }

    /** @throws OperatorException when the bytes are no text in UTF-8 */
    static String text(Path file, byte[] bytes) {
        try {
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .onUnmappableCharacter(CodingErrorAction.REPORT)
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
            return text.startsWith("\uFEFF") ? text.substring(1) : text;
        } catch (CharacterCodingException e) {
            throw new OperatorException(
                    "it is not a text in UTF-8", "save it as UTF-8: iconv -t UTF-8 -f LATIN1 " + file, e);
        }
    }
}
