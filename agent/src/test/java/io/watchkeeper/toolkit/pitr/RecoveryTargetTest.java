package io.watchkeeper.toolkit.pitr;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.watchkeeper.postgres.Lsn;
import io.watchkeeper.problem.OperatorException;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RecoveryTargetTest {

    private static final Clock CLOCK = Clock.fixed(Instant.parse("2026-11-21T15:00:00Z"), ZoneId.of("Asia/Seoul"));

    @ParameterizedTest
    @CsvSource({
        "2026-11-21T14:30:00Z, 2026-11-21T14:30:00Z",
        "2026-11-21 14:30:00+00, 2026-11-21T14:30:00Z",
        "2026-11-21 14:30:00.123456+00, 2026-11-21T14:30:00.123456Z",
        "2026-11-21 23:30:00 +09:00, 2026-11-21T14:30:00Z",
        "2026-11-21 23:30, 2026-11-21T14:30:00Z",
        "2026-11-21 23:30:05, 2026-11-21T14:30:05Z",
        "30 seconds ago, 2026-11-21T14:59:30Z",
        "5m ago, 2026-11-21T14:55:00Z"
    })
    void readsTimesAsPeopleWriteThem(String text, Instant time) {
        assertThat(RecoveryTarget.timestamp(text, CLOCK)).isEqualTo(new RecoveryTarget.AtTime(time));
    }

    @ParameterizedTest
    @ValueSource(strings = {"yesterday", "", "2026-13-01 00:00:00+00", "25:00", "soon ago", "2026-11-21"})
    void refusesWhatIsNoTime(String text) {
        assertThatThrownBy(() -> RecoveryTarget.timestamp(text, CLOCK))
                .isInstanceOf(OperatorException.class)
                .hasMessageContaining("is not a time");
    }

    @Test
    void refusesTheFuture() {
        assertThatThrownBy(() -> RecoveryTarget.timestamp("2026-11-21T15:00:01Z", CLOCK))
                .hasMessageContaining("lies in the future");
    }

    @Test
    void readsPositionsAndNames() {
        assertThat(RecoveryTarget.lsn("0/8F3A2C10")).isEqualTo(new RecoveryTarget.AtLsn(new Lsn(0x8F3A2C10L)));
        assertThat(RecoveryTarget.name("before the upgrade").settings())
                .containsEntry("recovery_target_name", "before the upgrade");
        assertThatThrownBy(() -> RecoveryTarget.lsn("here")).hasMessageContaining("is not a position");
        assertThatThrownBy(() -> RecoveryTarget.lsn("0/0")).hasMessageContaining("is not a position");
        assertThatThrownBy(() -> RecoveryTarget.name(" ")).hasMessageContaining("cannot be the name");
        assertThatThrownBy(() -> RecoveryTarget.name("x".repeat(64))).hasMessageContaining("cannot be the name");
    }

    @Test
    void saysThemAsTheServerReadsThem() {
        assertThat(new RecoveryTarget.AtTime(Instant.parse("2026-11-21T14:30:00.5Z")).settings())
                .containsEntry("recovery_target_time", "2026-11-21 14:30:00.500000+00:00");
        assertThat(RecoveryTarget.LATEST.settings()).isEmpty();
    }
}
