package io.watchkeeper.toolkit.pgbackrest;

import static org.assertj.core.api.Assertions.assertThat;

import io.watchkeeper.toolkit.backup.RetentionPolicy;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class StanzaExpiryTest {

    private static final Instant NOW = Instant.parse("2026-11-21T12:00:00Z");
    private static final RetentionPolicy LAST = new RetentionPolicy(null, null, 1, 1, Duration.ZERO);

    @Test
    @Tag("campaign")
    void expiresByThePolicyAndSparesWhatIsHeld() {
        try (StanzaServer stanza = StanzaServer.start()) {
            stanza.program().create();
            StanzaBackup first = stanza.backup(StanzaBackup.Type.FULL);
            StanzaBackup second = stanza.backup(StanzaBackup.Type.FULL);
            StanzaBackup dependent = stanza.backup(StanzaBackup.Type.INCR);
            StanzaBackup third = stanza.backup(StanzaBackup.Type.FULL);
            StanzaExpiry expiry = new StanzaExpiry(stanza.program(), LAST);
            stanza.entries();
            stanza.catalogue().status(first.label(), status -> status.withHeld("the audit"));
            Set<String> held = stanza.entries().held();

            StanzaExpiry.Expired dry = expiry.expire(Set.of(), held, NOW, true);
            assertThat(labels(stanza)).hasSize(4);
            assertThat(dry.expired())
                    .extracting(StanzaBackup::label)
                    .containsExactly(second.label(), dependent.label());
            assertThat(dry.spared()).containsExactly(first.label());

            StanzaExpiry.Expired held1 = expiry.expire(Set.of(), held, NOW, false);
            assertThat(held1.commands())
                    .anySatisfy(command -> assertThat(command).contains("--set=" + second.label()));
            assertThat(labels(stanza)).containsExactly(first.label(), third.label());
            assertThat(new StanzaVerification(stanza.program()).verify().isWhole())
                    .isTrue();
            assertThat(stanza.entries().entries()).hasSize(2);

            StanzaExpiry.Expired last = expiry.expire(Set.of(), Set.of(), NOW, false);
            assertThat(last.commands()).singleElement().asString().contains("--repo1-retention-full=1");
            assertThat(last.said())
                    .anySatisfy(line -> assertThat(line).contains("remove expired backup " + first.label()));
            assertThat(labels(stanza)).containsExactly(third.label());
            assertThat(stanza.program().info().archive(1).orElseThrow().first()).isEqualTo(third.walStart());
            assertThat(expiry.expire(Set.of(third.label()), Set.of(), NOW, false)
                            .expired())
                    .isEmpty();
        }
    }

    private static List<String> labels(StanzaServer stanza) {
        return stanza.program().info().backups().stream()
                .map(StanzaBackup::label)
                .toList();
    }
}
