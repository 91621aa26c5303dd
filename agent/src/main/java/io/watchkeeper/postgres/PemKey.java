package io.watchkeeper.postgres;

import io.watchkeeper.problem.OperatorException;
import java.io.ByteArrayOutputStream;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Private keys in all forms that OpenSSL writes, other than encrypted ones; Java itself reads only PKCS #8. */
final class PemKey {

    private static final Pattern KEY = Pattern.compile(
            "-----BEGIN ([A-Z ]*)PRIVATE KEY-----([^-]*)-----END [A-Z ]*PRIVATE KEY-----", Pattern.DOTALL);

    /** As a certificate calls it, and as Java does. */
    private static final List<String> ALGORITHMS = List.of("RSA", "EC", "Ed25519");

    /** AlgorithmIdentifier of RSA: its number and no parameters. */
    private static final byte[] RSA = HexFormat.of().parseHex("300d06092a864886f70d0101010500");

    private static final byte[] EC = HexFormat.of().parseHex("06072a8648ce3d0201");
    private static final byte[] VERSION_0 = {2, 1, 0};

    private static final int SEQUENCE = 0x30;
    private static final int OCTETS = 0x04;
    private static final int CURVE = 0xa0;

    private PemKey() {}

    /** @param file what messages call it */
    static PrivateKey parse(String file, String pem) {
        Matcher m = KEY.matcher(pem);
        if (!m.find()) {
            throw new OperatorException("there is no private key in " + file, "it must be a PEM file.");
        }
        String kind = m.group(1).strip();
        if (kind.equals("ENCRYPTED") || m.group(2).contains("ENCRYPTED")) {
            throw new OperatorException(
                    "the key in " + file + " is encrypted with a password",
                    "nobody is there to type it: openssl pkey -in " + file
                            + " -out plain.key, and keep that with mode 0600.");
        }
        byte[] der;
        try {
            der = Base64.getMimeDecoder().decode(m.group(2));
            der = switch (kind) {
                case "RSA" -> sequence(VERSION_0, RSA, value(OCTETS, der));
                case "EC" -> sequence(VERSION_0, sequence(EC, curve(der)), value(OCTETS, der));
                default -> der;
            };
        } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
            throw new OperatorException("the key in " + file + " is damaged", "get it anew from where it was made.", e);
        }
        return key(file, der);
    }

    private static PrivateKey key(String file, byte[] der) {
        for (String algorithm : ALGORITHMS) {
            try {
                return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(der));
            } catch (InvalidKeySpecException e) {
                // Not of this algorithm; the next may fit.
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException("every Java has " + algorithm, e);
            }
        }
        throw new OperatorException(
                "the key in " + file + " is of none of the algorithms " + String.join(", ", ALGORITHMS),
                "make a key of one of these, and a certificate for it.");
    }

    /** The number of the curve, which the older form has behind the key, in a field of its own. */
    private static byte[] curve(byte[] sec1) {
        int at = header(sec1, 0);
        while (at < sec1.length) {
            int content = header(sec1, at);
            int end = content + length(sec1, at);
            if ((sec1[at] & 0xff) == CURVE) {
                return java.util.Arrays.copyOfRange(sec1, content, end);
            }
            at = end;
        }
        throw new IllegalArgumentException("no curve");
    }

    private static int header(byte[] der, int at) {
        int first = der[at + 1] & 0xff;
        return at + 2 + (first < 0x80 ? 0 : first & 0x7f);
    }

    private static int length(byte[] der, int at) {
        int first = der[at + 1] & 0xff;
        if (first < 0x80) {
            return first;
        }
        int length = 0;
        for (int i = 0; i < (first & 0x7f); i++) {
            length = (length << 8) | (der[at + 2 + i] & 0xff);
        }
        return length;
    }

    private static byte[] sequence(byte[]... parts) {
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            content.writeBytes(part);
        }
        return value(SEQUENCE, content.toByteArray());
    }

    private static byte[] value(int tag, byte[] content) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(tag);
        if (content.length < 0x80) {
            out.write(content.length);
        } else if (content.length < 0x100) {
            out.write(0x81);
            out.write(content.length);
        } else {
            out.write(0x82);
            out.write(content.length >> 8);
            out.write(content.length);
        }
        out.writeBytes(content);
        return out.toByteArray();
    }
}
