package io.watchkeeper.trust;

import io.watchkeeper.problem.OperatorException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The checksums of a folder's files, as {@code sha256sum} writes them.
 *
 * @param sums SHA-256 in small hexadecimal digits, by file name
 */
public record ChecksumList(Map<String, String> sums) {

    /** The list's file, in the folder whose files it lists. */
    public static final String NAME = "runbooks.sha256";

    private static final Pattern LINE = Pattern.compile("(\\\\?)([0-9A-Fa-f]{64}) [ *](?:\\./)?([^/]+)");

    public ChecksumList {
        sums = java.util.Collections.unmodifiableMap(new TreeMap<>(sums));
    }

    /** @throws OperatorException naming the first line that is not one of a list */
    static ChecksumList parse(byte[] content) {
        Map<String, String> sums = new TreeMap<>();
        int number = 0;
        for (String line : text(content).lines().toList()) {
            number++;
            if (line.isBlank()) {
                continue;
            }
            Matcher m = LINE.matcher(line);
            if (!m.matches()) {
                throw new OperatorException(
                        "line " + number + " of " + NAME + " is not a checksum and the name of a file beside it",
                        "write it with  sha256sum *.groovy > " + NAME
                                + "  in the folder, or with  watchkeeper trust sign.");
            }
            String name = m.group(1).isEmpty() ? m.group(3) : unescaped(m.group(3));
            String sum = m.group(2).toLowerCase(Locale.ROOT);
            String other = sums.put(name, sum);
            if (other != null && !other.equals(sum)) {
                throw new OperatorException(
                        NAME + " has two checksums for '" + name + "'", "keep the right one, or write the list anew.");
            }
        }
        return new ChecksumList(sums);
    }

    /** The list as {@code sha256sum} would write it. */
    public String text() {
        StringBuilder text = new StringBuilder();
        sums.forEach((name, sum) -> {
            String escaped = name.replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r");
            text.append(escaped.equals(name) ? "" : "\\")
                    .append(sum)
                    .append("  ")
                    .append(escaped)
                    .append('\n');
        });
        return text.toString();
    }

    /** The SHA-256 of a file's content, as the list has it. */
    public static String sumOf(byte[] content) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    /** @throws OperatorException when the file is not on the list, or not as it was when the list was made */
    void require(Path file, byte[] content) {
        String listed = sums.get(String.valueOf(file.getFileName()));
        if (listed == null) {
            throw new OperatorException(
                    "it is not in the list of checksums, " + NAME + ", so it is not loaded",
                    "read it; if it is meant to run, list it: watchkeeper trust sign.");
        }
        String found = sumOf(content);
        if (!listed.equals(found)) {
            throw new OperatorException(
                    "it is not as the list of checksums, " + NAME + ", has it (its sum is " + found.substring(0, 12)
                            + "…, listed is " + listed.substring(0, 12) + "…), so it is not loaded",
                    "find out who changed it; if the change is meant, list it: watchkeeper trust sign.");
        }
    }

    private static String unescaped(String name) {
        StringBuilder plain = new StringBuilder();
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            if (c == '\\' && i + 1 < name.length()) {
                i++;
                plain.append(
                        switch (name.charAt(i)) {
                            case 'n' -> '\n';
                            case 'r' -> '\r';
                            default -> name.charAt(i);
                        });
            } else {
                plain.append(c);
            }
        }
        return plain.toString();
    }

    private static String text(byte[] content) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(content))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new OperatorException(NAME + " is not a text in UTF-8", "write it anew: watchkeeper trust sign.", e);
        }
    }
}
