package io.watchkeeper.dsl;

import io.watchkeeper.toolkit.pgbackrest.Stanza;
import org.jspecify.annotations.Nullable;

/** What {@code provider} stands for. @param stanza null for the agent itself */
public record BackupProvider(@Nullable Stanza stanza) {}
