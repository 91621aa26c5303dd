package io.watchkeeper.toolkit.backup;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.watchkeeper.files.FileDigest;
import io.watchkeeper.postgres.Lsn;
import io.watchkeeper.problem.OperatorException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * PostgreSQL's own {@code backup_manifest}: what the server sent, and which log makes it consistent.
 *
 * @param files by path below the data directory; those of tablespaces as {@code pg_tblspc/16385/…}
 * @param walRanges one for each timeline that the backup went over, in the order of the log
 */
record ServerManifest(Map<String, ServerFile> files, List<WalRange> walRanges) {

    static final String NAME = "backup_manifest";

    private static final ObjectMapper JSON = new ObjectMapper();

    /**
     * A file as the server sent it.
     *
     * @param algorithm {@code CRC32C}, {@code SHA256} and so on; empty when it was sent without a checksum
     * @param checksum in hexadecimal, in lower case
     */
    record ServerFile(long bytes, String algorithm, String checksum) {

        /** What is wrong with what arrived; empty when it is what was sent. */
        String difference(FileSum arrived) {
            if (arrived.bytes() != bytes) {
                return "has " + arrived.bytes() + " bytes, and the server sent " + bytes;
            }
            String sum = switch (algorithm) {
                case "CRC32C" -> arrived.crc32c();
                case "SHA256" -> arrived.sha256();
                default -> checksum;
            };
            return sum.equals(checksum)
                    ? ""
                    : "has the " + algorithm + " checksum " + sum + ", and the server sent " + checksum;
        }
    }

    /** The log a backup needs of one timeline, from the first byte to the one after the last. */
    record WalRange(long timeline, Lsn start, Lsn end) {}

    Lsn start() {
        return walRanges.get(0).start();
    }

    Lsn end() {
        return walRanges.get(walRanges.size() - 1).end();
    }

    /** The timeline on which the backup ended. */
    long timeline() {
        return walRanges.get(walRanges.size() - 1).timeline();
    }

    /**
     * Reads it and checks the checksum that it carries of itself.
     *
     * @throws OperatorException when it is missing, damaged or not such a file
     */
    static ServerManifest read(Path file) {
        try {
            byte[] bytes = Files.readAllBytes(file);
            JsonNode manifest = JSON.readTree(bytes);
            requireIntact(file, bytes, manifest.path("Manifest-Checksum").asText());
            Map<String, ServerFile> files = new LinkedHashMap<>();
            for (JsonNode one : manifest.path("Files")) {
                files.put(
                        path(one),
                        new ServerFile(
                                one.path("Size").asLong(),
                                one.path("Checksum-Algorithm").asText(),
                                one.path("Checksum").asText()));
            }
            List<WalRange> ranges = new ArrayList<>();
            for (JsonNode one : manifest.path("WAL-Ranges")) {
                ranges.add(new WalRange(
                        one.path("Timeline").asLong(),
                        Lsn.parse(one.path("Start-LSN").asText()).orElseThrow(),
                        Lsn.parse(one.path("End-LSN").asText()).orElseThrow()));
            }
            if (ranges.isEmpty()) {
                throw damaged(file, "it names no log", null);
            }
            // Newest first, as a server writes them that changed its timeline meanwhile.
            ranges.sort((a, b) -> a.start().compareTo(b.start()));
            return new ServerManifest(files, ranges);
        } catch (JsonProcessingException | java.util.NoSuchElementException e) {
            throw damaged(file, String.valueOf(e.getMessage()), e);
        } catch (IOException e) {
            throw new OperatorException(
                    file + " cannot be read: " + e.getMessage(), "make the backup again with pg_basebackup.", e);
        }
    }

    private static String path(JsonNode one) {
        return one.has("Path")
                ? one.get("Path").asText()
                : new String(HexFormat.of().parseHex(one.path("Encoded-Path").asText()), StandardCharsets.UTF_8);
    }

    /** The checksum covers every byte before the line in which it stands. */
    private static void requireIntact(Path file, byte[] bytes, String expected) {
        byte[] last = "\"Manifest-Checksum\"".getBytes(StandardCharsets.US_ASCII);
        int line = bytes.length - last.length;
        while (line >= 0 && !Arrays.equals(bytes, line, line + last.length, last, 0, last.length)) {
            line--;
        }
        if (line < 0) {
            throw damaged(file, "its own checksum is missing", null);
        }
        var sha256 = FileDigest.sha256();
        sha256.update(bytes, 0, line);
        String found = FileDigest.hex(sha256);
        if (!found.equals(expected)) {
            throw damaged(file, "its own checksum is " + expected + ", and it has " + found, null);
        }
    }

    private static OperatorException damaged(
            Path file, String why, @org.jspecify.annotations.Nullable Throwable cause) {
        return new OperatorException(
                file + " is damaged: " + why, "the backup cannot be trusted; make another one.", cause);
    }
}
