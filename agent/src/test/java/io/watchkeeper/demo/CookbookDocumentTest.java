package io.watchkeeper.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** docs/cookbook.md names every recipe once, and none that is not there. {@link DslExamplesTest} and its neighbours run them. */
class CookbookDocumentTest {

    private static final Pattern LINK = Pattern.compile("\\]\\(\\.\\./((?:dsl-examples|runbooks)/[^)]+\\.groovy)\\)");

    @Test
    void namesEveryRecipeOnce() throws IOException {
        List<String> named = LINK.matcher(Files.readString(Path.of("..", "docs", "cookbook.md")))
                .results()
                .map((MatchResult link) -> link.group(1))
                .toList();

        assertThat(named).containsExactlyInAnyOrderElementsOf(recipes());
    }

    private static List<String> recipes() throws IOException {
        List<String> all = new ArrayList<>();
        for (String folder : List.of("dsl-examples", "runbooks")) {
            try (Stream<Path> files = Files.list(Path.of("..", folder))) {
                files.map(file -> folder + "/" + file.getFileName())
                        .filter(name -> name.endsWith(".groovy"))
                        .forEach(all::add);
            }
        }
        return all;
    }
}
