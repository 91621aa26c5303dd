package io.watchkeeper.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.watchkeeper.testing.TestHost;
import io.watchkeeper.toolkit.backup.Backup;
import io.watchkeeper.toolkit.backup.MadeUpRepository;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Backups are listed, checked, expired, held and released by commands. */
class BackupCommandsTest {

    @TempDir
    Path home;

    private TestHost host;
    private MadeUpRepository repository;
    private Backup old;
    private Backup newest;

    @BeforeEach
    void makeHost() {
        host = new TestHost(home);
        host.writeConfig("backups: { repository: " + home.resolve("repository") + " }\n");
        repository = new MadeUpRepository(home);
        repository.now = Instant.now();
        old = repository.base(Duration.ofDays(30), 3);
        repository.base(Duration.ofDays(2), 5);
        newest = repository.base(Duration.ofHours(3), 7);
    }

    @Test
    void listsShowsHoldsAndReleases() throws Exception {
        TestHost.Called hold = host.call("backup", "hold", old.id(), "--reason", "before the migration");
        assertThat(hold.exitStatus()).as(hold.err()).isZero();
        assertThat(host.call("backup", "list").out()).contains(old.id(), newest.id(), ": before the migration");
        JsonNode list = new ObjectMapper()
                .readTree(host.call("backup", "list", "--json").out());
        assertThat(list.findValuesAsText("id")).hasSize(3).first().isEqualTo(newest.id());
        assertThat(host.call("backup", "show", newest.id()).out())
                .contains("PostgreSQL 15.18", "startLsn", "not verified yet");
        JsonNode shown = new ObjectMapper()
                .readTree(host.call("backup", "show", old.id(), "--json").out());
        assertThat(shown.path("files")).hasSize(5);
        assertThat(shown.path("held").asText()).endsWith(": before the migration");
        assertThat(host.call("backup", "expire").out()).contains("0 backups");
        assertThat(host.call("backup", "release", old.id()).out()).contains("is released");
        assertThat(host.call("backup", "expire").out()).contains("1 backup and 0 segments of WAL removed");
        assertThat(old.folder()).doesNotExist();
    }

    @Test
    void aDryRunSaysWhyAndChangesNothing() {
        TestHost.Called expire = host.call("backup", "expire", "--dry-run", "--keep", "5d");
        assertThat(expire.exitStatus()).as(expire.err()).isZero();
        assertThat(expire.out())
                .contains("remove backup " + old.id(), "older than 5 d", "keep backup " + newest.id())
                .contains("Nothing was changed.");
        assertThat(old.folder()).exists();
    }

    @Test
    void damageExitsWithOne() throws Exception {
        assertThat(host.call("backup", "verify").exitStatus()).isZero();
        Files.writeString(newest.folder().resolve("data/PG_VERSION"), "16\n");
        TestHost.Called verify = host.call("backup", "verify", "--database", "shore");
        assertThat(verify.exitStatus()).isEqualTo(1);
        assertThat(verify.out()).contains("backup " + newest.id() + " is damaged: data/PG_VERSION", "HINT");
        assertThat(host.call("backup", "list").out()).contains("DAMAGED: data/PG_VERSION");
    }

    @Test
    void refusesWhatCannotBeMeant() {
        TestHost.Called none = host.call("backup", "expire", "--keep-at-least", "0");
        assertThat(none.exitStatus()).isEqualTo(2);
        assertThat(none.err()).contains("would give up the last good backup");
        TestHost.Called unknown = host.call("backup", "show", old.id() + "x");
        assertThat(unknown.exitStatus()).isNotZero();
        assertThat(unknown.err()).contains("there is no backup", "did you mean '" + old.id() + "'");
        host.writeConfig("");
        TestHost.Called unconfigured = host.call("backup", "list");
        assertThat(unconfigured.exitStatus()).isNotZero();
        assertThat(unconfigured.err()).contains("this host has no repository of backups", "HINT");
    }
}
