package io.watchkeeper.trust;

import io.watchkeeper.problem.OperatorException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/** A public key of minisign: the second line of its {@code .pub} file. */
public final class MinisignKey {

    private static final int ID_AT = 2;
    private static final int BODY_AT = 10;
    private static final String TRUSTED = "trusted comment: ";

    private final byte[] id;
    private final byte[] key;

    private MinisignKey(byte[] bytes) {
        id = Arrays.copyOfRange(bytes, ID_AT, BODY_AT);
        key = Arrays.copyOfRange(bytes, BODY_AT, bytes.length);
    }

    /** Empty when the text is none. */
    public static Optional<MinisignKey> parse(String text) {
        return decoded(text)
                .filter(bytes -> bytes.length == BODY_AT + Ed25519.KEY && bytes[0] == 'E' && bytes[1] == 'd')
                .map(MinisignKey::new);
    }

    /**
     * Checks a signature, as of a {@code .minisig} file, with its trusted comment.
     *
     * @return the trusted comment
     * @throws OperatorException saying what is wrong with it
     */
    String verify(byte[] message, String signature) {
        List<String> lines = signature.lines().toList();
        byte[] own = line(lines, 1);
        byte[] whole = line(lines, 3);
        if (own.length != BODY_AT + Ed25519.SIGNATURE || !lines.get(2).startsWith(TRUSTED)) {
            throw malformed();
        }
        if (!Arrays.equals(id, Arrays.copyOfRange(own, ID_AT, BODY_AT))) {
            throw new OperatorException(
                    "the signature was made by another key than trust.minisignKey",
                    "sign with the key that belongs to it, or correct trust.minisignKey.");
        }
        byte[] bare = Arrays.copyOfRange(own, BODY_AT, own.length);
        if (!Ed25519.verifies(key, signed(own, message), bare)) {
            throw new OperatorException(
                    "the list was changed after it was signed", "read what has changed, then sign it again.");
        }
        String comment = lines.get(2).substring(TRUSTED.length());
        byte[] text = comment.getBytes(StandardCharsets.UTF_8);
        byte[] both = Arrays.copyOf(bare, bare.length + text.length);
        System.arraycopy(text, 0, both, bare.length, text.length);
        if (!Ed25519.verifies(key, both, whole)) {
            throw new OperatorException("the signature's trusted comment was changed", "sign the list again.");
        }
        return comment;
    }

    /** Newer versions sign the message's digest, older ones the message itself. */
    private static byte[] signed(byte[] signature, byte[] message) {
        if (signature[0] == 'E' && signature[1] == 'D') {
            return Blake2b.digest(message);
        }
        if (signature[0] == 'E' && signature[1] == 'd') {
            return message;
        }
        throw malformed();
    }

    private static byte[] line(List<String> lines, int number) {
        return lines.size() < 4 ? new byte[0] : decoded(lines.get(number)).orElseThrow(MinisignKey::malformed);
    }

    private static Optional<byte[]> decoded(String text) {
        try {
            return Optional.of(Base64.getDecoder().decode(text.strip()));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static OperatorException malformed() {
        return new OperatorException(
                "the signature is not one of minisign", "make it with minisign -S -m " + ChecksumList.NAME + ".");
    }
}
