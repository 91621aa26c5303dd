package io.watchkeeper.toolkit.failover;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.watchkeeper.problem.OperatorException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SynchronousNamesTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "'' | ''",
                "a | FIRST 1 (a)",
                "'a, \"B c\"' | 'FIRST 1 (a, \"B c\")'",
                "2 (a,b, c) | 'FIRST 2 (a, b, c)'",
                "any 1 ( a , b ) | 'ANY 1 (a, b)'",
                "FIRST 1 (*) | FIRST 1 (*)",
                "ANY 2 (ship-7,\"an\"\"odd\",x) | 'ANY 2 (\"ship-7\", \"an\"\"odd\", x)'"
            })
    void readsAndWritesWhatServersTake(String setting, String written) {
        SynchronousNames names = SynchronousNames.parse(setting);

        assertThat(names).hasToString(written);
        assertThat(SynchronousNames.parse(names.toString())).isEqualTo(names);
    }

    @Test
    void capitalsMakeNoDifference() {
        assertThat(SynchronousNames.parse("Ship_7").means("ship_7")).isTrue();
        assertThat(SynchronousNames.parse("*").means("anything")).isTrue();
        assertThat(SynchronousNames.NONE.means("ship_7")).isFalse();
    }

    @Test
    void moreThanAreNamedCannotBeWaitedFor() {
        assertThatThrownBy(() -> SynchronousNames.any(2, List.of("a"))).isInstanceOf(OperatorException.class);
        assertThatThrownBy(() -> SynchronousNames.first(0, List.of("a"))).isInstanceOf(OperatorException.class);
    }
}
