package io.watchkeeper.toolkit.migrate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.watchkeeper.problem.OperatorException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Migrations are run with the agent's rights, so that nobody else may have written them, or be able to. */
class MigrationTrustTest {

    private Path project;
    private MigrationRig rig;

    @BeforeEach
    void open(@TempDir Path folder) throws IOException {
        project = Files.createDirectories(folder.toRealPath().resolve("home/migrations"));
        rig = new MigrationRig(project)
                .change("users", "create table users (id int primary key);", "drop table users;");
    }

    @AfterEach
    void close() {
        rig.close();
    }

    private static void mode(Path path, String mode) throws IOException {
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(mode));
    }

    private static void giveAway(Path path) throws IOException {
        assumeThat(Files.getOwner(Path.of("/proc/self")).getName())
                .as("only root can give files away")
                .isEqualTo("root");
        Files.setOwner(
                path, path.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName("nobody"));
    }

    private void isRefused(String... words) throws Exception {
        assertThatThrownBy(() -> rig.plan(MigrationRig.to("users")))
                .isInstanceOfSatisfying(
                        OperatorException.class, e -> assertThat(e.hint()).containsAnyOf("chmod o-w", "chown -h"))
                .hasMessageContainingAll(words);
        assertThatThrownBy(() -> rig.run(MigrationRig.to("users"))).isInstanceOf(OperatorException.class);
        assertThat(rig.schema(rig.shore())).isEmpty();
    }

    @Test
    void aScriptThatEverybodyMayWriteIsNotRun() throws Exception {
        Path script = project.resolve("deploy/users.sql");
        mode(script, "rw-rw-rw-");

        isRefused(script.toString(), "every user of this host can write to it");
    }

    @Test
    void aPlanThatEverybodyMayWriteIsNotRead() throws Exception {
        mode(project.resolve("sqitch.plan"), "rw-rw-rw-");

        isRefused("sqitch.plan", "every user of this host can write to it");
    }

    @Test
    void aFolderInWhichEverybodyMayReplaceScriptsIsRefusedWhereverItIsOnTheWay() throws Exception {
        mode(project.resolve("revert"), "rwxrwxrwx");
        isRefused("every user of this host can replace files in '" + project.resolve("revert") + "'");
        mode(project.resolve("revert"), "rwxr-xr-x");
        Path above = project.resolveSibling("").toAbsolutePath();
        mode(above, "rwxrwxrwx");

        isRefused("every user of this host can replace files in '");
    }

    @Test
    void aScriptOfAnotherUserIsNotRun() throws Exception {
        Path script = project.resolve("deploy/users.sql");
        giveAway(script);

        isRefused(script.toString(), "belongs to user nobody");
    }

    @Test
    void aLinkToWhatAnotherUserCanReplaceIsNotFollowed() throws Exception {
        Path others = Files.createDirectories(project.resolve("others"));
        Path script = project.resolve("deploy/users.sql");
        Files.move(script, others.resolve("users.sql"));
        Files.createSymbolicLink(script, others.resolve("users.sql"));
        mode(others, "rwxrwxrwx");

        isRefused("every user of this host can replace files in '" + others + "'");
    }

    @Test
    void ownScriptsAreRunAlsoThroughALinkInsideTheProject() throws Exception {
        Path kept = Files.createDirectories(project.resolve("kept"));
        Path script = project.resolve("deploy/users.sql");
        Files.move(script, kept.resolve("users.sql"));
        Files.createSymbolicLink(script, kept.resolve("users.sql"));

        assertThat(rig.run(MigrationRig.to("users")).changes()).hasSize(1);
    }
}
