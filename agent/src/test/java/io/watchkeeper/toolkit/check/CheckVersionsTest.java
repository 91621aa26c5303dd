package io.watchkeeper.toolkit.check;

import static org.assertj.core.api.Assertions.assertThat;

import io.watchkeeper.review.Review;
import io.watchkeeper.testing.PostgresVersions;
import java.io.IOException;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every check on every version: what a server calls its columns is no concern of whoever asks. */
@Tag("campaign")
class CheckVersionsTest {

    private static PostgresVersions versions;

    @BeforeAll
    static void unpack() throws IOException {
        versions = new PostgresVersions();
    }

    @AfterAll
    static void remove() throws IOException {
        versions.close();
    }

    static Stream<Integer> majors() {
        return PostgresVersions.available().stream();
    }

    @ParameterizedTest
    @MethodSource("majors")
    void answersWithoutRightsAndWithThem(int major) throws Exception {
        try (CheckRig rig = CheckRig.on(versions.server(major))) {
            rig.execute("create table t (id serial primary key, n int); insert into t (n) values (1); analyze t");
            try (CheckRig blind = rig.as("blind")) {
                for (Check check : UsualChecks.all()) {
                    assertThat(blind.review(check).summary()).as(check.verb()).isNotEmpty();
                    Review review = rig.review(check);
                    // The host's own disk may be rather full.
                    assertThat(review.status())
                            .as("%s: %s", check.verb(), review.findings())
                            .isNotEqualTo("fail");
                    assertThat(review.summary()).as(check.verb()).isNotEmpty();
                }
            }
            assertThat(List.of(CheckpointCheck.USUAL, ReplicationConflictCheck.USUAL))
                    .allSatisfy(check -> assertThat(rig.review(check, CheckRig.NOW.plusSeconds(60))
                                    .status())
                            .isEqualTo("ok"));
        }
    }
}
