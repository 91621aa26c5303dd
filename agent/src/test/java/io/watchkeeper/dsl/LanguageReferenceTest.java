package io.watchkeeper.dsl;

import static org.assertj.core.api.Assertions.assertThat;

import io.watchkeeper.dsl.Vocabulary.BlockWords;
import io.watchkeeper.dsl.Vocabulary.Term;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class LanguageReferenceTest {

    private static final Path FILE = Path.of("").toAbsolutePath().endsWith("agent")
            ? Path.of("../docs/runbook-language.md")
            : Path.of("docs/runbook-language.md");

    @Test
    void isUpToDate() throws IOException {
        if (Boolean.getBoolean("reference.write")) {
            Files.writeString(FILE, LanguageReference.markdown());
        }

        assertThat(Files.readString(FILE))
                .as("renew it with: mvn test -pl agent -Dtest=LanguageReferenceTest -Dreference.write=true")
                .isEqualTo(LanguageReference.markdown());
    }

    static Stream<BlockWords> blocks() {
        return Vocabulary.LANGUAGE.blocks().stream();
    }

    @ParameterizedTest
    @MethodSource("blocks")
    void documentsEveryWordAndEveryValue(BlockWords block) {
        assertThat(block.doc().value()).endsWith(".");
        assertThat(block.terms()).isNotEmpty();
        for (Term term : block.terms().values()) {
            assertThat(term.doc().value()).as(block.name() + "." + term.name()).endsWith(".");
            assertThat(term.doc().example())
                    .as(block.name() + "." + term.name())
                    .contains(term.name());
        }
        assertThat(block.values().values()).allSatisfy(value -> {
            assertThat(value.doc().value()).endsWith(".");
            assertThat(block.terms()).containsKeys(value.doc().of());
        });
    }

    @ParameterizedTest
    @MethodSource("blocks")
    void hasNoWordThatGroovyWouldTakeForAMethodOfTheClosure(BlockWords block) {
        List<String> ofClosures = Stream.of(groovy.lang.Closure.class.getMethods())
                .map(m -> m.getName())
                .toList();

        assertThat(block.terms().keySet()).doesNotContainAnyElementsOf(ofClosures);
    }

    @Test
    void givesExamplesThatCompile() {
        for (BlockWords block : Vocabulary.LANGUAGE.blocks()) {
            for (Term term : block.terms().values()) {
                String text = Examples.inPlace(block, term);

                assertThat(Loading.problemsOf(text)).as(text).isEmpty();
            }
        }
    }
}
