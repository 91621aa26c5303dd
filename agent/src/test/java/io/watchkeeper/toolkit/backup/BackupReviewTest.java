package io.watchkeeper.toolkit.backup;

import static org.assertj.core.api.Assertions.assertThat;

import io.watchkeeper.protection.MadeUpProtection;
import io.watchkeeper.protection.Protection;
import io.watchkeeper.protection.ProtectionLimits;
import io.watchkeeper.review.Review;
import io.watchkeeper.review.ReviewFinding;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** What is said of a repository as it might be. */
class BackupReviewTest {

    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");

    private static Review review(Protection known) {
        return review(known, ProtectionLimits.USUAL);
    }

    private static Review review(Protection known, ProtectionLimits limits) {
        return new BackupReview(known, "shore", limits, NOW).review();
    }

    private static MadeUpProtection wellKept() {
        return new MadeUpProtection(NOW)
                .backup("shore", "base", Duration.ofHours(2))
                .drill("shore", Duration.ofDays(3), true, 1, 41)
                .archive("shore", Duration.ofSeconds(10))
                .backup("ship", "base", Duration.ofDays(100));
    }

    @Test
    void wellKeptDatabaseIsSaidInOneLineAndOthersDoNotMatter() {
        Review review = review(wellKept().build());
        assertThat(review.status()).isEqualTo("ok");
        assertThat(review.summary())
                .isEqualTo("newest good backup (base) 2 h old, restored and checked 3 d ago in 41 s,"
                        + " log archived to 2026-03-01T11:59:50Z");
        assertThat(review.rows()).extracting(row -> row.get("kind")).containsExactly("base", "drill", "archive");
    }

    @Test
    void limitsAreTheReadersOwn() {
        Protection known = wellKept().build();
        ProtectionLimits strict = new ProtectionLimits(Duration.ofMinutes(30), Duration.ofHours(1), Duration.ofDays(2));
        Review review = review(known, strict);
        assertThat(review.findings()).extracting(ReviewFinding::code).containsExactly("oldBackup", "oldDrill");
        assertThat(review.status()).isEqualTo("fail");
        assertThat(review.findings().get(1).message()).endsWith("was 3 d ago (limit 2 d)");
        assertThat(review.remedy()).contains("watchkeeper backup base --database shore");
    }

    @Test
    void databaseThatTheRepositoryDoesNotKnowHasNoBackup() {
        Review review = review(new MadeUpProtection(NOW)
                .backup("ship", "base", Duration.ofHours(2))
                .build());
        assertThat(review.status()).isEqualTo("fail");
        assertThat(review.failure())
                .hasValueSatisfying(e -> assertThat(e).hasMessageContaining("there is no good backup of shore"));
    }

    @Test
    void damageAndGapsFail() {
        Review review = review(new MadeUpProtection(NOW)
                .backup("shore", "base", Duration.ofHours(2))
                .backup("shore", "dump", Duration.ofHours(1), "a file is shorter")
                .archive("shore", Duration.ofHours(1), "2 segments are missing")
                .build());
        assertThat(review.findings())
                .extracting(ReviewFinding::code)
                .containsExactlyInAnyOrder("damagedBackup", "brokenArchive", "noDrill");
        assertThat(review.status()).isEqualTo("fail");
        assertThat(review.summary()).contains("never restored", "with gaps");
    }

    @Test
    void hostWithoutARepositoryDoesNotKnow() {
        assertThat(review(Protection.NONE).findings())
                .extracting(ReviewFinding::code)
                .containsExactly("noRepository");
        assertThat(review(Protection.NONE).status()).isEqualTo("warn");
    }
}
