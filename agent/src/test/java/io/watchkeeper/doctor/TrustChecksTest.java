package io.watchkeeper.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import io.watchkeeper.audit.Anchor;
import io.watchkeeper.audit.AuditDamage;
import io.watchkeeper.audit.AuditVerdict;
import io.watchkeeper.files.RevocationLists;
import io.watchkeeper.testing.TestAuthority;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the doctor says of the audit trail, of the file of tokens and of migrations. */
class TrustChecksTest {

    private static final Instant NOW = Instant.parse("2026-11-21T03:00:00Z");
    private static final Clock CLOCK = Clock.fixed(NOW, ZoneOffset.UTC);

    @TempDir
    Path folder;

    private static List<Finding> trail(
            long entries, long bytes, @Nullable Instant anchored, @Nullable AuditDamage damage) {
        Anchor head = new Anchor(entries, "f".repeat(64));
        AuditVerdict verdict = new AuditVerdict(entries, 1, head, List.of(), damage);
        AuditSummary summary = new AuditSummary(verdict, NOW.minus(Duration.ofDays(30)), bytes, anchored, null);
        return new AuditCheck(() -> Optional.of(summary), CLOCK).examine();
    }

    @Test
    void theTrailIsToldInOneLine() {
        assertThat(trail(1_204, 600_000, NOW.minus(Duration.ofMinutes(20)), null))
                .singleElement()
                .satisfies(finding -> {
                    assertThat(finding.level()).isEqualTo(Finding.Level.GREEN);
                    assertThat(finding.text())
                            .contains("1204 entries since 2026-10-22T03:00:00Z", "verified just now", "newest anchor");
                });
    }

    @Test
    void damageIsRedAndAMissingOrOldAnchorAndAHugeTrailAreAmber() {
        AuditDamage damage = new AuditDamage(7, AuditDamage.Kind.CHANGED, "entry 7 was changed");
        assertThat(trail(10, 1, NOW, damage)).extracting(Finding::level).containsExactly(Finding.Level.RED);
        assertThat(trail(10, 1, null, null)).extracting(Finding::level).contains(Finding.Level.AMBER);
        assertThat(trail(10, 1, NOW.minus(Duration.ofDays(5)), null))
                .extracting(Finding::level)
                .contains(Finding.Level.AMBER);
        assertThat(trail(10, 5L << 30, NOW, null)).extracting(Finding::level).contains(Finding.Level.AMBER);
    }

    @Test
    void aDamagedFileOfTokensIsRedWithItsLine() throws IOException {
        Path file = Files.writeString(folder.resolve("tokens"), "# mine\nnot json\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));

        assertThat(new TokensCheck(file, CLOCK).examine()).singleElement().satisfies(finding -> {
            assertThat(finding.level()).isEqualTo(Finding.Level.RED);
            assertThat(finding.text()).contains("no token of the file is taken", file + ":2");
        });
    }

    @Test
    void aRevocationListIsAmberBeforeAndRedAfterItRunsOut() throws IOException {
        Path file = folder.resolve("clients.crl");
        Files.writeString(folder.resolve("index.txt"), "");
        Files.writeString(folder.resolve("number"), "01\n");
        Files.writeString(
                folder.resolve("ca.cnf"),
                "[ca]\ndefault_ca=d\n[d]\ndatabase=index.txt\ncrlnumber=number\ndefault_md=sha256\ndefault_crl_days=3\n");
        String command = "ca -config ca.cnf -cert ca.crt -keyfile ca.key -gencrl -out clients.crl";
        new TestAuthority(folder).openssl(command.split(" ", -1));
        Instant end = Objects.requireNonNull(RevocationLists.terms(file).get(0).end());

        assertThat(level(file, end.minus(Duration.ofDays(2)))).isEqualTo(Finding.Level.GREEN);
        assertThat(level(file, end.minus(Duration.ofHours(7)))).isEqualTo(Finding.Level.AMBER);
        assertThat(level(file, end.plusSeconds(1))).isEqualTo(Finding.Level.RED);
        Files.writeString(file, "no list");
        assertThat(level(file, end)).isEqualTo(Finding.Level.RED);
    }

    private static Finding.Level level(Path revocations, Instant now) {
        return new RevocationsCheck(revocations, Clock.fixed(now, ZoneOffset.UTC))
                .examine()
                .get(0)
                .level();
    }

    @Test
    void tokensThatEndAreNamedBefore() throws IOException {
        String digest = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a0";
        Path file = folder.resolve("tokens");
        Files.writeString(
                file,
                line("gone", digest + "1", "2026-11-20")
                        + line("soon", digest + "2", "2026-11-24")
                        + line("later", digest + "3", "2027-11-24"));
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));

        assertThat(new TokensCheck(file, CLOCK).examine())
                .extracting(Finding::text)
                .hasSize(3)
                .anyMatch(text -> text.endsWith("3 tokens"))
                .anyMatch(text -> text.contains("token gone has expired"))
                .anyMatch(text -> text.contains("token soon expires soon"));
    }

    private static String line(String name, String digest, String end) {
        return "{\"name\":\"" + name + "\",\"sha256\":\"" + digest
                + "\",\"scopes\":[\"run\"],\"created\":\"2026-01-01T00:00:00Z\",\"expires\":\"" + end
                + "T00:00:00Z\"}\n";
    }

    @Test
    void migrationsThatOthersCouldHaveWrittenAreRed() throws IOException {
        Path project = folder.resolve("migrations");
        Files.createDirectories(project.resolve("deploy"));
        Files.writeString(project.resolve("sqitch.plan"), "%project=p\n");
        Path script = Files.writeString(project.resolve("deploy/a.sql"), "select 1;\n");
        assertThat(new MigrationsCheck(project).examine())
                .extracting(Finding::level)
                .containsExactly(Finding.Level.GREEN);
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rw-rw-rw-"));

        assertThat(new MigrationsCheck(project).examine()).singleElement().satisfies(finding -> {
            assertThat(finding.level()).isEqualTo(Finding.Level.RED);
            assertThat(finding.text()).contains(script.toString(), "every user of this host can write to it");
            assertThat(finding.hint()).contains("chmod o-w " + script);
        });
    }
}
