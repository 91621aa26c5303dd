package io.watchkeeper.trust;

import io.watchkeeper.problem.OperatorException;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Who may sign with a key of OpenSSH: a file of allowed signers, as {@code ssh-keygen -Y} reads it. */
final class SshSigners {

    /** What a signature must have been made for, so that one made for something else does not count here. */
    static final String NAMESPACE = "watchkeeper";

    private static final byte[] MAGIC = "SSHSIG".getBytes(StandardCharsets.US_ASCII);
    private static final String ED25519 = "ssh-ed25519";
    private static final Map<String, String> HASHES = Map.of("sha256", "SHA-256", "sha512", "SHA-512");
    private static final Pattern ARMOUR = Pattern.compile(
            "\\s*+-----BEGIN SSH SIGNATURE-----\\s++([A-Za-z0-9+/=\\s]++)-----END SSH SIGNATURE-----\\s*+");

    private final List<AllowedSigner> signers;

    private SshSigners(List<AllowedSigner> signers) {
        this.signers = signers;
    }

    /** @throws OperatorException naming the first line that cannot be read */
    static SshSigners parse(String text) {
        List<AllowedSigner> signers = new ArrayList<>();
        int number = 0;
        for (String line : text.lines().toList()) {
            number++;
            String bare = line.strip();
            if (!bare.isEmpty() && !bare.startsWith("#")) {
                signers.add(AllowedSigner.parse(bare, number));
            }
        }
        return new SshSigners(signers);
    }

    /**
     * Checks a signature, as of {@code ssh-keygen -Y sign -n watchkeeper}.
     *
     * @return who signed
     * @throws OperatorException saying what is wrong with it
     */
    String verify(byte[] message, String signature, Instant now) {
        SshSignature read = SshSignature.read(signature);
        if (!read.namespace.equals(NAMESPACE)) {
            throw new OperatorException(
                    "the signature was made for '" + read.namespace + "', not for '" + NAMESPACE + "'",
                    "sign with  ssh-keygen -Y sign -n " + NAMESPACE + " -f KEY " + ChecksumList.NAME + ".");
        }
        // A key may stand in several lines, as where its time was extended by another one.
        List<AllowedSigner> own = signers.stream().filter(s -> s.has(read.key)).toList();
        if (own.isEmpty()) {
            throw new OperatorException(
                    "the key that signed is not among trust.sshAllowedSigners",
                    "sign with a key that is, or add it there if its owner may decide what the agent runs.");
        }
        AllowedSigner signer =
                own.stream().filter(s -> s.isValid(now)).findFirst().orElse(own.get(0));
        signer.requireValid(now);
        if (!Ed25519.verifies(read.key, read.signed(message), read.signature)) {
            throw new OperatorException(
                    "the list was changed after it was signed", "read what has changed, then sign it again.");
        }
        return signer.principals();
    }

    /** One signature, taken apart. @param key of 32 bytes */
    private static final class SshSignature {
        private final byte[] key;
        private final String namespace;
        private final byte[] reserved;
        private final String hash;
        private final byte[] signature;

        private SshSignature(byte[] key, String namespace, byte[] reserved, String hash, byte[] signature) {
            this.key = key;
            this.namespace = namespace;
            this.reserved = reserved;
            this.hash = hash;
            this.signature = signature;
        }

        static SshSignature read(String armoured) {
            Matcher m = ARMOUR.matcher(armoured);
            if (!m.matches()) {
                throw malformed(null);
            }
            try {
                ByteBuffer blob = ByteBuffer.wrap(Base64.getMimeDecoder().decode(m.group(1)));
                byte[] magic = new byte[MAGIC.length];
                blob.get(magic);
                if (!Arrays.equals(magic, MAGIC) || blob.getInt() != 1) {
                    throw malformed(null);
                }
                byte[] key = keyOf(string(blob));
                String namespace = new String(string(blob), StandardCharsets.UTF_8);
                byte[] reserved = string(blob);
                String hash = new String(string(blob), StandardCharsets.UTF_8);
                return new SshSignature(key, namespace, reserved, hash, keyOf(string(blob)));
            } catch (BufferUnderflowException | IllegalArgumentException e) {
                throw malformed(e);
            }
        }

        /** What the key has signed: not the message, but what it is for and its digest. */
        byte[] signed(byte[] message) {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            try (DataOutputStream out = new DataOutputStream(bytes)) {
                out.write(MAGIC);
                byte[] digest = MessageDigest.getInstance(
                                Optional.ofNullable(HASHES.get(hash)).orElseThrow(() -> malformed(null)))
                        .digest(message);
                for (byte[] part : List.of(
                        namespace.getBytes(StandardCharsets.UTF_8),
                        reserved,
                        hash.getBytes(StandardCharsets.UTF_8),
                        digest)) {
                    out.writeInt(part.length);
                    out.write(part);
                }
            } catch (IOException | NoSuchAlgorithmException e) {
                throw new IllegalStateException("writing into memory, with digests every Java has", e);
            }
            return bytes.toByteArray();
        }
    }

    /** The bytes behind the name of the algorithm, of a key or of a signature. */
    static byte[] keyOf(byte[] blob) {
        ByteBuffer parts = ByteBuffer.wrap(blob);
        String kind = new String(string(parts), StandardCharsets.UTF_8);
        if (!kind.equals(ED25519)) {
            throw new OperatorException(
                    "it is of the kind " + kind + ", and only " + ED25519 + " can be verified here",
                    "make a key for signing: ssh-keygen -t ed25519.");
        }
        return string(parts);
    }

    private static byte[] string(ByteBuffer from) {
        int length = from.getInt();
        if (length < 0 || length > from.remaining()) {
            throw new BufferUnderflowException();
        }
        byte[] bytes = new byte[length];
        from.get(bytes);
        return bytes;
    }

    private static OperatorException malformed(@org.jspecify.annotations.Nullable Throwable cause) {
        return new OperatorException(
                "the signature is not one of ssh-keygen",
                "make it with  ssh-keygen -Y sign -n " + NAMESPACE + " -f KEY " + ChecksumList.NAME + ".",
                cause);
    }
}
