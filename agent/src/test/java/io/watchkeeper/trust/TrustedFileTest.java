package io.watchkeeper.trust;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.watchkeeper.problem.OperatorException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemLoopException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrustedFileTest {

    private static final int LARGEST = 1 << 20;

    @TempDir
    Path temporary;

    private Path root;

    @BeforeEach
    void resolveLinks() throws IOException {
        root = temporary.toRealPath();
    }

    private static String read(Path file) throws IOException {
        return new String(TrustedFile.read(file, LARGEST), StandardCharsets.UTF_8);
    }

    private static void mode(Path path, String mode) throws IOException {
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(mode));
    }

    /** Gives a file, folder or link to a user who is neither root nor the agent's. */
    private static void giveAway(Path path) throws IOException {
        assumeThat(Files.getOwner(Path.of("/proc/self")).getName())
                .as("only root can give files away")
                .isEqualTo("root");
        Files.getFileAttributeView(path, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS)
                .setOwner(path.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName("nobody"));
    }

    /** Every user may make files in it, and replace only his own. */
    private Path sticky() throws Exception {
        Path folder = Files.createDirectory(root.resolve("sticky"));
        assertThat(new ProcessBuilder("chmod", "1777", folder.toString())
                        .start()
                        .waitFor())
                .isZero();
        return folder;
    }

    @Test
    void readsThroughLinksOfFoldersAndFiles() throws IOException {
        Path folder = Files.createDirectories(root.resolve("a/b"));
        Files.writeString(folder.resolve("file"), "text");
        Files.createSymbolicLink(root.resolve("current"), Path.of("a/./b"));
        Files.createSymbolicLink(folder.resolve("link"), Path.of("../../current/file"));

        assertThat(read(root.resolve("current/link"))).isEqualTo("text");
    }

    @Test
    void namesBehindALinkStartWhereItLeads() throws IOException {
        Files.createDirectories(root.resolve("a/b"));
        Files.writeString(root.resolve("a/file"), "beside the target");
        Files.writeString(root.resolve("file"), "beside the link");
        Files.createSymbolicLink(root.resolve("link"), Path.of("a/b"));

        assertThat(read(root.resolve("link/../file"))).isEqualTo("beside the target");
    }

    @Test
    void refusesAFolderOfAnotherUserAnywhereAbove() throws IOException {
        Path others = Files.createDirectory(root.resolve("others"));
        Path file =
                Files.writeString(Files.createDirectory(others.resolve("in")).resolve("file"), "text");
        giveAway(others);

        assertThatThrownBy(() -> read(file))
                .isInstanceOf(OperatorException.class)
                .hasMessage("'" + others + "' belongs to user nobody, so it is not loaded");
    }

    @Test
    void refusesTheFolderThatALinkOnTheWayStandsIn() throws IOException {
        Path good = Files.createDirectory(root.resolve("good"));
        Files.writeString(good.resolve("file"), "text");
        Path open = Files.createDirectory(root.resolve("open"));
        Files.createSymbolicLink(open.resolve("way"), good);
        Files.createSymbolicLink(root.resolve("file"), open.resolve("way/file"));
        mode(open, "rwxrwxrwx");

        assertThatThrownBy(() -> read(root.resolve("file")))
                .isInstanceOf(OperatorException.class)
                .hasMessageContaining("every user of this host can replace files in '" + open + "'");
    }

    @Test
    void readsOwnFileInAStickyFolderAndRefusesALinkOfAnotherThere() throws Exception {
        Path sticky = sticky();
        Path file = Files.writeString(sticky.resolve("own"), "text");
        assertThat(read(file)).isEqualTo("text");

        Path link = Files.createSymbolicLink(sticky.resolve("theirs"), file);
        giveAway(link);

        assertThatThrownBy(() -> read(link))
                .isInstanceOf(OperatorException.class)
                .hasMessageContaining("'" + link + "' belongs to user nobody");
    }

    @Test
    void refusesAFolderOfAnotherInAStickyFolder() throws Exception {
        Path folder = Files.createDirectory(sticky().resolve("theirs"));
        Path file = Files.writeString(folder.resolve("file"), "text");
        giveAway(folder);

        assertThatThrownBy(() -> read(file))
                .isInstanceOf(OperatorException.class)
                .hasMessageContaining("'" + folder + "' belongs to user nobody");
    }

    @Test
    void linksInACircleEnd() throws IOException {
        Files.createSymbolicLink(root.resolve("a"), Path.of("b"));
        Files.createSymbolicLink(root.resolve("b"), Path.of("a"));

        assertThatThrownBy(() -> read(root.resolve("a"))).isInstanceOf(FileSystemLoopException.class);
    }

    @Test
    void refusesWhatIsNoFile() throws Exception {
        assertThat(new ProcessBuilder("mkfifo", root.resolve("pipe").toString())
                        .start()
                        .waitFor())
                .isZero();

        assertThatThrownBy(() -> read(root.resolve("pipe"))).hasMessage("it is not a file");
        assertThatThrownBy(() -> read(root)).hasMessage("it is not a file");
        assertThatThrownBy(() -> read(root.resolve("gone"))).isInstanceOf(NoSuchFileException.class);
    }

    @Test
    void refusesALinkSwappedInBetweenLookAndReading() throws IOException {
        Path file = Files.writeString(root.resolve("file"), "good");
        Path evil = Files.writeString(root.resolve("evil"), "evil");

        assertThatThrownBy(() -> TrustedFile.read(file, LARGEST, () -> {}, () -> {
                    Files.delete(file);
                    Files.createSymbolicLink(file, evil);
                }))
                .isInstanceOf(IOException.class);
    }

    @Test
    void refusesAFileSwappedInBetweenLookAndReading() throws IOException {
        Path file = Files.writeString(root.resolve("file"), "good");
        Path evil = Files.writeString(root.resolve("evil"), "evil");

        assertThatThrownBy(() -> TrustedFile.read(
                        file, LARGEST, () -> {}, () -> Files.move(evil, file, StandardCopyOption.REPLACE_EXISTING)))
                .isInstanceOf(TrustedFile.ChangedWhileReadException.class);
    }

    @Test
    void refusesAFolderSwappedInBetweenLookAndOpening() throws IOException {
        Path folder = Files.createDirectory(root.resolve("folder"));
        Path file = Files.writeString(folder.resolve("file"), "good");
        Path evil = Files.createDirectory(root.resolve("evil"));
        Files.writeString(evil.resolve("file"), "evil");

        assertThatThrownBy(() -> TrustedFile.read(
                        file,
                        LARGEST,
                        () -> {
                            Files.move(folder, root.resolve("away"));
                            Files.createSymbolicLink(folder, evil);
                        },
                        () -> {}))
                .isInstanceOf(TrustedFile.ChangedWhileReadException.class);
    }

    @Test
    void aFolderThatIsHeldOpenIsReadWhateverTakesItsName() throws IOException {
        Path folder = Files.createDirectory(root.resolve("folder"));
        Path file = Files.writeString(folder.resolve("file"), "good");
        Path evil = Files.createDirectory(root.resolve("evil"));
        Files.writeString(evil.resolve("file"), "evil");

        byte[] read = TrustedFile.read(file, LARGEST, () -> {}, () -> {
            Files.move(folder, root.resolve("away"));
            Files.move(evil, folder);
        });

        assertThat(new String(read, StandardCharsets.UTF_8)).isEqualTo("good");
    }

    @Test
    void refusesAFileThatIsWrittenToWhileItIsRead() throws IOException {
        Path file = Files.writeString(root.resolve("file"), "good");

        assertThatThrownBy(() -> TrustedFile.read(file, LARGEST, () -> {}, () -> Files.writeString(file, "longer")))
                .isInstanceOf(TrustedFile.ChangedWhileReadException.class);
    }

    /** Another user does what he can, for as long as it takes to read a thousand times. */
    @Test
    void anotherUserSwapsNothingInWhereTheFolderIsSticky() throws Exception {
        Path file = Files.writeString(sticky().resolve("file"), "good");
        mode(root, "rwxr-xr-x");
        mode(file, "rw-r--r--");
        assumeThat(Files.getOwner(root).getName()).isEqualTo("root");
        Process attacker = new ProcessBuilder(
                        "setpriv",
                        "--reuid",
                        "nobody",
                        "--clear-groups",
                        "sh",
                        "-c",
                        """
                        cd "$1" && echo evil > evil
                        while :; do ln -sf evil file; mv -f evil file; cp evil file; done""",
                        "sh",
                        root.resolve("sticky").toString())
                .redirectErrorStream(true)
                .redirectOutput(root.resolve("attacker.log").toFile())
                .start();
        try {
            org.awaitility.Awaitility.await()
                    .untilAsserted(() -> assertThat(Files.readString(root.resolve("attacker.log")))
                            .contains("file", "ermi"));
            for (int i = 0; i < 1_000; i++) {
                assertThat(read(file)).isEqualTo("good");
            }
        } finally {
            attacker.destroyForcibly().waitFor();
        }
    }
}
