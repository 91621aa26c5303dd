package io.watchkeeper.units;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class SecretTest {

    @Test
    void noPartOfASecretIsLeftThatBeginsWithAnother() {
        List<String> ends = List.of("-9x", "-8y", "-7z", "-6a", "-5b", "-4c", "-3d", "-2e");
        ends.forEach(end -> Secret.of("watermelon" + end));
        Secret.of("water");
        Secret.of("watermelon");

        assertThat(ends)
                .allSatisfy(end ->
                        assertThat(Secret.redact("it is watermelon" + end)).isEqualTo("it is " + Secret.REDACTED));
        assertThat(Secret.redact("water")).isEqualTo(Secret.REDACTED);
    }
}
