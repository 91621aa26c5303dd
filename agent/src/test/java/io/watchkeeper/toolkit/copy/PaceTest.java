package io.watchkeeper.toolkit.copy;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** A host's usual number of workers counts where a copy does not say one, and changes nothing else about it. */
class PaceTest {

    @Test
    void aHostsWorkersCountWhereACopySaysNone() {
        Pace host = Pace.FREE.withUsualWorkers(3);

        assertThat(host.workersAskedFor()).isEqualTo(3);
        assertThat(host.withRateLimit(null).workersAskedFor()).isEqualTo(3);
        assertThat(host.withWorkers(5).workersAskedFor()).isEqualTo(5);
        assertThat(Pace.FREE.workersAskedFor()).isNull();
    }

    @Test
    void theyMakeNoCopyOneInChunks() {
        assertThat(CopyOptions.DEFAULT.withPace(Pace.FREE.withUsualWorkers(3)).inChunks())
                .isFalse();
        assertThat(CopyOptions.DEFAULT.withPace(Pace.FREE.withWorkers(3)).inChunks())
                .isTrue();
    }
}
