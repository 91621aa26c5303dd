package io.watchkeeper.http.page;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The agent, as every page names it.
 *
 * @param configFile null before there is one
 * @param assetVersion changes when style or script change, so that browsers never mix old and new
 */
public record AgentView(
        String host,
        String role,
        String version,
        Instant startedAt,
        @Nullable String configFile,
        String runbookFolder,
        String assetVersion) {}
