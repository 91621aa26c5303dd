package io.watchkeeper.dsl;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NativeProviderTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "baseBackup('shore') { provider native }",
                "baseBackup('shore') { checkpoint fast; provider  native; verify true }",
                "expireBackups {\n    provider native\n    keep 7.days\n}",
                "verifyBackups { provider watchkeeper }"
            })
    void isWrittenAsTheWordThatGroovyKeepsForItself(String step) {
        assertThat(Loading.problemsOfStep(step)).isEmpty();
    }

    @Test
    void isLeftAloneWhereItIsNoWord() {
        assertThat(Loading.problemsOfStep(
                        "log.info 'the provider native is meant'; baseBackup('shore') { provider nativ }"))
                .hasSize(1)
                .allSatisfy(problem -> assertThat(problem).contains("nativ"));
    }
}
