package io.watchkeeper.toolkit.standby;

import static org.assertj.core.api.Assertions.assertThat;

import io.watchkeeper.testing.OtherProcess;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** An agent that is killed while it makes a standby leaves nothing that the next one could not go on with. */
class KilledProvisioningTest {

    /** Between these lies everything that is done. */
    private static final List<String> MOMENTS = List.of(
            "settings",
            "settings done",
            "role",
            "role done",
            "hba",
            "hba done",
            "slot",
            "slot done",
            "login",
            "copy",
            "copying",
            "copy done",
            "configure",
            "configure done",
            "start",
            "start done",
            "streaming");

    private StandbyRig rig;

    @BeforeEach
    void start() {
        rig = new StandbyRig(Map.of());
    }

    @AfterEach
    void stop() {
        rig.close();
    }

    @Test
    void theNextRunGoesOn() throws Exception {
        goesOnAfter(List.of("role done", "copying"));
    }

    @Test
    @Tag("campaign")
    void theNextRunGoesOnWhereverItWasKilled() throws Exception {
        goesOnAfter(MOMENTS);
    }

    @Test
    @Tag("campaign")
    void whatAKilledRunHasLeftIsUndone() throws Exception {
        for (String moment :
                List.of("settings done", "role done", "hba done", "slot done", "copying", "copy done", "start done")) {
            killAt(moment);
            rig.provisioner().undo(rig.plan());
            assertNothingLeft(moment);
        }
    }

    @Test
    @Tag("campaign")
    void theNextUndoGoesOnWhereverOneWasKilled() throws Exception {
        rig.provision(rig.plan());
        for (String moment : List.of("undo: server", "undo: files", "undo: primary", "undo: password")) {
            killAt(moment);
        }
        rig.provisioner().undo(rig.plan());
        assertNothingLeft("an undo that was killed");
    }

    private void goesOnAfter(List<String> moments) throws Exception {
        for (String moment : moments) {
            killAt(moment);
        }
        StandbyResult result = rig.provision(rig.plan());

        assertThat(result.isStreaming()).isTrue();
        assertThat(rig.ask("select count(*) from pg_replication_slots")).isEqualTo("1");
        assertThat(rig.ask("select count(*) from pg_roles where rolname like 'watchkeeper%'"))
                .isEqualTo("1");
        assertThat(Files.readString(rig.hba()))
                .containsOnlyOnce("# BEGIN standby ship")
                .endsWith(StandbyRig.HBA);
        assertThat(left()).containsExactlyInAnyOrder("ship", "ship.log", ".ship.pgpass");
        rig.provisioner().undo(rig.plan());
        assertNothingLeft("all of it");
    }

    private void killAt(String moment) {
        OtherProcess agent = OtherProcess.start(
                StandbyProcess.class,
                rig.primary.url("postgres"),
                rig.state.toString(),
                rig.data().toString(),
                String.valueOf(rig.port),
                moment);
        agent.kill();
    }

    private void assertNothingLeft(String moment) throws Exception {
        assertThat(rig.ask("select count(*) from pg_replication_slots"))
                .as(moment)
                .isEqualTo("0");
        assertThat(rig.ask("select count(*) from pg_roles where rolname like 'watchkeeper%'"))
                .as(moment)
                .isEqualTo("0");
        assertThat(Files.readString(rig.hba())).as(moment).isEqualTo(StandbyRig.HBA);
        assertThat(left()).as(moment).isEmpty();
        assertThat(rig.state.resolve("standbys/ship.json")).as(moment).doesNotExist();
    }

    /** What is beside the state directory. */
    private List<String> left() throws Exception {
        try (Stream<Path> all = Files.list(rig.home)) {
            return all.map(file -> file.getFileName().toString())
                    .filter(name -> !name.equals("state"))
                    .toList();
        }
    }
}
