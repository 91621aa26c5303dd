package io.watchkeeper.toolkit.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.watchkeeper.files.FileDigest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ArrivingFilesTest {

    @TempDir
    private Path folder;

    @Test
    void sumsUpFilesWhileTheyGrow() throws IOException {
        Random random = new Random(1);
        try (ArrivingFiles arriving = new ArrivingFiles(folder, file -> false, file -> List.of(), true)) {
            arriving.start();
            for (String name : List.of("a", "sub/b", "sub/c", "empty")) {
                Path file = folder.resolve(name);
                Files.createDirectories(file.getParent());
                try (OutputStream out = Files.newOutputStream(file)) {
                    for (int i = 0; i < 40 && !name.equals("empty"); i++) {
                        byte[] part = new byte[random.nextInt(100_000)];
                        random.nextBytes(part);
                        out.write(part);
                        out.flush();
                    }
                }
            }
            requireRight(arriving.finish(), 4);
        }
    }

    @Test
    void readsAgainWhatChangedAfterItWasRead() throws IOException {
        Path file = folder.resolve("a");
        AtomicReference<ByteArrayOutputStream> last = new AtomicReference<>();
        ArrivingFiles.Readers reader = one -> {
            last.set(new ByteArrayOutputStream());
            return List.of(last.get());
        };
        Files.writeString(file, "the first text");
        Files.writeString(folder.resolve("b"), "something newer, so that the first is over");
        try (ArrivingFiles arriving = new ArrivingFiles(folder, one -> one.endsWith("b"), reader, false)) {
            arriving.start();
            await().until(() -> last.get() != null && last.get().size() == 14);
            // Longer, as a file that had not come to its end.
            Files.writeString(file, ", and more", StandardOpenOption.APPEND);

            Map<String, FileSum> sums = arriving.finish();

            requireRight(sums, 2);
            assertThat(Objects.requireNonNull(sums.get("a")).bytes()).isEqualTo(24);
        }
    }

    @Test
    void leavesToTheEndWhatIsNotWrittenFromFrontToBack() throws Exception {
        AtomicReference<Path> read = new AtomicReference<>();
        ArrivingFiles.Readers reader = one -> {
            read.set(one);
            return List.of();
        };
        Files.writeString(folder.resolve("later"), "????");
        Files.writeString(folder.resolve("now"), "1234");
        try (ArrivingFiles arriving = new ArrivingFiles(folder, one -> one.endsWith("later"), reader, false)) {
            arriving.start();
            await().until(() -> folder.resolve("now").equals(read.get()));
            Files.writeString(folder.resolve("later"), "5678");

            requireRight(arriving.finish(), 2);
            assertThat(read.get()).isEqualTo(folder.resolve("later"));
        }
    }

    private void requireRight(Map<String, FileSum> sums, int files) throws IOException {
        assertThat(sums).hasSize(files);
        for (Map.Entry<String, FileSum> one : sums.entrySet()) {
            Path file = folder.resolve(one.getKey());
            assertThat(one.getValue().sha256()).as(one.getKey()).isEqualTo(FileDigest.of(file));
            assertThat(one.getValue().bytes()).isEqualTo(Files.size(file));
        }
    }
}
