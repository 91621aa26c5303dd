package io.watchkeeper.toolkit.pgbackrest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.toolkit.backup.Backup;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class StanzaVerificationTest {

    private static final Instant NOW = Instant.parse("2026-11-21T12:00:00Z");

    private static StanzaServer stanza;
    private static StanzaBackup first;
    private static StanzaBackup second;

    @BeforeAll
    static void start() {
        stanza = StanzaServer.start();
        stanza.program().create();
        first = stanza.backup(StanzaBackup.Type.FULL);
        stanza.execute("create table t as select generate_series(1, 100) n");
        second = stanza.backup(StanzaBackup.Type.FULL);
    }

    @AfterAll
    static void stop() {
        if (stanza != null) {
            stanza.close();
        }
    }

    @Test
    void findsADamagedFileAndMarksThatBackupAlone() throws Exception {
        StanzaCatalogue catalogue = stanza.entries();
        StanzaVerification.Findings whole = new StanzaVerification(stanza.program()).verify();
        catalogue.mark(whole, NOW);
        assertThat(whole.isWhole()).isTrue();
        assertThat(whole.files()).isGreaterThan(500);
        assertThat(catalogue.entries())
                .allMatch(entry -> NOW.equals(entry.status().verifiedAt()));

        Path file = stanza.find("backup/main/" + first.label() + "/pg_data/base/5", name -> name.startsWith("1259"));
        byte[] sound = Files.readAllBytes(file);
        damage(file);
        StanzaVerification.Findings found = new StanzaVerification(stanza.program()).verify();
        catalogue.mark(found, NOW);
        Files.write(file, sound);

        assertThat(found.damaged()).containsOnlyKeys(first.label());
        assertThat(found.damaged().get(first.label()))
                .anySatisfy(line -> assertThat(line).contains("base/5/1259"));
        assertThat(catalogue.damaged()).containsExactly(first.label());
        assertThat(catalogue.entries().get(1).isGood()).isTrue();
        catalogue.mark(new StanzaVerification(stanza.program()).verify(), NOW);
        assertThat(catalogue.damaged()).isEmpty();
    }

    @Test
    void missesASegmentThatPgBackRestItselfDoesNot() throws Exception {
        Path segment = stanza.find("archive/main/15-1", name -> name.startsWith(first.walStart() + "-"));
        byte[] sound = Files.readAllBytes(segment);
        Files.delete(segment);
        StanzaVerification.Findings found = new StanzaVerification(stanza.program()).verify();
        Files.write(segment, sound);
        stanza.give(segment);

        assertThat(found.damaged()).containsOnlyKeys(first.label());
        assertThat(found.damaged().get(first.label()))
                .containsExactly("it needs segment " + first.walStart() + ", which the archive does not have");
    }

    @Test
    void findsADamagedSegment() throws Exception {
        Path segment = stanza.find("archive/main/15-1", name -> name.startsWith(second.walStop() + "-"));
        byte[] sound = Files.readAllBytes(segment);
        damage(segment);
        StanzaVerification.Findings found = new StanzaVerification(stanza.program()).verify();
        Files.write(segment, sound);

        assertThat(found.gaps()).anySatisfy(line -> assertThat(line).contains(second.walStop()));
    }

    @Test
    void doesNotTakeAnUnreadableRepositoryForASoundOne() throws Exception {
        Path info = stanza.find("backup/main", name -> name.equals("backup.info"));
        Path copy = info.resolveSibling("backup.info.copy");
        byte[] sound = Files.readAllBytes(info);
        Files.delete(info);
        Files.delete(copy);
        try {
            assertThatThrownBy(() -> new StanzaVerification(stanza.program()).verify())
                    .isInstanceOf(OperatorException.class);
        } finally {
            Files.write(info, sound);
            Files.write(copy, sound);
            stanza.give(info);
            stanza.give(copy);
        }
    }

    @Test
    void entersWhatPgBackRestHoldsIntoTheCatalogue() {
        stanza.entries();
        StanzaCatalogue catalogue = stanza.entries();

        assertThat(catalogue.entries()).extracting(Backup::id).containsExactly(first.label(), second.label());
        Backup entry = catalogue.entries().get(0);
        assertThat(entry.state().provider()).isEqualTo("pgbackrest");
        assertThat(entry.state().bytes()).isEqualTo(first.newRepoBytes());
        assertThat(entry.manifest().startLsn()).isEqualTo(first.start());
        assertThat(entry.manifest().timeline()).isEqualTo(1);
        assertThat(entry.manifest().majorVersion()).isEqualTo(15);
        assertThat(entry.manifest().systemId()).isNotZero();
    }

    /** More than a byte: a compressed file has some that do not matter. */
    private static void damage(Path file) throws Exception {
        try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "rw")) {
            open.seek(Math.min(300, file.toFile().length() / 2));
            open.write("this was not written by pgBackRest".getBytes(StandardCharsets.US_ASCII));
        }
    }
}
