package io.watchkeeper.packaging;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** What the generator writes and nobody needs; docs/dependency-updates.md says how it is taken out. */
class BillOfMaterialsTest {

    @Test
    void namesNoPlaceThatLibrariesAreUploadedToOrFetchedFrom() throws IOException {
        JsonNode bill = new ObjectMapper()
                .readTree(Path.of("..", "systemd", "watchkeeper.cdx.json").toFile());

        assertThat(bill.path("components")).isNotEmpty();
        assertThat(bill.findValues("externalReferences"))
                .isNotEmpty()
                .allSatisfy(references -> assertThat(references)
                        .noneMatch(one -> one.path("type").asText().startsWith("distribution")));
    }
}
