package io.watchkeeper.dsl;

import static org.assertj.core.api.Assertions.assertThat;

import io.watchkeeper.trust.RunbookTrust;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CompileCacheTest {

    private static final String BUILD = "build-1";

    @TempDir
    Path state;

    private Path runbooks;

    @BeforeEach
    void writeARunbook() throws IOException {
        runbooks = Files.createDirectory(state.resolve("runbooks"));
        write("runbook('one') { step('a') { log.info 'first' } }");
    }

    @Test
    void keepsWhatAFileBecameForTheNextStart() throws IOException {
        assertThat(names(loader(BUILD, List.of("shore")))).containsExactly("one");
        List<Path> kept = kept();
        assertThat(kept).hasSize(1);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(state.resolve("compiled"))))
                .isEqualTo("rwx------");

        // What is found there runs: these are the classes of another text, kept under this one's name.
        byte[] first = Files.readAllBytes(kept.get(0));
        write("runbook('two') { step('a') { log.info 'second' } }");
        names(loader(BUILD, List.of("shore")));
        Path second = kept().stream()
                .filter(file -> !file.equals(kept.get(0)))
                .findFirst()
                .orElseThrow();
        Files.write(second, first);

        assertThat(names(loader(BUILD, List.of("shore")))).containsExactly("one");
    }

    @Test
    void compilesAgainWhenAnythingElseIsDifferent() throws IOException {
        names(loader(BUILD, List.of("shore")));
        names(loader("build-2", List.of("shore")));
        names(loader(BUILD, List.of("shore", "ship")));
        names(loader(BUILD, null));
        names(new RunbookLoader("shore", List.of("shore"), toolbox(), RunbookTrust.USUAL)
                .with(CompileCache.in(state.resolve("compiled"), BUILD)));
        Files.move(runbooks.resolve("one.groovy"), runbooks.resolve("other.groovy"));
        names(loader(BUILD, List.of("shore")));

        assertThat(kept()).hasSize(6);
    }

    @Test
    void judgesWhatIsKeptByTheDatabasesThatAreConfiguredNow() throws IOException {
        write("runbook('one') { step('a') { query 'shore', 'select 1' } }");
        assertThat(names(loader(BUILD, List.of("shore")))).containsExactly("one");

        assertThat(loader(BUILD, List.of("ship")).load(List.of(runbooks)).problems())
                .singleElement()
                .asString()
                .contains("database 'shore' is not in the configuration");
    }

    @Test
    void keepsNothingOfAFileWithProblems() throws IOException {
        write("runbook('one') { stepp('a') { } }");

        assertThat(loader(BUILD, null).load(List.of(runbooks)).problems()).isNotEmpty();
        assertThat(kept()).isEmpty();
    }

    @Test
    void compilesAgainWhenWhatWasKeptIsTorn() throws IOException {
        names(loader(BUILD, null));
        Path kept = kept().get(0);
        byte[] whole = Files.readAllBytes(kept);
        for (int length : new int[] {0, 10, 40, whole.length - 1}) {
            Files.write(kept, java.util.Arrays.copyOf(whole, length));
            assertThat(names(loader(BUILD, null))).containsExactly("one");
            assertThat(Files.readAllBytes(kept)).as("after %d bytes", length).isEqualTo(whole);
        }
    }

    @Test
    void doesNotRunWhatEveryUserCouldHaveWritten() throws IOException {
        names(loader(BUILD, null));
        Path kept = kept().get(0);
        Files.write(kept, new byte[] {1, 2, 3});
        Files.setPosixFilePermissions(kept, PosixFilePermissions.fromString("rw-rw-rw-"));

        assertThat(names(loader(BUILD, null))).containsExactly("one");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(kept)))
                .isEqualTo("rw-------");
    }

    @Test
    void forgetsWhatIsNoLongerUsed() throws IOException {
        names(loader(BUILD, null));
        Path old = kept().get(0);
        Files.writeString(state.resolve("compiled/left.tmp"), "by a process that was killed");
        write("runbook('two') { step('a') { log.info 'second' } }");

        RunbookLoader loader = loader(BUILD, null);
        names(loader);
        loader.forgetUnused();

        assertThat(kept()).hasSize(1).doesNotContain(old);
        assertThat(names(loader(BUILD, null))).containsExactly("two");
    }

    @Test
    void worksWhereNothingCanBeKept() throws IOException {
        Files.writeString(state.resolve("compiled"), "a file, where the folder would be");

        assertThat(names(loader(BUILD, null))).containsExactly("one");
    }

    private RunbookLoader loader(String build, @org.jspecify.annotations.Nullable List<String> databases) {
        return new RunbookLoader("ship", databases, toolbox(), RunbookTrust.USUAL)
                .with(CompileCache.in(state.resolve("compiled"), build));
    }

    private static Toolbox toolbox() {
        return Loading.toolbox(new Loading.SentAlerts());
    }

    private List<String> names(RunbookLoader loader) {
        return loader.load(List.of(runbooks)).runbooks().stream()
                .map(runbook -> runbook.name())
                .toList();
    }

    private void write(String text) throws IOException {
        Files.writeString(runbooks.resolve("one.groovy"), text);
    }

    private List<Path> kept() throws IOException {
        if (!Files.isDirectory(state.resolve("compiled"))) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(state.resolve("compiled"))) {
            return files.sorted().toList();
        }
    }
}
