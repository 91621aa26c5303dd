package io.watchkeeper.toolkit.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.watchkeeper.files.FileDigest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TarContentsTest {

    private static final List<Integer> SIZES = List.of(0, 1, 511, 512, 513, 1024, 300_000);

    @TempDir
    private Path folder;

    private byte[] tar = {};

    @BeforeEach
    void pack() throws IOException {
        Path files = folder.resolve("files");
        Files.createDirectories(files.resolve("base/5"));
        Random random = new Random(2);
        for (int size : SIZES) {
            byte[] content = new byte[size];
            random.nextBytes(content);
            Files.write(files.resolve("base/5/" + size), content);
        }
        Files.createSymbolicLink(files.resolve("link"), Path.of("/elsewhere"));
        RestoredByHand.shell("cd '" + files + "' && tar --format=ustar -cf ../all.tar base link");
        tar = Files.readAllBytes(folder.resolve("all.tar"));
    }

    @Test
    void sumsUpEachMemberHoweverTheBytesCome() throws IOException {
        for (int step : List.of(1, 7, 512, 100_000, tar.length)) {
            TarContents contents = new TarContents();
            for (int at = 0; at < tar.length; at += step) {
                contents.write(tar, at, Math.min(step, tar.length - at));
            }
            contents.requireEnd();
            assertThat(contents.members()).hasSize(SIZES.size());
            for (int size : SIZES) {
                FileSum sum = Objects.requireNonNull(contents.members().get("base/5/" + size));
                assertThat(sum.bytes()).isEqualTo(size);
                assertThat(sum.sha256()).isEqualTo(FileDigest.of(folder.resolve("files/base/5/" + size)));
            }
        }
    }

    @Test
    void aFileThatEndsTooEarlyIsNoWholeOne() throws IOException {
        TarContents contents = new TarContents();
        contents.write(tar, 0, tar.length / 2);
        assertThatThrownBy(contents::requireEnd).hasMessageContaining("ends in the middle");
    }

    @Test
    void aHeaderThatWasChangedIsFound() {
        byte[] changed = tar.clone();
        changed[30] ^= 1;
        assertThatThrownBy(() -> new TarContents().write(changed, 0, changed.length))
                .hasMessageContaining("is damaged");
    }
}
