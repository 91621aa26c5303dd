package io.watchkeeper.trust;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class Blake2bTest {

    @TempDir
    Path folder;

    @Test
    void digestsTheExampleOfTheStandard() {
        assertThat(HexFormat.of().formatHex(Blake2b.digest("abc".getBytes(StandardCharsets.US_ASCII))))
                .isEqualTo("ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d1"
                        + "7d87c5392aab792dc252d5de4533cc9518d38aa8dbf1925ab92386edd4009923");
    }

    /** Around the ends of blocks, where such code goes wrong. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 127, 128, 129, 255, 256, 257, 10_000})
    void digestsAsB2sumDoes(int length) throws Exception {
        byte[] message = new byte[length];
        for (int i = 0; i < length; i++) {
            message[i] = (byte) (i * 31);
        }

        assertThat(HexFormat.of().formatHex(Blake2b.digest(message))).isEqualTo(b2sum(message));
    }

    private String b2sum(byte[] message) throws IOException, InterruptedException {
        Path file = Files.write(folder.resolve("message"), message);
        Process b2sum = new ProcessBuilder("b2sum", file.toString()).start();
        String output = new String(b2sum.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
        assertThat(b2sum.waitFor()).isZero();
        return output.substring(0, 128);
    }
}
