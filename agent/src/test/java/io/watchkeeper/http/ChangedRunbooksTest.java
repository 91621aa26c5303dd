package io.watchkeeper.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ChangedRunbooksTest {

    @ParameterizedTest
    @CsvSource({
        "abcd, abcd, 0",
        "abcd, aXcd, 1",
        "abcd, aXcY, 2",
        "abcd, abXXcd, 2",
        "abcd, ad, 2",
        "abcdef, aXcdYf, 2",
        "aaaa, aaaaa, 1",
        "abc, xyz, 3"
    })
    void countsLinesThatWereReplacedAddedOrTakenAway(String before, String now, int lines) {
        assertThat(ChangedRunbooks.count(letters(before), letters(now))).isEqualTo(lines);
    }

    private static List<String> letters(String text) {
        return List.of(text.split(""));
    }
}
