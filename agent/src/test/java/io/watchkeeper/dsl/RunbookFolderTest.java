package io.watchkeeper.dsl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.watchkeeper.problem.Problem;
import io.watchkeeper.runbook.Runbook;
import io.watchkeeper.runbook.RunbookRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunbookFolderTest {

    /** What a person is promised. */
    private static final Duration PROMISED = Duration.ofSeconds(2);

    @TempDir
    Path temporary;

    private Path folder;
    private final RunbookRegistry registry = new RunbookRegistry();
    private RunbookFolder watched;

    @BeforeEach
    void makeFolder() throws IOException {
        folder = Files.createDirectory(temporary.resolve("runbooks"));
        watched = new RunbookFolder(folder, Loading.loader(), registry, Clock.systemUTC());
    }

    @AfterEach
    void close() {
        watched.close();
    }

    private static String runbook(String name, String description) {
        return "runbook('" + name + "') {\n description '" + description + "'\n step('x') { }\n}\n";
    }

    private Path write(String file, String text) throws IOException {
        return Files.writeString(folder.resolve(file), text);
    }

    private List<String> names() {
        return List.copyOf(registry.contents().runbooks().keySet());
    }

    private String description(String name) {
        return registry.find(name).map(Runbook::description).orElse("none");
    }

    private void soon(org.awaitility.core.ThrowingRunnable check) {
        await().atMost(PROMISED).pollInterval(Duration.ofMillis(20)).untilAsserted(check);
    }

    @Test
    void holdsTheFolderWhenStartReturns() throws IOException {
        write("a.groovy", runbook("a", "one"));
        write("b.groovy", runbook("b", "two"));

        watched.start();

        assertThat(names()).containsExactly("a", "b");
        assertThat(registry.contents().problems()).isEmpty();
    }

    @Test
    void loadsAnEditedFile() throws IOException {
        write("a.groovy", runbook("a", "one"));
        watched.start();

        write("a.groovy", runbook("a", "two"));

        soon(() -> assertThat(description("a")).isEqualTo("two"));
    }

    @Test
    void loadsAnEditThatLeavesSizeAndTimeAlike() throws IOException {
        Path file = write("a.groovy", runbook("a", "one"));
        FileTime time = Files.getLastModifiedTime(file);
        watched.start();

        Files.writeString(file, runbook("a", "two"));
        Files.setLastModifiedTime(file, time);

        soon(() -> assertThat(description("a")).isEqualTo("two"));
    }

    @Test
    void loadsAFileThatAnEditorReplaces() throws IOException {
        write("a.groovy", runbook("a", "one"));
        watched.start();

        Path other = write(".a.groovy.swp", runbook("a", "two"));
        Files.move(
                other, folder.resolve("a.groovy"), StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);

        soon(() -> assertThat(description("a")).isEqualTo("two"));
    }

    @Test
    void loadsNewFilesAndDropsDeletedOnes() throws IOException {
        Path a = write("a.groovy", runbook("a", "one"));
        watched.start();

        write("b.groovy", runbook("b", "two"));
        soon(() -> assertThat(names()).containsExactly("a", "b"));

        Files.delete(a);
        soon(() -> assertThat(names()).containsExactly("b"));
    }

    @Test
    void followsARenamedFileWithoutLosingItsRunbook() throws IOException {
        Path a = write("a.groovy", runbook("a", "one"));
        watched.start();
        List<List<String>> seen = new CopyOnWriteArrayList<>();
        registry.onSwap((before, after) -> seen.add(List.copyOf(after.runbooks().keySet())));

        Files.move(a, folder.resolve("z.groovy"));

        soon(() ->
                assertThat(registry.find("a").orElseThrow().location().file()).endsWith("z.groovy"));
        assertThat(seen).allSatisfy(names -> assertThat(names).containsExactly("a"));
    }

    @Test
    void keepsTheLastGoodVersionOfABrokenFile() throws IOException {
        write("a.groovy", runbook("a", "one"));
        watched.start();

        write("a.groovy", "runbook('a') { ownr 'x'; step('x') { } }");

        soon(() -> assertThat(registry.contents().problems())
                .singleElement()
                .extracting(Problem::message)
                .isEqualTo("unknown option 'ownr' in 'runbook'"));
        assertThat(description("a")).isEqualTo("one");

        write("a.groovy", runbook("a", "three"));

        soon(() -> assertThat(description("a")).isEqualTo("three"));
        assertThat(registry.contents().problems()).isEmpty();
    }

    @Test
    void keepsTheLastGoodVersionOfAFileThatNobodyVouchedFor() throws Exception {
        write("a.groovy", runbook("a", "one"));
        list();
        watched.start();
        assertThat(description("a")).isEqualTo("one");

        write("a.groovy", runbook("a", "two"));
        write("b.groovy", runbook("b", "planted"));

        soon(() -> assertThat(registry.contents().problems())
                .extracting(Problem::message)
                .satisfiesExactly(
                        changed -> assertThat(changed).startsWith("it is not as the list of checksums"),
                        unlisted -> assertThat(unlisted).startsWith("it is not in the list of checksums")));
        assertThat(description("a")).isEqualTo("one");
        assertThat(names()).containsExactly("a");

        list();

        soon(() -> assertThat(description("a")).isEqualTo("two"));
        soon(() -> assertThat(names()).containsExactly("a", "b"));
        assertThat(registry.contents().problems()).isEmpty();
    }

    @Test
    void saysWhenAListNoLongerHasAFileThatIsInForce() throws Exception {
        write("a.groovy", runbook("a", "one"));
        Path list = list();
        watched.start();

        Files.writeString(list, "");

        soon(() -> assertThat(registry.contents().problems())
                .singleElement()
                .extracting(Problem::message)
                .isEqualTo("it is not in the list of checksums, runbooks.sha256, so it is not loaded"));
        assertThat(description("a")).isEqualTo("one");
    }

    /** As a person would. */
    private Path list() throws Exception {
        Path list = folder.resolve("runbooks.sha256");
        assertThat(new ProcessBuilder("sh", "-c", "sha256sum *.groovy > runbooks.sha256")
                        .directory(folder.toFile())
                        .start()
                        .waitFor())
                .isZero();
        return list;
    }

    @Test
    void saysThatAFileIsBrokenFromTheStart() throws IOException {
        write("a.groovy", "runbook('a') {");
        write("b.groovy", runbook("b", "fine"));

        watched.start();

        assertThat(names()).containsExactly("b");
        assertThat(registry.contents().problems()).hasSize(1);
    }

    @Test
    void doesNotLoadAFileWhileItIsBeingWritten() throws IOException {
        write("a.groovy", runbook("a", "one"));
        watched.start();
        List<Problem> seen = new CopyOnWriteArrayList<>();
        registry.onSwap((before, after) -> seen.addAll(after.problems()));

        String text = runbook("a", "written in many small parts");
        Path file = Files.writeString(folder.resolve("a.groovy"), "", StandardOpenOption.TRUNCATE_EXISTING);
        await().pollInSameThread()
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(5))
                .until(() -> {
                    int done = (int) Files.size(file);
                    Files.writeString(file, text.substring(done, done + 1), StandardOpenOption.APPEND);
                    return done + 1 == text.length();
                });

        soon(() -> assertThat(description("a")).isEqualTo("written in many small parts"));
        assertThat(seen).isEmpty();
    }

    @Test
    void doesNotCompileUnchangedFilesAgain() throws IOException {
        Path a = write("a.groovy", runbook("a", "one"));
        write("b.groovy", runbook("b", "one"));
        watched.start();
        Runbook before = registry.find("a").orElseThrow();

        Files.setLastModifiedTime(a, FileTime.from(Instant.parse("2020-01-01T00:00:00Z")));
        write("b.groovy", runbook("b", "two"));

        soon(() -> assertThat(description("b")).isEqualTo("two"));
        assertThat(registry.find("a")).containsSame(before);
    }

    @Test
    void followsAFolderWhoseLinkIsSwapped() throws IOException {
        Path first = Files.createDirectory(temporary.resolve("..2024_1"));
        Path second = Files.createDirectory(temporary.resolve("..2024_2"));
        Files.writeString(first.resolve("a.groovy"), runbook("a", "one"));
        Files.writeString(second.resolve("a.groovy"), runbook("a", "two"));
        Files.writeString(second.resolve("b.groovy"), runbook("b", "new"));
        Path link = Files.createSymbolicLink(temporary.resolve("current"), first);
        watched = new RunbookFolder(link, Loading.loader(), registry, Clock.systemUTC());
        watched.start();
        assertThat(names()).containsExactly("a");

        Path next = Files.createSymbolicLink(temporary.resolve("next"), second);
        Files.move(next, link, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);

        soon(() -> assertThat(names()).containsExactly("a", "b"));
        assertThat(description("a")).isEqualTo("two");
    }

    @Test
    void followsFilesThatAreLinksIntoASwappedFolder() throws IOException {
        Path data = folder.resolve("..data");
        Path first = Files.createDirectory(folder.resolve("..2024_1"));
        Path second = Files.createDirectory(folder.resolve("..2024_2"));
        Files.writeString(first.resolve("a.groovy"), runbook("a", "one"));
        Files.writeString(second.resolve("a.groovy"), runbook("a", "two"));
        Files.createSymbolicLink(data, first);
        Files.createSymbolicLink(folder.resolve("a.groovy"), Path.of("..data", "a.groovy"));
        watched.start();
        assertThat(description("a")).isEqualTo("one");

        Files.createSymbolicLink(folder.resolve("..tmp"), second);
        Files.move(folder.resolve("..tmp"), data, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);

        soon(() -> assertThat(description("a")).isEqualTo("two"));
    }

    @Test
    void keepsTheRunbooksWhileTheFolderIsAway() throws IOException {
        write("a.groovy", runbook("a", "one"));
        watched.start();

        Path away = Files.move(folder, temporary.resolve("away"));
        soon(() -> assertThat(registry.contents().problems())
                .singleElement()
                .asString()
                .contains("is not there"));
        assertThat(names()).containsExactly("a");

        Files.move(away, folder);
        soon(() -> assertThat(registry.contents().problems()).isEmpty());
        assertThat(names()).containsExactly("a");
    }

    @Test
    void noticesThatAFileMayBeReadAgain() throws IOException {
        Path file = write("a.groovy", runbook("a", "one"));
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-rw-rw-"));
        watched.start();
        assertThat(registry.contents().problems()).hasSize(1);

        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));

        soon(() -> assertThat(names()).containsExactly("a"));
        assertThat(registry.contents().problems()).isEmpty();
    }

    @Test
    void keepsTheFirstOfTwoRunbooksWithOneName() throws IOException {
        write("a.groovy", runbook("twin", "first"));
        watched.start();

        write("b.groovy", runbook("twin", "second"));
        soon(() -> assertThat(registry.contents().problems())
                .singleElement()
                .asString()
                .contains("a.groovy:1"));
        assertThat(description("twin")).isEqualTo("first");

        Files.delete(folder.resolve("a.groovy"));
        soon(() -> assertThat(description("twin")).isEqualTo("second"));
        assertThat(registry.contents().problems()).isEmpty();
    }

    @Test
    void ignoresBackupsAndHiddenFiles() throws IOException {
        for (String name : List.of(".a.groovy", "a.groovy~", "#a.groovy#", "a.groovy.bak", "a.txt", ".#a.groovy")) {
            write(name, "not a runbook");
        }
        write("a.groovy", runbook("a", "one"));

        watched.start();

        assertThat(names()).containsExactly("a");
        assertThat(registry.contents().problems()).isEmpty();
    }

    @Test
    void doesNotSwapWhenNothingChanges() throws IOException {
        write("a.groovy", runbook("a", "one"));
        write("b.groovy", "broken");
        watched.start();
        List<Object> swaps = new CopyOnWriteArrayList<>();
        registry.onSwap((before, after) -> swaps.add(after));

        watched.reloadNow();
        watched.reloadNow();

        assertThat(swaps).isEmpty();
    }
}
