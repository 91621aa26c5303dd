package io.watchkeeper.toolkit.failover;

import static org.assertj.core.api.Assertions.assertThat;

import io.watchkeeper.postgres.DatabasePools;
import io.watchkeeper.postgres.DatabaseSettings;
import io.watchkeeper.postgres.LocalServer;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.review.Review;
import io.watchkeeper.review.ReviewFinding;
import io.watchkeeper.review.ReviewStatus;
import io.watchkeeper.testing.TestServers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** What is found in a real server's pg_hba.conf and passwords. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class AuthenticationReviewTest {

    private LocalServer server;
    private Path hba;
    private String original;

    @BeforeAll
    void start() throws Exception {
        server = TestServers.own(Map.of());
        hba = server.data().resolve("pg_hba.conf");
        original = Files.readString(hba);
    }

    @AfterEach
    void putBack() throws Exception {
        Files.writeString(hba, original);
    }

    @AfterAll
    void stop() {
        server.delete();
    }

    private Review review(String user, String... lines) throws Exception {
        Files.writeString(hba, original + String.join("\n", lines) + "\n");
        DatabaseSettings settings = new DatabaseSettings("shore", server.url("postgres"), user, null, 2, null, true);
        try (DatabasePools pools = new DatabasePools(List.of(settings))) {
            return new AuthenticationReview(pools.database("shore"), Work.unattended("test")).review();
        }
    }

    private static List<String> codes(Review review, ReviewStatus status) {
        return review.findings().stream()
                .filter(one -> one.status() == status)
                .map(ReviewFinding::code)
                .distinct()
                .toList();
    }

    @Test
    void aServerThatOnlyItsHostReachesHasLocalTrustAtMost() throws Exception {
        Review review = review("postgres");

        assertThat(review.status()).isEqualTo("warn");
        assertThat(codes(review, ReviewStatus.WARN)).containsExactly("localTrust");
        assertThat(review.accepting(Set.of("localTrust")).status()).isEqualTo("ok");
        assertThat(review.failure()).isEmpty();
    }

    @Test
    void trustForOtherHostsFailsAndNamesTheLine() throws Exception {
        Review review = review("postgres", "host all all 10.0.0.0/8 trust");

        assertThat(review.status()).isEqualTo("fail");
        ReviewFinding worst = review.findings().get(0);
        assertThat(worst.code()).isEqualTo("trust");
        int line = (original + "x").split("\n").length;
        assertThat(worst.message()).contains("pg_hba.conf:" + line, "host all all 10.0.0.0/8 trust");
        assertThat(worst.remedy()).contains("scram-sha-256", "pg_reload_conf");
        assertThat(review.failure()).hasValueSatisfying(e -> assertThat(e).hasMessageContaining("no proof"));
        assertThat(codes(review, ReviewStatus.WARN)).contains("noTls", "ssl");
    }

    @Test
    void eachWeakMethodIsItsOwnFinding() throws Exception {
        Review review = review(
                "postgres",
                "host all all 192.168.0.0/16 password",
                "hostssl all all 192.168.0.0/16 password",
                "hostssl replication all 10.1.0.0/16 md5",
                "host all all 10.2.0.0/16 ident",
                "hostssl all all 0.0.0.0/0 scram-sha-256",
                "hostssl app app 10.3.0.0/16 scram-sha-256",
                "hostssl app app 10.4.0.0/16 cert",
                "host all all 0.0.0.0/0 reject");

        assertThat(codes(review, ReviewStatus.FAIL)).containsExactlyInAnyOrder("plaintextPassword", "ident");
        assertThat(codes(review, ReviewStatus.WARN))
                .containsExactlyInAnyOrder(
                        "hbaError", "localTrust", "plaintextPassword", "md5", "noTls", "anyAddress", "ssl");
        assertThat(review.toString()).doesNotContain("10.3.0.0").doesNotContain("reject");
    }

    @Test
    void aLineTheServerCannotReadFails() throws Exception {
        Review review = review("postgres", "host all all 10.0.0.0/8 scarm");

        assertThat(codes(review, ReviewStatus.FAIL)).containsExactly("hbaError");
        assertThat(review.findings().get(0).message()).contains("scarm", "rules it had before");
    }

    @Test
    void passwordsStoredAsMd5AreNamed() throws Exception {
        TestServers.execute(
                server, "postgres", "set password_encryption = 'md5'; create role old_one login password 'quiet'");
        TestServers.execute(server, "postgres", "alter role postgres set password_encryption = 'md5'");
        try {
            Review review = review("postgres");
            assertThat(codes(review, ReviewStatus.WARN)).contains("md5Passwords", "passwordEncryption");
            assertThat(review.toString()).contains("old_one").doesNotContain("quiet");
        } finally {
            TestServers.execute(server, "postgres", "alter role postgres reset all; drop role old_one");
        }
    }

    @Test
    void whatTheRoleMayNotSeeIsSaidAndNotTakenForWell() throws Exception {
        TestServers.execute(server, "postgres", "create role onlooker login");
        try {
            Review review = review("onlooker", "host all all 10.0.0.0/8 trust");
            assertThat(review.status()).isEqualTo("warn");
            assertThat(review.remedy().toString())
                    .contains("GRANT SELECT ON pg_hba_file_rules TO onlooker", "GRANT pg_monitor TO onlooker");
        } finally {
            TestServers.execute(server, "postgres", "drop role onlooker");
        }
    }
}
