package io.watchkeeper.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class LsnTest {

    @Test
    void readsAndWritesPositionsAsPostgresDoes() {
        assertThat(Lsn.parse("0/8F3A2C10")).contains(new Lsn(0x8F3A2C10L));
        assertThat(Lsn.parse("1a/0").orElseThrow().toString()).isEqualTo("1A/0");
        assertThat(Lsn.parse("FFFFFFFF/FFFFFFFF").orElseThrow().toString()).isEqualTo("FFFFFFFF/FFFFFFFF");
        assertThat(Lsn.parse("8F3A2C10")).isEmpty();
        assertThat(Lsn.parse("0/123456789")).isEmpty();
    }

    @Test
    void orderAndDistanceCrossTheSegmentBorder() {
        Lsn before = new Lsn(0xFFFFFFF0L);
        Lsn after = new Lsn(0x1_00000010L);

        assertThat(before).isLessThan(after);
        assertThat(after.minus(before)).isEqualTo(32);
        assertThat(new Lsn(-1)).isGreaterThan(after);
    }
}
