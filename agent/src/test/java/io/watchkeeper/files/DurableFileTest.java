package io.watchkeeper.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.units.Bytes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.UserPrincipal;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DurableFileTest {

    @TempDir
    private Path folder;

    @Test
    void replacesAFileWhole() throws IOException {
        Path file = folder.resolve("one");
        DurableFile.write(file, "before");
        DurableFile.write(file, "after");

        assertThat(file).hasContent("after");
        try (var all = Files.list(folder)) {
            assertThat(all).containsExactly(file);
        }
    }

    @Test
    void whatRootWritesBelongsToItsFoldersOwner() throws IOException {
        assumeThat(System.getProperty("user.name")).isEqualTo("root");
        UserPrincipal nobody =
                folder.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName("nobody");
        Files.setOwner(folder, nobody);
        Path inside = FolderOwner.create(folder.resolve("one/two"));
        DurableFile.write(inside.resolve("file"), "text");

        assertThat(Files.getOwner(folder.resolve("one"))).isEqualTo(nobody);
        assertThat(Files.getOwner(inside)).isEqualTo(nobody);
        assertThat(Files.getOwner(inside.resolve("file"))).isEqualTo(nobody);
    }

    @Test
    void leavesWhatWasThereWhenTheNewCannotBeWritten() throws IOException {
        Path file = Files.createDirectory(folder.resolve("taken"));
        Files.writeString(file.resolve("content"), "x");

        assertThatThrownBy(() -> DurableFile.write(file, "new")).isInstanceOf(IOException.class);

        assertThat(file.resolve("content")).hasContent("x");
        try (var all = Files.list(folder)) {
            assertThat(all).containsExactly(file);
        }
    }

    @Test
    void removesAFolderButNothingThatALinkInItLeadsTo() throws IOException {
        Path outside = Files.writeString(folder.resolve("outside"), "kept");
        Path tree = folder.resolve("tree");
        Files.createDirectories(tree.resolve("deep"));
        Files.writeString(tree.resolve("deep/file"), "12345");
        Files.createSymbolicLink(tree.resolve("link"), outside);

        assertThat(FolderTree.size(tree)).isEqualTo(5);
        FolderTree.delete(tree);
        FolderTree.delete(tree);

        assertThat(tree).doesNotExist();
        assertThat(outside).hasContent("kept");
    }

    @Test
    void refusesWhatDoesNotFit() {
        FreeSpace.require(folder.resolve("not/yet/there"), new Bytes(1), "a byte");

        assertThatThrownBy(() -> FreeSpace.require(folder, new Bytes(Long.MAX_VALUE), "the base backup of shore"))
                .isInstanceOf(OperatorException.class)
                .hasMessageContaining("the base backup of shore may need")
                .hasMessageContaining(folder.toString());
    }

    @Test
    void hashesAsSha256sumDoes() throws IOException {
        Path file = Files.writeString(folder.resolve("abc"), "abc");

        assertThat(FileDigest.of(file)).isEqualTo("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }
}
