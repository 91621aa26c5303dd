package io.watchkeeper.toolkit.migrate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.watchkeeper.problem.OperatorException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What counts as a file of a project. */
class ProjectFilesTest {

    private Path outside;
    private MigrationRig rig;

    @BeforeEach
    void open(@TempDir Path folder) throws Exception {
        outside = Files.createDirectories(folder.resolve("outside"));
        rig = new MigrationRig(Files.createDirectories(folder.resolve("project")))
                .change("users", "create table users (id int);", "drop table users;");
    }

    @AfterEach
    void close() {
        rig.close();
    }

    @Test
    void refusesAScriptThatIsALinkOutOfTheProject() throws Exception {
        Path script = rig.project.resolve("deploy/users.sql");
        Files.move(script, outside.resolve("users.sql"));
        Files.createSymbolicLink(script, outside.resolve("users.sql"));

        assertThatThrownBy(() -> rig.plan(MigrationRig.to("users")))
                .isInstanceOf(OperatorException.class)
                .hasMessageContaining("leads out of the project");
        assertThatThrownBy(() -> rig.run(MigrationRig.to("users"))).hasMessageContaining("leads out of the project");
        assertThat(rig.schema(rig.shore())).isEmpty();
    }

    @Test
    void refusesAFolderThatIsALinkOutOfTheProject() throws Exception {
        Files.move(rig.project.resolve("deploy"), outside.resolve("deploy"));
        Files.createSymbolicLink(rig.project.resolve("deploy"), outside.resolve("deploy"));

        assertThatThrownBy(() -> rig.plan(MigrationRig.to("users"))).hasMessageContaining("leads out of the project");
    }

    @Test
    void followsALinkThatStaysInside() throws Exception {
        Path script = rig.project.resolve("deploy/users.sql");
        Files.move(script, rig.project.resolve("shared.sql"));
        Files.createSymbolicLink(script, rig.project.resolve("shared.sql"));

        assertThat(rig.run(MigrationRig.to("users")).changes()).hasSize(1);
    }

    @Test
    void refusesAChangeWhoseNameLeadsElsewhere() {
        rig.planLine("../../x 2026-11-01T00:00:00Z Ann <ann@example.com> # out");

        assertThatThrownBy(() -> rig.plan(MigrationRig.to("@HEAD"))).hasMessageContaining("lies outside of");
    }

    @Test
    void refusesBytesThatPsqlWouldReadInAnotherWay() throws Exception {
        Path script = rig.project.resolve("deploy/users.sql");
        byte[] latin = "BEGIN;\nselect 'x\u00e9';\nCOMMIT;\n".getBytes(java.nio.charset.StandardCharsets.ISO_8859_1);
        Files.write(script, latin);
        assertThatThrownBy(() -> rig.plan(MigrationRig.to("users"))).hasMessageContaining("not encoded in UTF-8");

        Files.writeString(script, "BEGIN;\nselect 'x\0';\nCOMMIT;\n");
        assertThatThrownBy(() -> rig.plan(MigrationRig.to("users"))).hasMessageContaining("a byte 0");
    }
}
