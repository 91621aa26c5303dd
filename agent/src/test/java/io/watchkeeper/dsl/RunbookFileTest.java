package io.watchkeeper.dsl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.watchkeeper.problem.Problem;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunbookFileTest {

    private static final String GOOD = "runbook('a') { step('x') { } }";

    @TempDir
    Path folder;

    private static List<Problem> problems(Path file) {
        return Loading.loader().load(List.of(file)).problems();
    }

    private static void mode(Path path, String permissions) throws IOException {
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(permissions));
    }

    private static void refused(Path file, String message) {
        assertThat(problems(file)).singleElement().satisfies(problem -> {
            assertThat(problem.file()).isEqualTo(file.toString());
            assertThat(problem.message()).contains(message);
        });
    }

    @Test
    void loadsAFileWithAnyUsualMode() throws IOException {
        Path file = Files.writeString(folder.resolve("a.groovy"), GOOD);
        for (String mode : List.of("rw-r--r--", "rw-rw-r--", "r--------")) {
            mode(file, mode);
            assertThat(problems(file)).as(mode).isEmpty();
        }
    }

    @Test
    void refusesAFileThatOthersCanWrite() throws IOException {
        Path file = Files.writeString(folder.resolve("a.groovy"), GOOD);
        mode(file, "rw-r--rw-");

        assertThat(problems(file)).singleElement().satisfies(problem -> {
            assertThat(problem.message()).isEqualTo("every user of this host can write to it, so it is not loaded");
            assertThat(problem.hint()).contains("chmod o-w " + file.toRealPath());
        });
    }

    @Test
    void refusesAFileInAFolderWhoseEntriesOthersCanReplace() throws IOException {
        Path open = Files.createDirectory(folder.resolve("open"));
        Path inner = Files.createDirectory(open.resolve("inner"));
        Path file = Files.writeString(inner.resolve("a.groovy"), GOOD);
        mode(open, "rwxrwxrwx");

        refused(file, "every user of this host can replace files in '" + open + "'");
    }

    @Test
    void refusesALinkThatOthersCanReplace() throws IOException {
        Path file = Files.writeString(folder.resolve("a.groovy"), GOOD);
        Path open = Files.createDirectory(folder.resolve("open"));
        Path link = Files.createSymbolicLink(open.resolve("b.groovy"), file);
        assertThat(problems(link)).isEmpty();

        mode(open, "rwxrwxrwx");

        refused(link, "every user of this host can replace files in '" + open + "'");
    }

    @Test
    void refusesTheTargetOfALinkThatOthersCanWrite() throws IOException {
        Path file = Files.writeString(folder.resolve("a.groovy"), GOOD);
        Path link = Files.createSymbolicLink(folder.resolve("b.groovy"), file);
        mode(file, "rw-rw-rw-");

        refused(link, "every user of this host can write to it");
    }

    @Test
    void refusesAFileOfAnotherUser() throws IOException {
        assumeThat(Files.getOwner(folder).getName())
                .as("only root can give files away")
                .isEqualTo("root");
        Path file = Files.writeString(folder.resolve("a.groovy"), GOOD);
        Files.setOwner(
                file, file.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName("nobody"));

        refused(file, "belongs to user nobody, so it is not loaded");
    }

    @Test
    void refusesALargeFile() throws IOException {
        Path file = Files.writeString(folder.resolve("a.groovy"), GOOD + "\n//" + "x".repeat(1 << 20));

        refused(file, "it is larger than 1 MB");
    }

    @Test
    void refusesWhatIsNotUtf8() throws IOException {
        Path file =
                Files.write(folder.resolve("a.groovy"), (GOOD + " // \u00fc").getBytes(StandardCharsets.ISO_8859_1));

        refused(file, "it is not a text in UTF-8");
    }

    @Test
    void readsTextOfAllScriptsAndAByteOrderMark() throws IOException {
        Path file = Files.writeString(
                folder.resolve("a.groovy"),
                "\uFEFFrunbook('야간-점검') { description '매일 밤'; step('점검') { log.info '끝' } }");

        LoadResult result = Loading.loader().load(List.of(file));

        assertThat(result.problems()).isEmpty();
        assertThat(result.runbooks())
                .singleElement()
                .satisfies(r -> assertThat(r.name()).isEqualTo("야간-점검"));
    }

    @Test
    void saysThatAFileIsNotThere() {
        refused(folder.resolve("none.groovy"), "there is no such file");
    }

    @Test
    void saysThatALinkLeadsNowhere() throws IOException {
        refused(Files.createSymbolicLink(folder.resolve("a.groovy"), folder.resolve("gone")), "there is no such file");
    }

    @Test
    void loadsFilesWithOddNames() throws IOException {
        for (String name : List.of("1 odd name.groovy", "a.b.groovy", "ünï.groovy", "$x.groovy")) {
            Path file = Files.writeString(folder.resolve(name), GOOD);
            assertThat(problems(file)).as(name).isEmpty();
        }
    }

    @Test
    void loadsAFileByNameWhateverItsSuffix() throws IOException {
        assertThat(problems(Files.writeString(folder.resolve("trial.txt"), GOOD)))
                .isEmpty();
    }

    @Test
    void namesFilesAsTheyWereGiven() throws IOException {
        Path working = Path.of("").toAbsolutePath();
        Path file = Files.writeString(folder.resolve("a.groovy"), "nonsense");
        Path relative = working.relativize(file);

        assertThat(problems(relative))
                .first()
                .satisfies(p -> assertThat(p.file()).isEqualTo(relative.toString()));
        assertThat(file.toString().toLowerCase(Locale.ROOT)).isNotEqualTo(relative.toString());
    }
}
