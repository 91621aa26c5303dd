package io.watchkeeper.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.watchkeeper.files.RevocationLists;
import io.watchkeeper.postgres.ServerUpkeep;
import io.watchkeeper.runbook.RunbookRegistry;
import io.watchkeeper.testing.TestAuthority;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What of a host may run out: room, certificates, transaction ids. */
class HostCollectorsTest {

    @TempDir
    Path folder;

    private final RunMetrics metrics = new RunMetrics(new RunbookRegistry(), "test", Map.of());

    @Test
    void tellsTheRoomAlsoOfAFolderThatIsNotThereYet() throws Exception {
        metrics.watchDisks(Map.of("state", folder, "backups", folder.resolve("later")));
        double size = Files.getFileStore(folder).getTotalSpace();
        assertThat(value("watchkeeper_disk_size_bytes{folder=\"state\"}")).isEqualTo(size);
        assertThat(value("watchkeeper_disk_size_bytes{folder=\"backups\"}")).isEqualTo(size);
        assertThat(value("watchkeeper_disk_free_bytes{folder=\"backups\"}")).isBetween(1.0, size);
    }

    @Test
    void tellsWhenTheFirstCertificateOfAFileEndsAndFollowsARenewal() throws Exception {
        TestAuthority authority = new TestAuthority(folder);
        Path file = folder.resolve("used.pem");
        Files.copy(authority.issue("long", "shore", "DNS:localhost", 90), file);
        metrics.watchCertificates(Map.of("http", file));
        assertThat(daysLeft()).isBetween(89.0, 90.1);

        Files.writeString(
                file, Files.readString(file) + Files.readString(authority.issue("short", "shore", "DNS:localhost", 5)));
        assertThat(daysLeft()).isBetween(4.0, 5.1);
    }

    @Test
    void aCertificateThatCannotBeReadHasEnded() throws Exception {
        metrics.watchCertificates(Map.of("http", folder.resolve("absent.pem")));
        assertThat(page()).contains("watchkeeper_certificate_expiry_timestamp_seconds{use=\"http\"} 0.0\n");
        Files.writeString(folder.resolve("absent.pem"), "-----BEGIN CERTIFICATE-----\nbroken\n");
        assertThat(page()).contains("watchkeeper_certificate_expiry_timestamp_seconds{use=\"http\"} 0.0\n");
    }

    @Test
    void tellsWhenTheFirstRevocationListOfAFileRunsOut() throws Exception {
        Path file = folder.resolve("clients.crl");
        metrics.watchCertificates(Map.of("http-clients-crl", file));
        String series = "watchkeeper_certificate_expiry_timestamp_seconds{use=\"http-clients-crl\"}";
        assertThat(value(series)).isZero();

        Files.writeString(folder.resolve("index.txt"), "");
        Files.writeString(folder.resolve("number"), "01\n");
        Files.writeString(
                folder.resolve("ca.cnf"),
                "[ca]\ndefault_ca=d\n[d]\ndatabase=index.txt\ncrlnumber=number\ndefault_md=sha256\n");
        new TestAuthority(folder)
                .openssl(
                        "ca",
                        "-config",
                        "ca.cnf",
                        "-cert",
                        "ca.crt",
                        "-keyfile",
                        "ca.key",
                        "-gencrl",
                        "-crldays",
                        "3",
                        "-out",
                        file.toString());
        Instant end = Instant.ofEpochSecond((long) value(series));
        assertThat(Duration.between(Instant.now(), end)).isBetween(Duration.ofHours(71), Duration.ofHours(73));

        assertThat(RevocationLists.concerns(file, Instant.now())).isEmpty();
        assertThat(RevocationLists.concerns(file, end.minus(Duration.ofHours(7))))
                .singleElement()
                .asString()
                .contains("runs out at");
        assertThat(RevocationLists.concerns(file, end.plusSeconds(1)))
                .singleElement()
                .asString()
                .contains("ran out at", "open nothing");
        Files.writeString(file, "no list");
        assertThat(RevocationLists.concerns(file, Instant.now())).hasSize(1);
        assertThat(value(series)).isZero();
    }

    @Test
    void tellsOfTransactionIdsAndAutovacuum() {
        metrics.watchUpkeep(() -> List.of(
                new ServerUpkeep("shore", Instant.EPOCH, true, 1, 3, 0, null, 1_234_567, 200_000_000, List.of()),
                new ServerUpkeep("ship", Instant.EPOCH, false, 0, 3, 0, null, 5, 200_000_000, List.of())));
        assertThat(page())
                .contains(
                        "watchkeeper_transaction_id_age{database=\"shore\"} 1234567.0\n",
                        "watchkeeper_autovacuum_enabled{database=\"shore\"} 1.0\n",
                        "watchkeeper_autovacuum_enabled{database=\"ship\"} 0.0\n");
    }

    @Test
    void tellsHowTenantsStandAndNothingOfAProofThatNeverWas() {
        metrics.watchTenants(() -> List.of(
                new TenantStanding("shore", 7, 1, 2, Instant.ofEpochSecond(1_000_000_000)),
                new TenantStanding("other", 1, 0, 1, null)));
        assertThat(page())
                .contains(
                        "watchkeeper_tenants{database=\"shore\"} 7.0\n",
                        "watchkeeper_tenant_proofs_failed{database=\"shore\"} 1.0\n",
                        "watchkeeper_tenants_unproven{database=\"shore\"} 2.0\n",
                        "watchkeeper_tenant_proof_oldest_timestamp_seconds{database=\"shore\"} 1.0E9\n")
                .doesNotContain("watchkeeper_tenant_proof_oldest_timestamp_seconds{database=\"other\"}");
    }

    @Test
    void tellsHowRunbooksStand() {
        Instant at = Instant.ofEpochSecond(1_000_000_000);
        metrics.watchRunbooks(
                () -> List.of(
                        new RunbookStanding("a", true, false, at, at.minusSeconds(60), at.plusSeconds(1)),
                        new RunbookStanding("b", false, true, null, null, null)),
                () -> false);
        assertThat(page())
                .contains(
                        "watchkeeper_run_failing{runbook=\"a\"} 1.0\n",
                        "watchkeeper_run_failing{runbook=\"b\"} 0.0\n",
                        "watchkeeper_runbook_paused{runbook=\"b\"} 1.0\n",
                        "watchkeeper_run_next_timestamp_seconds{runbook=\"a\"} 1.0E9\n",
                        "watchkeeper_run_due_timestamp_seconds{runbook=\"a\"} 9.9999994E8\n",
                        "watchkeeper_run_running_since_timestamp_seconds{runbook=\"a\"} 1.000000001E9\n",
                        "\nwatchkeeper_scheduler_alive 0.0\n")
                .doesNotContain("watchkeeper_run_due_timestamp_seconds{runbook=\"b\"}");
    }

    private double daysLeft() {
        Instant end =
                Instant.ofEpochSecond((long) value("watchkeeper_certificate_expiry_timestamp_seconds{use=\"http\"}"));
        return Duration.between(Instant.now(), end).toMinutes() / (24 * 60.0);
    }

    private double value(String series) {
        return page().lines()
                .filter(line -> line.startsWith(series + " "))
                .mapToDouble(line -> Double.parseDouble(line.substring(series.length() + 1)))
                .findFirst()
                .orElseThrow();
    }

    private String page() {
        return metrics.render("").body();
    }
}
