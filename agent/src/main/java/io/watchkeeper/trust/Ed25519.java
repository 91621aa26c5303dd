package io.watchkeeper.trust;

import java.io.ByteArrayOutputStream;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.NoSuchAlgorithmException;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.util.HexFormat;

/** Signatures of the kind that minisign and OpenSSH make. */
final class Ed25519 {

    static final int KEY = 32;
    static final int SIGNATURE = 64;

    /** What X.509 puts before the key's 32 bytes. */
    private static final byte[] ALGORITHM = HexFormat.of().parseHex("302a300506032b6570032100");

    private Ed25519() {}

    /** @return false also for bytes that are no key or no signature at all */
    static boolean verifies(byte[] key, byte[] message, byte[] signature) {
        try {
            ByteArrayOutputStream encoded = new ByteArrayOutputStream();
            encoded.writeBytes(ALGORITHM);
            encoded.writeBytes(key);
            Signature verifier = Signature.getInstance("Ed25519");
            verifier.initVerify(
                    KeyFactory.getInstance("Ed25519").generatePublic(new X509EncodedKeySpec(encoded.toByteArray())));
            verifier.update(message);
            return verifier.verify(signature);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java from 15 on has Ed25519", e);
        } catch (GeneralSecurityException e) {
            return false;
        }
    }
}
